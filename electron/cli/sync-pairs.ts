import { formatBytes } from '../../shared/format.ts';
import type { PairId, SyncPair, SyncRun } from '../../shared/sync.ts';
import { UsageError } from './option-values.ts';
import { dateText, printable } from './text.ts';
import { commas, enumerated } from '../../shared/words/locale.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** Pairs and their runs in words, and how a pair is named on the command line: for all `replug sync` commands. */

/** The pair with this name, or whose id begins with `text`. Throws a `UsageError` when there is none, or several. */
export function findPair(pairs: readonly SyncPair[], text: string): SyncPair {
  const found = pairs.filter((pair) => pair.name === text || (text !== '' && pair.id.startsWith(text)));
  const [only, ...others] = found;
  if (only === undefined) throw new UsageError(terminalWords.usage.noPair({ pair: text }));
  if (others.length > 0)
    throw new UsageError(
      terminalWords.usage.severalPairs({ pair: text, ids: found.map((pair): PairId => pair.id).join(', ') }),
    );
  return only;
}

/** A pair in one line: its name, where it copies from and to, and what is unusual about it. */
export function describe(pair: SyncPair): string {
  const phone = `${pair.deviceName}, ${pair.storageName}:${pair.phone}`;
  const [from, to] = pair.direction === 'to-computer' ? [phone, pair.local] : [pair.local, phone];
  const words = terminalWords.sync;
  const more = commas([
    ...(pair.automatic ? [words.automatic] : []),
    ...(pair.deletions === 'mirror' ? [words.mirror] : []),
  ]);
  const told = { name: printable(pair.name), from: printable(from), to: printable(to) };
  return more === '' ? words.pair(told) : words.pairMore({ ...told, more });
}

/** A run's end, with what it did; also of one that has none yet, or whose process died before it could say. */
export function runText(run: SyncRun | undefined): string {
  const words = terminalWords.sync;
  if (run === undefined) return words.neverRun;
  const when = dateText(run.startedAt);
  const { renamed, deleted, notDeleted, failed } = commonWords.result;
  const what = commas([
    commonWords.sync.copied({ count: run.filesMoved, size: formatBytes(run.bytesMoved) }),
    ...enumerated([
      [run.filesRenamed, renamed],
      [run.filesDeleted, deleted],
      [run.filesKept, notDeleted],
      [run.filesFailed, failed],
    ]),
  ]);
  switch (run.state) {
    case 'running':
      return words.running({ when });
    case 'interrupted':
    case 'stopped': {
      // one that died could not say what it had done
      const hasSaid = run.filesMoved > 0 || run.finishedAt !== undefined;
      const told = hasSaid ? words[`${run.state}After`]({ when, what }) : words[run.state]({ when });
      // ended by a later one, or cancelled: there is nothing left of it
      return run.finishedAt === undefined ? `${told} ${words.continues}` : told;
    }
    case 'done':
      return words.done({ when, what });
    case 'failed':
      return words.partly({ when, what });
  }
}
