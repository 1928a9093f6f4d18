import type { Device } from '../../shared/domain.ts';
import { summarizeTransfer, verifiedWords } from '../../shared/transfer-summary.ts';
import { describeProblem } from '../../shared/errors.ts';
import { bytesOf, formatBytes, formatSpeed, percent, spaceWords, timeLeftWords } from '../../shared/format.ts';
import type { ItemView, TransferView, TransfersSnapshot, WaitingFor } from '../../shared/snapshots.ts';
import { enumerated, percentage } from '../../shared/words/locale.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { skippedWords } from '../../shared/skipped-names.ts';
import { hindrance } from './devices.ts';

/**
 * Visual weight of a line: progress has the accent colour, anything that needs the user is warm, the rest is quiet.
 */
export type Tone = 'moving' | 'quiet' | 'attention' | 'bad' | 'good';

/** What a person can do with a transfer in its present state. */
export type TransferAction =
  'pause' | 'resume' | 'cancel' | 'retry' | 'answer' | 'locate' | 'reveal' | 'report' | 'export' | 'remove';

/** One row of the queue, in words. */
export interface TransferLine {
  readonly title: string;
  /** `to Download on Pixel 8`, `from Pixel 8 to /home/ann/Downloads`. */
  readonly route: string;
  /** Whole percent of the confirmed bytes. */
  readonly percent: number;
  /** The total is not known yet. */
  readonly unmeasured: boolean;
  readonly amount: string;
  readonly speed: string | undefined;
  readonly timeLeft: string | undefined;
  readonly status: string;
  readonly tone: Tone;
  /** The most useful action first. */
  readonly actions: readonly TransferAction[];
}

/** Whether a transfer is done, failed or cancelled. */
export const isOver = (transfer: Pick<TransferView, 'state'>): boolean =>
  transfer.state === 'done' || transfer.state === 'failed' || transfer.state === 'cancelled';

/** The row of a transfer with the phone `device`; it shows 100 % only once the transfer is done. */
export function transferLine(transfer: TransferView, device?: Device): TransferLine {
  const { counts } = transfer;
  const share =
    transfer.bytesTotal > 0
      ? percent(transfer.bytesConfirmed, transfer.bytesTotal)
      : percent(settled(transfer), counts.total);
  // Empty folders and empty files count as complete only when they are done, whatever the byte count.
  const shown = transfer.state === 'done' ? 100 : Math.min(share, 99);
  return {
    title: transfer.title,
    route: route(transfer),
    percent: shown,
    unmeasured: transfer.state === 'planning' && transfer.bytesTotal === 0,
    amount: amount(transfer),
    speed: transfer.state === 'running' && transfer.speed !== undefined ? formatSpeed(transfer.speed) : undefined,
    timeLeft:
      transfer.state === 'running' && transfer.timeLeft !== undefined ? timeLeftWords(transfer.timeLeft) : undefined,
    status: status(transfer, device),
    tone: tone(transfer),
    actions: actions(transfer),
  };
}

const settled = ({ counts }: TransferView): number => counts.done + counts.failed + counts.cancelled;

function route(transfer: TransferView): string {
  switch (transfer.direction) {
    case 'upload': {
      const folder = transfer.destination === '/' ? transfer.storageName : lastPart(transfer.destination);
      return windowWords.transfer.toPhone({ folder, device: transfer.deviceName });
    }
    case 'download':
      return windowWords.transfer.fromPhone({
        device: transfer.deviceName,
        folder: lastPart(transfer.destination),
      });
  }
}

const lastPart = (path: string): string =>
  path
    .split(/[\\/]/)
    .filter((part) => part !== '')
    .at(-1) ?? path;

function amount(transfer: TransferView): string {
  return transfer.bytesTotal === 0
    ? commonWords.count.items({ count: transfer.counts.total })
    : bytesOf(transfer.bytesConfirmed, transfer.bytesTotal);
}

function status(transfer: TransferView, device: Device | undefined): string {
  const { counts } = transfer;
  const words = windowWords.transfer;
  switch (transfer.state) {
    case 'planning':
      return counts.total === 0 ? words.counting : words.countingItems({ count: counts.total });
    case 'queued':
      return words.queued;
    case 'running':
      if (counts.asking > 0 && transfer.speed === undefined) return words.asks({ count: counts.asking });
      return transfer.currentItem ?? words.copying;
    case 'waiting':
      if (counts.asking > 0 && transfer.waitingFor === undefined) return words.asks({ count: counts.asking });
      return transfer.waitingFor === undefined
        ? words.waiting
        : waitingWords(transfer.waitingFor, transfer.deviceName, device);
    case 'stopping':
      return words.stopping;
    case 'paused':
      return words.paused;
    case 'done':
    case 'failed':
    case 'cancelled':
      return summary(transfer);
  }
}

function waitingWords(waiting: WaitingFor, device: string, phone: Device | undefined): string {
  const words = windowWords.transfer.wait;
  switch (waiting.kind) {
    case 'phone':
      // plugged in, it may be kept from us: telling the person to plug it in would be no help
      return hindrance(phone) ?? words.phone({ device });
    case 'unlock':
      return words.unlock({ device });
    case 'storage':
      return waiting.name === undefined
        ? words.storage({ device })
        : words.storageNamed({ storage: waiting.name, device });
    case 'source':
      return words.source;
    case 'target':
      return words.target;
    case 'replug':
      return words.replug({ device });
    case 'space': {
      const space = spaceWords(waiting.needed, waiting.free);
      return waiting.where === 'phone' ? words.spacePhone({ space }) : words.spaceComputer({ space });
    }
    case 'time':
      return words.time;
  }
}

/** Summary of a finished transfer: what was copied, what was not, how it was verified. */
function summary(transfer: TransferView): string {
  const { counts } = transfer;
  const words = windowWords.transfer;
  const arrived = summarizeTransfer(counts.moved, counts.alreadyThere);
  const result = commonWords.result;
  const others = enumerated([
    [counts.alreadyThere.files, result.alreadyThere],
    [counts.skipped, result.skipped],
    [counts.failed, result.failed],
    [counts.cancelled, result.cancelled],
  ]);
  const parts = [...(arrived === undefined ? [] : [arrived]), ...others];
  if (parts.length === 0) {
    if (transfer.problem !== undefined) return describeProblem(transfer.problem).what;
    parts.push(transfer.state === 'cancelled' ? words.cancelled : words.nothing);
  }
  if (counts.moved.files > 0) {
    const told = counts.verified === undefined ? undefined : verifiedWords(counts.verified);
    parts.push(formatBytes(transfer.bytesConfirmed), told ?? commonWords.verified[transfer.options.verify]);
  }
  return parts.join(' · ');
}

function tone(transfer: TransferView): Tone {
  switch (transfer.state) {
    case 'planning':
    case 'running':
    case 'stopping':
      return 'moving';
    case 'waiting':
      return 'attention';
    case 'queued':
    case 'paused':
    case 'cancelled':
      return 'quiet';
    case 'done':
      return transfer.counts.failed > 0 ? 'bad' : 'good';
    case 'failed':
      return 'bad';
  }
}

function actions(transfer: TransferView): readonly TransferAction[] {
  const asking: readonly TransferAction[] =
    transfer.counts.asking > 0 || transfer.questions.length > 0 ? ['answer'] : [];
  const locate: readonly TransferAction[] = transfer.waitingFor?.kind === 'source' ? ['locate'] : [];
  switch (transfer.state) {
    case 'planning':
    case 'queued':
    case 'running':
    case 'waiting':
      return [...asking, ...locate, 'pause', 'cancel'];
    case 'stopping':
      return ['cancel'];
    case 'paused':
      return [...asking, 'resume', 'cancel'];
    case 'done':
    case 'failed':
    case 'cancelled':
      return [
        ...(transfer.counts.failed > 0 || transfer.state === 'failed' ? (['retry'] as const) : []),
        'report',
        ...(transfer.direction === 'download' && transfer.counts.done > 0 ? (['reveal'] as const) : []),
        'export',
        'remove',
      ];
  }
}

/** The whole queue in one line: transfers by state, bytes per second and seconds left. */
export interface Overall {
  readonly running: number;
  readonly waiting: number;
  readonly over: number;
  readonly percent: number;
  readonly speed: number | undefined;
  readonly timeLeft: number | undefined;
  readonly sentence: string;
}

/** One line for all transfers, for the header of the drawer and the window's title. */
export function overall(snapshot: TransfersSnapshot): Overall {
  const open = snapshot.transfers.filter((one) => !isOver(one));
  const running = open.filter((one) => one.state === 'running' || one.state === 'stopping' || one.state === 'planning');
  const waiting = open.filter((one) => one.state === 'waiting');
  const total = open.reduce((sum, one) => sum + one.bytesTotal, 0);
  const confirmed = open.reduce((sum, one) => sum + one.bytesConfirmed, 0);
  const speeds = running.flatMap((one) => (one.speed === undefined ? [] : [one.speed]));
  const all = speeds.length === 0 ? undefined : speeds.reduce((sum, one) => sum + one, 0);
  return {
    running: running.length,
    waiting: waiting.length,
    over: snapshot.transfers.length - open.length,
    percent: percent(confirmed, total),
    speed: all,
    timeLeft: all === undefined || all <= 0 ? undefined : (total - confirmed) / all,
    sentence: sentence(open.length, running.length, waiting.length, snapshot.transfers.length),
  };
}

function sentence(open: number, running: number, waiting: number, all: number): string {
  const words = windowWords.transfer.sentence;
  if (all === 0) return words.none;
  if (open === 0) return words.ended({ count: all });
  if (running > 0) return commonWords.count.transfers({ count: open });
  if (waiting > 0) return words.waiting({ count: waiting });
  return words.paused({ count: open });
}

/** Status of one file of a transfer with the phone `device`, shown after its name. */
export function itemStatus(
  item: ItemView,
  deviceName: string,
  device?: Device,
): { readonly text: string; readonly tone: Tone } {
  const words = windowWords.transfer;
  switch (item.state) {
    case 'queued':
      return { text: words.queued, tone: 'quiet' };
    case 'preparing':
      return { text: words.item.preparing, tone: 'moving' };
    case 'asking':
      return { text: words.item.asking, tone: 'attention' };
    case 'moving':
      return { text: percentage(percent(item.confirmed, item.size)), tone: 'moving' };
    case 'confirming':
      return { text: words.item.confirming, tone: 'moving' };
    case 'stopping':
      return { text: item.stopping === 'cancelled' ? words.item.cancelling : words.item.pausing, tone: 'quiet' };
    case 'waiting':
      return {
        text: item.waitingFor === undefined ? words.waiting : waitingWords(item.waitingFor, deviceName, device),
        tone: 'attention',
      };
    case 'paused':
      return { text: words.paused, tone: 'quiet' };
    case 'done':
      return { text: outcomeWords(item), tone: 'good' };
    case 'failed':
      return {
        text: item.problem === undefined ? words.item.failed : describeProblem(item.problem).what,
        tone: 'bad',
      };
    case 'cancelled':
      return { text: words.cancelled, tone: 'quiet' };
  }
}

/** How an item that is done came to be done, and under which name. */
export function outcomeWords({ outcome, kind, savedAs }: Pick<ItemView, 'outcome' | 'kind' | 'savedAs'>): string {
  const words = windowWords.transfer.item;
  switch (outcome?.kind) {
    case 'moved':
      if (kind === 'folder') return savedAs === undefined ? words.created : words.createdAs({ name: savedAs });
      return savedAs === undefined
        ? words[outcome.verification.level]
        : words[`${outcome.verification.level}As`]({ name: savedAs });
    case 'already-there':
      return words.identical;
    case 'skipped':
      return outcome.why === '' ? words.skipped : words.skippedWhy({ why: skippedWords(outcome.why) });
    case undefined:
      return words.done;
  }
}
