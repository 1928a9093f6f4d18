import { describeProblem } from '../../shared/errors.ts';
import type { SyncAction, SyncCounts, SyncFile, SyncPairView, SyncPreview, SyncRun } from '../../shared/sync.ts';
import { formatDuration } from '../../shared/format.ts';
import { nextRunWords } from '../../shared/sync-next.ts';
import { ago, bytes, counted, number } from './words.ts';

/** What the Sync page says. Pure. */

export interface Said {
  readonly text: string;
  readonly tone: 'quiet' | 'good' | 'attention' | 'bad';
}

/** What a pair does or last did, in one line; `now` in milliseconds. */
export function pairStatus({ activity, counts, lastRun, ready, pair }: SyncPairView, now: number): Said {
  switch (activity.kind) {
    case 'soon':
      return { text: 'Begins in a moment', tone: 'attention' };
    case 'scanning':
      return { text: `Looking: ${counted(activity.files, 'file')} so far`, tone: 'quiet' };
    case 'copying':
      return ready ? { text: `Copying ${counted(counts.pending, 'file')}`, tone: 'quiet' } : waits(pair.deviceName);
    case 'finishing':
      return { text: 'Finishing', tone: 'quiet' };
    case 'idle':
      break;
  }
  if (lastRun === undefined)
    return { text: ready ? 'Never run yet' : `Never run yet. Plug in ${pair.deviceName}.`, tone: 'quiet' };
  // also one that a crash cut short and that goes on by itself
  return lastRun.state === 'running' && !ready ? waits(pair.deviceName) : runStatus(lastRun, now);
}

const waits = (deviceName: string): Said => ({
  text: `Waiting for ${deviceName}. Plug it in and it carries on.`,
  tone: 'attention',
});

/** What makes it run the next time; nothing to say while one is under way, or its status says that it begins. */
export const nextWords = ({ activity, lastRun, next, pair }: SyncPairView): string | undefined =>
  activity.kind === 'idle' && lastRun?.state !== 'running'
    ? `Next run: ${nextRunWords(next, pair.deviceName)}`
    : undefined;

/** How many files are in which state: `1,204 in step, 3 pending`. */
export const countsWords = ({ synced, pending, failed, skipped }: SyncCounts): string =>
  [
    `${number(synced)} in step`,
    pending > 0 ? `${number(pending)} pending` : '',
    failed > 0 ? `${number(failed)} failed` : '',
    skipped > 0 ? `${number(skipped)} left out` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');

/** What a run did and when, in one line; `now` in milliseconds. */
export function runStatus(run: SyncRun, now: number): Said {
  const when = ago(run.finishedAt ?? run.startedAt, now);
  const what = [
    run.filesMoved > 0 ? `${counted(run.filesMoved, 'file')} copied (${bytes(run.bytesMoved)})` : 'Nothing new',
    run.filesRenamed > 0 ? `${run.filesRenamed} renamed` : '',
    run.filesDeleted > 0 ? `${run.filesDeleted} deleted` : '',
    run.filesKept > 0 ? `${run.filesKept} not deleted` : '',
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
      // of a run whose process died; its transfers go on by themselves
      return { text: `An interrupted run goes on (${when})`, tone: 'quiet' };
    case 'interrupted':
    case 'stopped': {
      const how = run.state === 'stopped' ? 'Stopped' : 'Interrupted';
      const done = run.filesMoved > 0 ? ` after ${what}` : '';
      return run.finishedAt === undefined
        ? { text: `${how} ${when}${done}`, tone: 'attention' }
        : { text: `${how} ${when}${done}`, tone: 'quiet' };
    }
  }
}

/** What a run would do, in one line; what it would not do is left out. */
export function previewWords(preview: SyncPreview): string {
  const parts = [
    preview.copy.files > 0 ? `${counted(preview.copy.files, 'file')} to copy (${bytes(preview.copy.bytes)})` : '',
    preview.rename > 0 ? `${preview.rename} to rename` : '',
    preview.delete.files > 0 ? `${preview.delete.files} to delete` : '',
    preview.skip > 0 ? `${preview.skip} skipped` : '',
    preview.adopted > 0 ? `${preview.adopted} there already` : '',
    `${number(preview.unchanged)} unchanged`,
    preview.leftOut > 0 ? `${number(preview.leftOut)} left out by the filters` : '',
    preview.edited > 0 ? `${counted(preview.edited, 'edited copy', 'edited copies')} left alone` : '',
    preview.timeEstimate === undefined || preview.copy.files === 0
      ? ''
      : `about ${formatDuration(preview.timeEstimate)}`,
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

/** Why nothing is copied before a yes, or undefined when there is no reason. */
export function missingWords({ copy: { hold } }: SyncPreview): string | undefined {
  if (hold.kind === 'none') return undefined;
  return `${number(hold.missing)} of the ${counted(hold.known, 'copy', 'copies')} of this pair are missing. Is their disk or card connected?`;
}

/** A folder of a preview with all that happens below it. */
export interface ActionFolder {
  readonly name: string;
  /** Below the pair's folder; `''` is that itself. */
  readonly path: string;
  readonly folders: readonly ActionFolder[];
  /** Directly in it, in the order in which they go. */
  readonly actions: readonly SyncAction[];
  /** With all below. */
  readonly changes: number;
  readonly bytes: number;
}

/** The lines of a preview as the folders they lie in; a folder in which nothing happens is not there. */
export function actionTree(actions: readonly SyncAction[]): ActionFolder {
  const top = new Building('', '');
  for (const action of actions) {
    const names = action.path.split('/').slice(0, -1);
    let folder = top;
    for (const name of names) folder = folder.into(name);
    folder.actions.push(action);
  }
  return top.built();
}

class Building {
  readonly #name: string;
  readonly #path: string;
  readonly #folders = new Map<string, Building>();
  readonly actions: SyncAction[] = [];

  constructor(name: string, path: string) {
    this.#name = name;
    this.#path = path;
  }
  into(name: string): Building {
    let folder = this.#folders.get(name);
    if (folder === undefined) {
      folder = new Building(name, this.#path === '' ? name : `${this.#path}/${name}`);
      this.#folders.set(name, folder);
    }
    return folder;
  }
  built(): ActionFolder {
    const folders = [...this.#folders]
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([, folder]) => folder.built());
    return {
      name: this.#name,
      path: this.#path,
      folders,
      actions: this.actions,
      changes: folders.reduce((sum, folder) => sum + folder.changes, this.actions.length),
      bytes: folders.reduce(
        (sum, folder) => sum + folder.bytes,
        this.actions.reduce((sum, action) => sum + action.size, 0),
      ),
    };
  }
}

/** Changes and bytes below a folder of a preview. */
export const folderWords = ({ changes, bytes: size }: ActionFolder): string =>
  `${counted(changes, 'change')}, ${bytes(size)}`;

/** What will happen to one file. */
export function actionWords(action: SyncAction): string {
  switch (action.kind) {
    case 'copy':
      return copyWords(action);
    case 'skip':
      return `left out: ${action.why}`;
    case 'rename':
      return `renamed from ${action.from}`;
    case 'delete':
      return 'delete the copy';
  }
}

const WHY: Readonly<Record<Extract<SyncAction, { readonly kind: 'copy' }>['why'], string>> = {
  new: 'new',
  changed: 'changed',
  'copy-missing': 'copy is missing',
  again: 'again',
};

function copyWords({ why, conflict, path, target }: Extract<SyncAction, { readonly kind: 'copy' }>): string {
  const kept = conflict === 'keep-both' ? ', both kept' : '';
  // a copy that lies elsewhere than its source says where
  return `${WHY[why]}${kept}${path === target ? '' : ` → ${target}`}`;
}

/** How a file of a pair stands. */
export function fileWords(file: SyncFile): string {
  const status = STATUS_NAMES[file.status].toLowerCase();
  const why = file.problem === undefined ? '' : `: ${describeProblem(file.problem).what}`;
  return `${status}${file.status === 'synced' ? '' : why}${file.goneAt === undefined ? '' : ', its original has gone'}`;
}

/** States of a pair’s files as the window names them. */
export const STATUS_NAMES: Readonly<Record<SyncFile['status'], string>> = {
  synced: 'In step',
  pending: 'Pending',
  failed: 'Failed',
  skipped: 'Left out',
};
