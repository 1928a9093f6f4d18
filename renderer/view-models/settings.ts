import type { ConflictRule, VerifyLevel } from '../../shared/domain.ts';

/** Conflict rules as the settings name them. */
export const CONFLICT_NAMES: Readonly<Record<ConflictRule, string>> = {
  ask: 'Ask me',
  skip: 'Skip the new one',
  replace: 'Replace the old one',
  'keep-both': 'Keep both',
  newer: 'Keep the newer',
  larger: 'Keep the larger',
  'skip-identical': 'Skip if it is the same, else ask',
};

/** Verify levels as the settings name them. */
export const VERIFY_NAMES: Readonly<Record<VerifyLevel, string>> = {
  size: 'By size',
  sampled: 'By samples',
  full: 'Byte by byte',
};
