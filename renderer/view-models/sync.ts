import type { Device } from '../../shared/domain.ts';
import { describeProblem } from '../../shared/errors.ts';
import type {
  SyncAction,
  SyncActivity,
  SyncCounts,
  SyncFile,
  SyncPairView,
  SyncPreview,
  SyncRun,
} from '../../shared/sync.ts';
import { formatBytes, formatDuration } from '../../shared/format.ts';
import { nextRunWords } from '../../shared/sync-next.ts';
import { commas, enumerated, percentage } from '../../shared/words/locale.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { hindrance } from './devices.ts';
import { ago, compareNames } from './words.ts';
import { skippedWords } from '../../shared/skipped-names.ts';

/** What the Sync page says. Pure. */

export interface Said {
  readonly text: string;
  readonly tone: 'quiet' | 'good' | 'attention' | 'bad';
}

/** What a pair does or last did, in one line; `now` in milliseconds. */
export function pairStatus(
  { activity, counts, lastRun, ready, pair }: SyncPairView,
  now: number,
  device?: Device,
): Said {
  const words = windowWords.sync;
  switch (activity.kind) {
    case 'soon':
      return { text: words.soon, tone: 'attention' };
    case 'waiting':
      return waitsFor(activity, pair.deviceName, device);
    case 'scanning':
      return { text: words.scanning({ count: activity.files }), tone: 'quiet' };
    case 'copying':
      return ready ? { text: words.copying({ count: counts.pending }), tone: 'quiet' } : waits(pair.deviceName, device);
    case 'finishing':
      return { text: words.finishing, tone: 'quiet' };
    case 'idle':
      break;
  }
  if (lastRun === undefined)
    return {
      text:
        ready || hindrance(device) !== undefined ? words.neverRun : words.neverRunPlugIn({ device: pair.deviceName }),
      tone: 'quiet',
    };
  // also one that a crash cut short and that goes on by itself
  return lastRun.state === 'running' && !ready ? waits(pair.deviceName, device) : runStatus(lastRun, now);
}

const waits = (name: string, device: Device | undefined): Said => ({
  text: hindrance(device) ?? windowWords.sync.waiting({ device: name }),
  tone: 'attention',
});

function waitsFor(
  activity: Extract<SyncActivity, { readonly kind: 'waiting' }>,
  device: string,
  phone: Device | undefined,
): Said {
  const words = windowWords.transfer.wait;
  switch (activity.for) {
    case 'plug':
      return waits(device, phone);
    case 'unlock':
      return { text: words.unlock({ device }), tone: 'attention' };
    case 'storage':
      return { text: words.storageNamed({ storage: activity.name, device }), tone: 'attention' };
  }
}

/** What makes it run the next time; nothing to say while one is under way, or its status says that it begins. */
export const nextWords = ({ activity, lastRun, next, pair }: SyncPairView): string | undefined =>
  activity.kind === 'idle' && lastRun?.state !== 'running'
    ? windowWords.sync.next({ when: nextRunWords(next, pair.deviceName) })
    : undefined;

/** How many files are in which state: `1,204 in sync, 3 pending`. */
export const countsWords = ({ synced, pending, failed, skipped }: SyncCounts): string =>
  commas([
    windowWords.sync.synced({ count: synced }),
    ...enumerated([
      [pending, windowWords.sync.pending],
      [failed, windowWords.sync.failed],
      [skipped, windowWords.sync.skipped],
    ]),
  ]);

/** What a run did and when, in one line; `now` in milliseconds. */
export function runStatus(run: SyncRun, now: number): Said {
  const words = windowWords.sync.run;
  const { renamed, deleted, notDeleted, failed } = commonWords.result;
  const when = ago(run.finishedAt ?? run.startedAt, now);
  const what = commas([
    run.filesMoved > 0
      ? commonWords.sync.copied({ count: run.filesMoved, size: formatBytes(run.bytesMoved) })
      : words.nothing,
    ...enumerated([
      [run.filesRenamed, renamed],
      [run.filesDeleted, deleted],
      [run.filesKept, notDeleted],
      [run.filesFailed, failed],
    ]),
  ]);
  switch (run.state) {
    case 'done':
      return { text: words.when({ what, when }), tone: run.filesMoved > 0 ? 'good' : 'quiet' };
    case 'failed':
      return {
        text:
          run.problem === undefined
            ? words.when({ what, when })
            : words.problem({ what: describeProblem(run.problem).what, when }),
        tone: 'bad',
      };
    case 'running':
      // of a run whose process died; its transfers go on by themselves
      return { text: words.resumes({ when }), tone: 'quiet' };
    case 'interrupted':
    case 'stopped':
      return {
        text: run.filesMoved > 0 ? words[`${run.state}After`]({ when, what }) : words[run.state]({ when }),
        tone: run.finishedAt === undefined ? 'attention' : 'quiet',
      };
  }
}

/** What a run would do, in one line; what it would not do is left out. */
export function previewWords(preview: SyncPreview): string {
  const words = commonWords.sync.plan;
  const { alreadyThere, skipped } = commonWords.result;
  const { copy, timeEstimate } = preview;
  return commas([
    ...(copy.files > 0 ? [words.copy({ count: copy.files, size: formatBytes(copy.bytes) })] : []),
    ...enumerated([
      [preview.rename, words.rename],
      [preview.delete.files, words.delete],
      [preview.skip, skipped],
      [preview.adopted, alreadyThere],
    ]),
    words.unchanged({ count: preview.unchanged }),
    ...enumerated([
      [preview.leftOut, words.filtered],
      [preview.edited, words.edited],
    ]),
    ...(timeEstimate === undefined || copy.files === 0 ? [] : [words.time({ time: formatDuration(timeEstimate) })]),
  ]);
}

/** Why deletions wait, or undefined when they do not. */
export function heldWords({ delete: deletion }: SyncPreview): string | undefined {
  const words = windowWords.sync.preview;
  switch (deletion.hold.kind) {
    case 'none':
      return undefined;
    case 'ask':
      return words.hold({ count: deletion.files, share: percentage(Math.round(deletion.hold.share * 100)) });
    case 'never':
      return commonWords.sync.plan[deletion.hold.why];
  }
}

/** Why nothing is copied before a yes, or undefined when there is no reason. */
export function missingWords({ copy: { hold } }: SyncPreview): string | undefined {
  if (hold.kind === 'none') return undefined;
  return windowWords.sync.preview.missing({ missing: hold.missing, known: hold.known });
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
      .sort(([one], [other]) => compareNames(one, other))
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
export const folderWords = ({ changes, bytes }: ActionFolder): string =>
  windowWords.sync.preview.changes({ count: changes, size: formatBytes(bytes) });

/** What will happen to one file. */
export function actionWords(action: SyncAction): string {
  const words = windowWords.sync.preview;
  switch (action.kind) {
    case 'copy':
      return copyWords(action);
    case 'skip':
      return words.leftOut({ why: skippedWords(action.why) });
    case 'rename':
      return words.renamedFrom({ name: action.from });
    case 'delete':
      return words.deleteCopy;
  }
}

function copyWords({ why, conflict, path, target }: Extract<SyncAction, { readonly kind: 'copy' }>): string {
  const words = windowWords.sync.preview;
  const plain = commonWords.sync.why[why];
  const kept = conflict === 'keep-both' ? words.bothKept({ why: plain }) : plain;
  // a copy that lies elsewhere than its source says where
  return path === target ? kept : words.to({ why: kept, target });
}

/** How a file of a pair stands. */
export function fileWords({ status, problem, goneAt }: SyncFile): string {
  const words = windowWords.sync.file;
  const plainStatus = commonWords.sync.status[status];
  const plain =
    problem === undefined || status === 'synced'
      ? plainStatus
      : words.why({ status: plainStatus, why: describeProblem(problem).what });
  return goneAt === undefined ? plain : words.gone({ status: plain });
}
