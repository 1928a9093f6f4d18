import type { IdentityCandidate, IdentityQuestion, StorageQuestion } from '../../shared/snapshots.ts';
import { spaceOf } from '../../shared/storages.ts';
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
  const known = [maker, ...storages].filter((part) => part !== '');
  return {
    title: words.title({ other, name }),
    facts: [
      words.waiting({ what: whatWaits({ transfers, pairs }) }),
      ...(known.length === 0 ? [] : [commas(known.map(isolated))]),
      words.lastSeen({ when: dateAndTime(lastSeen) }),
    ].join(' · '),
  };
}

/** What is asked about a storage that something waits for, and how each of those is called that it may be. */
export function storageWords(question: StorageQuestion): {
  readonly title: string;
  readonly facts: string;
  readonly candidates: readonly string[];
} {
  const { name, storageName: storage, candidates } = question;
  const words = windowWords.identity;
  return {
    title: candidates.length === 1 ? words.isStorage({ storage, name }) : words.whichStorage({ storage, name }),
    facts: words.storageWaiting({ what: whatWaits(question) }),
    candidates: candidates.map((candidate) => `${isolated(candidate.name)} · ${spaceOf(candidate)}`),
  };
}

function whatWaits({ transfers, pairs }: Pick<IdentityCandidate, 'transfers' | 'pairs'>): string {
  const words = windowWords.identity;
  return list([
    ...(transfers.length > 0 ? [words.transfers({ count: transfers.length, names: firstOf(transfers) })] : []),
    ...(pairs.length > 0 ? [words.pairs({ count: pairs.length, names: firstOf(pairs) })] : []),
  ]);
}

const firstOf = (names: readonly string[]): string =>
  names.length <= 2
    ? commas(names.map(isolated))
    : commonWords.count.more({ names: commas(names.slice(0, 2).map(isolated)), count: names.length - 2 });
