import type { ConflictRule } from '../../../shared/domain.ts';
import type { AnswerChoice, ConflictSide } from '../../../shared/snapshots.ts';

/** What to do with a file that is already there. */
export type ConflictDecision = 'skip' | 'replace' | 'keep-both' | 'ask' | 'compare';

/** Two seconds: FAT stores even seconds. */
export const SAME_TIME_MS = 2_000;

/**
 * What becomes of a source whose name is taken, by the user's answer for this file, else by the rule. `compare`: the
 * sizes agree, so it is skipped where the contents do too, and asked about where they do not.
 */
export function applyConflictRule(
  rule: ConflictRule,
  answer: AnswerChoice | undefined,
  source: ConflictSide,
  existing: ConflictSide,
): ConflictDecision {
  if (answer === 'skip' || answer === 'replace' || answer === 'keep-both') return answer;
  switch (rule) {
    case 'skip':
    case 'replace':
    case 'keep-both':
      return rule;
    case 'newer':
      if (source.modified === undefined || existing.modified === undefined) return 'skip';
      return source.modified > existing.modified + SAME_TIME_MS ? 'replace' : 'skip';
    case 'larger':
      return source.size > existing.size ? 'replace' : 'skip';
    case 'skip-identical':
      return source.size === existing.size ? 'compare' : 'ask';
    case 'ask':
      return 'ask';
  }
}
