import type { IdentityCandidate, IdentityQuestion } from '../../shared/snapshots.ts';
import { dateAndTime } from './words.ts';
import { commas, isolated, list } from '../../shared/words/locale.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** What is asked about one phone that something waits for, and what is known of it. */
export function identityWords(
  { name }: Pick<IdentityQuestion, 'name'>,
  { name: other, maker, storages, lastSeen, transfers, pairs }: IdentityCandidate,
): { readonly title: string; readonly facts: string } {
  const words = windowWords.identity;
  const waiting = [
    ...(transfers.length > 0 ? [words.transfers({ count: transfers.length, names: firstOf(transfers) })] : []),
    ...(pairs.length > 0 ? [words.pairs({ count: pairs.length, names: firstOf(pairs) })] : []),
  ];
  const known = [maker, ...storages].filter((part) => part !== '');
  return {
    title: words.title({ other, name }),
    facts: [
      words.waiting({ what: list(waiting) }),
      ...(known.length === 0 ? [] : [commas(known.map(isolated))]),
      words.lastSeen({ when: dateAndTime(lastSeen) }),
    ].join(' · '),
  };
}

const firstOf = (names: readonly string[]): string =>
  names.length <= 2
    ? commas(names.map(isolated))
    : commonWords.count.more({ names: commas(names.slice(0, 2).map(isolated)), count: names.length - 2 });
