import { count, formatBytes } from '../../shared/format.ts';
import type { PairId, SyncPair, SyncRun } from '../../shared/sync.ts';
import { UsageError } from './arguments.ts';
import { dateText, printable } from './text.ts';

/** Pairs and their runs in words, and how a pair is named on the command line: for all `replug sync` commands. */

/** The pair with this name, or whose id begins with `text`. Throws a `UsageError` when there is none, or several. */
export function findPair(pairs: readonly SyncPair[], text: string): SyncPair {
  const found = pairs.filter((pair) => pair.name === text || (text !== '' && pair.id.startsWith(text)));
  const [only, ...others] = found;
  if (only === undefined) throw new UsageError(`There is no pair ${text}. “replug sync list” shows them.`);
  if (others.length > 0)
    throw new UsageError(`${text} may be several pairs: ${found.map((pair): PairId => pair.id).join(', ')}.`);
  return only;
}

/** A pair in one line: its name, where it copies from and to, and what is unusual about it. */
export function describe(pair: SyncPair): string {
  const phone = `${pair.deviceName}, ${pair.storageName}:${pair.phone}`;
  const [from, to] = pair.direction === 'to-computer' ? [phone, pair.local] : [pair.local, phone];
  const more = [pair.automatic ? 'by itself when plugged in' : '', pair.deletions === 'mirror' ? 'deletions too' : ''];
  const told = more.filter((text) => text !== '').join(', ');
  return `“${printable(pair.name)}”: ${printable(from)} → ${printable(to)}${told === '' ? '' : ` (${told})`}`;
}

/** A run's end, with what it did; also of one that has none yet, or whose process died before it could say. */
export function runText(run: SyncRun | undefined): string {
  if (run === undefined) return 'Never run.';
  const when = dateText(run.startedAt);
  const parts = [
    `${count(run.filesMoved, 'file')} copied (${formatBytes(run.bytesMoved)})`,
    run.filesRenamed > 0 ? `${run.filesRenamed} renamed` : '',
    run.filesDeleted > 0 ? `${run.filesDeleted} deleted` : '',
    run.filesKept > 0 ? `${run.filesKept} not deleted` : '',
    run.filesFailed > 0 ? `${run.filesFailed} failed` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
  switch (run.state) {
    case 'running':
      return `A run began ${when}.`;
    case 'interrupted':
    case 'stopped': {
      const how = run.state === 'stopped' ? 'was stopped' : 'was interrupted';
      // one that died could not say what it had done
      const done = run.filesMoved > 0 || run.finishedAt !== undefined ? ` after ${parts}` : '';
      // ended by a later one, or cancelled: there is nothing left of it
      return `Run of ${when} ${how}${done}${run.finishedAt === undefined ? '; it goes on with the next run' : ''}.`;
    }
    case 'done':
      return `Last run ${when}: ${parts}.`;
    case 'failed':
      return `Last run ${when} failed in part: ${parts}.`;
  }
}
