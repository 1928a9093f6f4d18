import { describeProblem } from '../../shared/errors.ts';
import type { SyncAction, SyncPairView, SyncPreview, SyncRun } from '../../shared/sync.ts';
import { ago, bytes, counted } from './words.ts';

/** What the Sync page says. Pure. */

export interface Said {
  readonly text: string;
  readonly tone: 'quiet' | 'good' | 'attention' | 'bad';
}

export function pairStatus({ activity, counts, lastRun, ready, pair }: SyncPairView, now: number): Said {
  switch (activity.kind) {
    case 'soon':
      return { text: 'Begins in a moment', tone: 'attention' };
    case 'scanning':
      return { text: `Looking: ${counted(activity.files, 'file')} so far`, tone: 'quiet' };
    case 'copying':
      return { text: `Copying ${counted(counts.pending, 'file')}; the list of transfers shows how far`, tone: 'quiet' };
    case 'finishing':
      return { text: 'Finishing', tone: 'quiet' };
    case 'idle':
      break;
  }
  if (lastRun === undefined)
    return { text: ready ? 'Never run yet' : `Never run yet. Plug in ${pair.deviceName}.`, tone: 'quiet' };
  return runStatus(lastRun, now);
}

export function runStatus(run: SyncRun, now: number): Said {
  const when = ago(run.finishedAt ?? run.startedAt, now);
  const what = [
    run.filesMoved > 0 ? `${counted(run.filesMoved, 'file')} copied (${bytes(run.bytesMoved)})` : 'Nothing new',
    run.filesRenamed > 0 ? `${run.filesRenamed} renamed` : '',
    run.filesDeleted > 0 ? `${run.filesDeleted} deleted` : '',
    run.filesFailed > 0 ? `${run.filesFailed} failed` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
  switch (run.state) {
    case 'done':
      return { text: `${what}, ${when}`, tone: run.filesMoved > 0 ? 'good' : 'quiet' };
    case 'failed':
      return {
        text: run.problem === undefined ? `${what}, ${when}` : `${describeProblem(run.problem).what} (${when})`,
        tone: 'bad',
      };
    case 'running':
    case 'interrupted':
    case 'stopped':
      return { text: `Not finished (${when}): ${what}. The next run goes on.`, tone: 'attention' };
  }
}

export function previewWords(preview: SyncPreview): string {
  const parts = [
    preview.copy.files > 0 ? `${counted(preview.copy.files, 'file')} to copy (${bytes(preview.copy.bytes)})` : '',
    preview.rename > 0 ? `${preview.rename} to rename` : '',
    preview.delete.files > 0 ? `${preview.delete.files} to delete` : '',
    preview.skip > 0 ? `${preview.skip} skipped` : '',
    preview.adopted > 0 ? `${preview.adopted} there already` : '',
    `${preview.unchanged} unchanged`,
  ];
  return parts.filter((text) => text !== '').join(', ');
}

/** Why deletions wait, or undefined when they do not. */
export function heldWords({ delete: deletion }: SyncPreview): string | undefined {
  switch (deletion.hold.kind) {
    case 'none':
      return undefined;
    case 'ask':
      return `${counted(deletion.files, 'file')} would be deleted, ${Math.round(deletion.hold.share * 100)} % of all. Look at the list before you say yes.`;
    case 'never':
      return deletion.hold.why === 'empty'
        ? 'The source folder is empty, so nothing is deleted.'
        : 'The source folder could not be listed whole, so nothing is deleted.';
  }
}

export interface ActionGroup {
  readonly folder: string;
  readonly actions: readonly SyncAction[];
}

/** By folder, as a tree reads; within a folder in the order in which they go. */
export function groupActions(actions: readonly SyncAction[]): readonly ActionGroup[] {
  const groups = new Map<string, SyncAction[]>();
  for (const action of actions) {
    const folder = action.path.slice(0, Math.max(0, action.path.lastIndexOf('/')));
    const group = groups.get(folder);
    if (group === undefined) groups.set(folder, [action]);
    else group.push(action);
  }
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([folder, members]) => ({ folder, actions: members }));
}

export const actionWords = (action: SyncAction): string => {
  switch (action.kind) {
    case 'copy':
      switch (action.why) {
        case 'new':
          return 'new';
        case 'changed':
          return action.clash === 'keep-both' ? 'changed, both kept' : 'changed';
        case 'copy-missing':
          return 'copy is missing';
        case 'again':
          return 'again';
      }
      break;
    case 'skip':
      return `skipped: ${action.why}`;
    case 'rename':
      return `renamed from ${action.from}`;
    case 'delete':
      return 'delete the copy';
  }
};
