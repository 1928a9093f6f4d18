import type { SearchSnapshot } from '../../shared/catalogue.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Conditions of the search, each with a value that is understood; they are the same in every language. */
const EXAMPLES = {
  kind: 'kind:photo',
  size: 'size>100MB',
  date: 'date:2025-06',
  in: 'in:DCIM',
} as const;

/** One search for each condition, to learn from. */
export const EXAMPLE_SEARCHES: readonly (readonly [keyof typeof EXAMPLES, string])[] = [
  ['kind', EXAMPLES.kind],
  ['size', EXAMPLES.size],
  ['date', EXAMPLES.date],
  ['in', EXAMPLES.in],
];

/** Whether a condition is among what was typed, so that no name can be meant by it. */
export const hasConditions = (words: string): boolean => /(?:^|\s)(?:kind|size|date|in)\s*[:<>=]/iu.test(words);

/** What is said of a part of a search that was not understood. */
export function misreadWords(part: string): string {
  const name = /^[a-z]+/iu.exec(part)?.[0]?.toLowerCase() ?? '';
  const example = Object.entries(EXAMPLES).find(([one]) => one === name)?.[1] ?? EXAMPLES.size;
  return windowWords.find.misread({ part, example });
}

/** How many results there are, and whether there may be more. */
export function resultWords({ state, total }: Pick<SearchSnapshot, 'state' | 'total'>): string {
  return state === 'searching'
    ? windowWords.find.searching({ count: total })
    : windowWords.find.count({ count: total });
}
