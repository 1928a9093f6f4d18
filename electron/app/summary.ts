import { formatSpeed, percent } from '../../shared/format.ts';
import type { TransfersSnapshot, TransferView } from '../../shared/snapshots.ts';
import { isolated, percentage } from '../../shared/words/locale.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { desktopWords } from '../../shared/words/made/desktop.ts';

/**
 * Which icon the tray has; `paused` also stands for transfers that only wait. `attention` takes precedence, then
 * `running`.
 */
export type TrayLook = 'idle' | 'running' | 'paused' | 'attention';

/** State of all transfers together, as tray, taskbar and dock show it. */
export interface Summary {
  readonly look: TrayLook;
  /** One line for the tray menu. */
  readonly line: string;
  readonly progress:
    | { readonly kind: 'none' }
    | { readonly kind: 'unknown' }
    | { readonly kind: 'known'; readonly fraction: number; readonly mode: 'normal' | 'paused' | 'error' };
  /** Number of transfers that need the user: questions, failures, a locked phone. */
  readonly attention: number;
  readonly canPause: boolean;
  readonly canResume: boolean;
  /** Whether Replug must keep running without its window: something is being transferred, or waits for its phone. */
  readonly busy: boolean;
  /** Whether a transfer is running or about to start. */
  readonly running: boolean;
}

/** An empty queue. */
export const EMPTY: TransfersSnapshot = { state: 'idle', transfers: [], speedHistory: [] };

const RUNNING: readonly TransferView['state'][] = ['planning', 'queued', 'running', 'stopping'];

const needsUser = (transfer: TransferView): boolean =>
  transfer.questions.length > 0 ||
  transfer.state === 'failed' ||
  (transfer.state === 'waiting' &&
    (transfer.waitingFor?.kind === 'unlock' ||
      transfer.waitingFor?.kind === 'space' ||
      transfer.waitingFor?.kind === 'source'));

/** Sums up all transfers of a snapshot. */
export function summaryOf(snapshot: TransfersSnapshot): Summary {
  const { transfers } = snapshot;
  const running = transfers.filter(({ state }) => RUNNING.includes(state));
  const waiting = transfers.filter(({ state }) => state === 'waiting');
  const paused = transfers.filter(({ state }) => state === 'paused');
  const failed = transfers.filter(({ state }) => state === 'failed');
  const open = [...running, ...waiting, ...paused];
  const attention = transfers.filter(needsUser).length;
  const look: TrayLook =
    attention > 0 ? 'attention' : running.length > 0 ? 'running' : open.length > 0 ? 'paused' : 'idle';
  return {
    look,
    line: lineOf(running, waiting, paused, failed),
    progress: progressOf(open, running.length > 0, attention > 0),
    attention,
    canPause: running.length + waiting.length > 0,
    canResume: paused.length > 0,
    busy: running.length + waiting.length > 0,
    running: running.length > 0,
  };
}

function progressOf(open: readonly TransferView[], running: boolean, attention: boolean): Summary['progress'] {
  if (open.length === 0) return { kind: 'none' };
  const total = open.reduce((sum, one) => sum + one.bytesTotal, 0);
  // while a tree is being scanned its total grows, and the bar would go backwards
  if (total === 0 || open.some(({ state }) => state === 'planning')) return { kind: 'unknown' };
  const confirmed = open.reduce((sum, one) => sum + one.bytesConfirmed, 0);
  return {
    kind: 'known',
    fraction: Math.min(1, confirmed / total),
    mode: attention ? 'error' : running ? 'normal' : 'paused',
  };
}

function lineOf(
  running: readonly TransferView[],
  waiting: readonly TransferView[],
  paused: readonly TransferView[],
  failed: readonly TransferView[],
): string {
  const words = desktopWords.tray;
  const [first, ...others] = running;
  if (first !== undefined) {
    const speed = running.reduce((sum, one) => sum + (one.speed ?? 0), 0);
    const what = others.length > 0 ? commonWords.count.transfers({ count: running.length }) : runningLine(first);
    return speed > 0 ? words.withSpeed({ what, speed: formatSpeed(speed) }) : what;
  }
  if (waiting[0] !== undefined)
    return waiting.length === 1 ? waitingLine(waiting[0]) : words.waiting({ count: waiting.length });
  if (paused.length > 0) return words.paused({ count: paused.length });
  if (failed.length > 0) return words.failed({ count: failed.length });
  return words.none;
}

function runningLine({ title, bytesConfirmed, bytesTotal }: TransferView): string {
  if (bytesTotal === 0) return isolated(title);
  return desktopWords.tray.runningOne({ title, percent: percentage(percent(bytesConfirmed, bytesTotal)) });
}

function waitingLine({ waitingFor, deviceName: device }: TransferView): string {
  const words = desktopWords.tray.wait;
  switch (waitingFor?.kind) {
    case 'unlock':
    case 'replug':
    case 'phone':
      return words[waitingFor.kind]({ device });
    case 'storage':
      return waitingFor.name === undefined
        ? words.storage({ device })
        : words.storageNamed({ storage: waitingFor.name, device });
    case 'space':
      return waitingFor.where === 'phone' ? words.spacePhone : words.spaceComputer;
    case 'source':
    case 'target':
    case 'time':
      return words[waitingFor.kind];
    case undefined:
      return words.time;
  }
}
