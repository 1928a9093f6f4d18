import { count } from './format.ts';
import type { SyncKind, SyncPair, SyncRun } from './sync.ts';

/** A notification about a run. */
export interface SyncNews {
  readonly tone: 'plain' | 'bad';
  readonly title: string;
  readonly body: string;
}

/** The notification at the end of a run; `undefined` if the run is not over or found nothing new. */
export function newsOf(pair: SyncPair, { state, filesMoved, filesFailed, problem }: SyncRun): SyncNews | undefined {
  if (state === 'interrupted' || state === 'stopped' || state === 'running') return undefined;
  if (state === 'failed' && (filesFailed > 0 || problem !== undefined))
    return {
      tone: 'bad',
      title: `“${pair.name}” is not complete`,
      body:
        filesFailed > 0
          ? `${count(filesFailed, 'file')} failed and will be tried again. What arrived is safe.`
          : (problem?.fix ?? 'It will be tried again the next time.'),
    };
  if (filesMoved === 0) return undefined;
  const what = newFiles(filesMoved, pair.filters.kinds);
  return {
    tone: 'plain',
    title: pair.direction === 'to-computer' ? `${what} saved` : `${what} on ${pair.deviceName}`,
    body: `“${pair.name}”${pair.direction === 'to-computer' ? ` is in ${pair.local}` : ''}.`,
  };
}

function newFiles(files: number, kinds: readonly SyncKind[]): string {
  if (kinds.length === 1 && kinds[0] === 'photos') return count(files, 'new photo');
  const pictures = kinds.length > 0 && kinds.every((kind) => kind === 'photos' || kind === 'videos');
  return pictures ? count(files, 'new photo or video', 'new photos and videos') : count(files, 'new file');
}
