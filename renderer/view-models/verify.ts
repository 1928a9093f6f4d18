import type { Device } from '../../shared/domain.ts';
import { describeProblem, type Problem } from '../../shared/errors.ts';
import { differenceWords, summaryOfCopies, verifyNotes } from '../../shared/verify-words.ts';
import { isAllSame, type ComparedCopy, type VerificationSnapshot, type VerifyCounts } from '../../shared/verify.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { hindrance } from './devices.ts';
import { dateAndTime } from './words.ts';

/** What a comparison has found, in words. */

/** Files that are not the same. */
export const differencesIn = ({ states }: VerifyCounts): number =>
  Object.entries(states).reduce((sum, [state, count]) => (state === 'same' ? sum : sum + count), 0);

/** How it stands or ended: the sentence that is read out. */
export function stateWords(
  told: VerificationSnapshot | undefined,
  problem: Problem | undefined,
  device?: Device,
): string {
  const words = windowWords.verify;
  if (problem !== undefined) {
    const { what, remedy } = describeProblem(problem);
    return `${what} ${remedy}`;
  }
  if (told === undefined) return words.listing;
  const { progress, result } = told;
  const { counts, phase, files, filesTotal } = progress;
  if (result === undefined)
    switch (phase) {
      case 'listing':
        return words.listing;
      case 'away':
        return hindrance(device) ?? words.away;
      case 'comparing':
        return words.comparing({ done: files, all: filesTotal });
    }
  const found =
    result.ended === 'done' && isAllSame(counts) && counts.states.same > 0
      ? words.allSame({ count: counts.states.same })
      : summaryOfCopies(counts);
  switch (result.ended) {
    case 'done':
      return found;
    case 'stopped':
      return `${words.stopped} ${found}`;
    case 'away':
      return `${words.lost} ${found}`;
  }
}

/** How it ended, as a colour. */
export function toneOf(told: VerificationSnapshot | undefined): 'good' | 'bad' | undefined {
  if (told?.result?.ended !== 'done') return undefined;
  return isAllSame(told.progress.counts) ? 'good' : 'bad';
}

/** What the counts alone do not tell. */
export const notesOf = ({ progress, result }: VerificationSnapshot): readonly string[] =>
  verifyNotes(progress.counts, result?.hint);

/** How one file differs. */
export const howWords = (copy: ComparedCopy): string => differenceWords(copy, dateAndTime);

/** Share of it that is done, in percent: of the bytes, or of the files where these are all empty. */
export function shareOf({ files, filesTotal, bytes, bytesTotal }: VerificationSnapshot['progress']): number {
  const [done, all] = bytesTotal > 0 ? [bytes, bytesTotal] : [files, filesTotal];
  return all === 0 ? 0 : Math.min(100, Math.floor((100 * done) / all));
}

/** What was compared with what, and all that was found, to be pasted elsewhere. */
export function reportOf(
  sides: { readonly computer: string; readonly phone: string },
  told: VerificationSnapshot,
  copies: readonly ComparedCopy[],
): string {
  const words = windowWords.verify;
  const left = told.result === undefined ? 0 : differencesIn(told.progress.counts) - copies.length;
  return [
    `${words.computer}: ${sides.computer}`,
    `${words.phone}: ${sides.phone}`,
    stateWords(told, told.problem),
    ...notesOf(told),
    ...(copies.length === 0 ? [] : ['']),
    ...copies.map((copy) => `${copy.path}: ${howWords(copy)}`),
    ...(left > 0 ? [words.more({ count: left })] : []),
    '',
  ].join('\n');
}

/** Names of the levels, as a choice. */
export const levelOptions = () => {
  const { sampled, full } = windowWords.settings.verifyLevel;
  return [
    ['size', windowWords.verify.bySize],
    ['sampled', sampled],
    ['full', full],
  ] as const;
};
