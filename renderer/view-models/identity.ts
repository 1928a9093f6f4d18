import type { IdentityCandidate, IdentityQuestion } from '../../shared/snapshots.ts';
import { counted, dateAndTime } from './words.ts';

/** What is asked about one phone that something waits for, and what is known of it. */
export function identityWords(
  { name }: Pick<IdentityQuestion, 'name'>,
  { name: other, maker, storages, lastSeen, transfers, pairs }: IdentityCandidate,
): { readonly title: string; readonly facts: string } {
  const waiting = [
    transfers.length > 0 ? `${counted(transfers.length, 'transfer')} (${listed(transfers)})` : '',
    pairs.length > 0 ? `${counted(pairs.length, 'folder pair')} (${listed(pairs)})` : '',
  ].filter((part) => part !== '');
  const known = [maker, ...storages].filter((part) => part !== '').join(', ');
  return {
    title: `Is this the phone “${other}” from before? The one that is plugged in (“${name}”) has no serial number of its own.`,
    facts: [
      `Waiting for it: ${waiting.join(' and ')}`,
      ...(known === '' ? [] : [known]),
      `last seen ${dateAndTime(lastSeen)}`,
    ].join(' · '),
  };
}

const listed = (names: readonly string[]): string =>
  names.length <= 2 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
