import { describeProblem } from './errors.ts';
import type { ComparedCopy, VerifyCounts, VerifyHint } from './verify.ts';
import { commas, enumerated } from './words/locale.ts';
import { commonWords } from './words/made/common.ts';

/** What a verification found, in words, for window and terminal alike. */

/** How many files compare how: `the same: 997, different: 2`. */
export function summaryOfCopies({ states }: VerifyCounts): string {
  const words = commonWords.verify;
  const parts = enumerated([
    [states.same, words.same],
    [states.content + states.size + states.date + states.kind, words.different],
    [states['missing-on-phone'], words.missingOnPhone],
    [states['missing-here'], words.missingHere],
    [states.unreadable, words.unreadable],
  ]);
  return parts.length === 0 ? words.nothing : commas(parts);
}

/** How one file differs; `dateText` writes its dates. */
export function differenceWords(copy: ComparedCopy, dateText: (instant: number | undefined) => string): string {
  const words = commonWords.verify;
  const { local, phone, problem } = copy;
  switch (copy.state) {
    case 'same':
      return words.same({ count: 1 });
    case 'content':
      return words.tellContent;
    case 'size':
      return words.tellSize({ here: formatSize(local?.size), there: formatSize(phone?.size) });
    case 'date':
      return words.tellDate({ here: dateText(local?.modified), there: dateText(phone?.modified) });
    case 'kind':
      return words.tellKind;
    case 'missing-on-phone':
      return words.tellMissingOnPhone;
    case 'missing-here':
      return words.tellMissingHere;
    case 'unreadable': {
      const { what, remedy } = describeProblem(problem ?? { kind: 'internal', operation: 'verify', detail: '' });
      return `${what} ${remedy}`;
    }
  }
}

/** Exact where a rounded size could be equal on both sides. */
const formatSize = (size = 0): string => commonWords.size.bytes({ count: size });

/** What the counts alone do not tell. */
export function verifyNotes(
  { states, undated, sizeOnly }: VerifyCounts,
  hint: VerifyHint | undefined,
): readonly string[] {
  const words = commonWords.verify;
  return [
    ...enumerated([
      [undated, words.undated],
      [sizeOnly, words.sizeOnly],
    ]),
    ...(states.date > 0 ? [words.dates] : []),
    ...(hint === undefined ? [] : [words.hint({ path: hint.path })]),
  ];
}
