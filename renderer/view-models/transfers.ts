import { summarizeTransfer, verifiedWords } from '../../shared/transfer-summary.ts';
import { describeProblem } from '../../shared/errors.ts';
import { formatDuration, percent, spaceWords } from '../../shared/format.ts';
import type { ItemView, TransferView, TransfersSnapshot, WaitingFor } from '../../shared/snapshots.ts';
import { bytes, counted, number, speed } from './words.ts';

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

/** The row of a transfer; it shows 100 % only once the transfer is done. */
export function transferLine(transfer: TransferView): TransferLine {
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
    speed: transfer.state === 'running' && transfer.speed !== undefined ? speed(transfer.speed) : undefined,
    timeLeft:
      transfer.state === 'running' && transfer.timeLeft !== undefined
        ? `${formatDuration(transfer.timeLeft)} left`
        : undefined,
    status: status(transfer),
    tone: tone(transfer),
    actions: actions(transfer),
  };
}

const settled = ({ counts }: TransferView): number => counts.done + counts.failed + counts.cancelled;

function route(transfer: TransferView): string {
  switch (transfer.direction) {
    case 'upload': {
      const folder = transfer.destination === '/' ? transfer.storageName : lastPart(transfer.destination);
      return `to ${folder} on ${transfer.deviceName}`;
    }
    case 'download':
      return `from ${transfer.deviceName} to ${lastPart(transfer.destination)}`;
  }
}

const lastPart = (path: string): string =>
  path
    .split(/[\\/]/)
    .filter((part) => part !== '')
    .at(-1) ?? path;

function amount(transfer: TransferView): string {
  if (transfer.bytesTotal === 0) return counted(transfer.counts.total, 'item');
  return `${bytes(transfer.bytesConfirmed)} of ${bytes(transfer.bytesTotal)}`;
}

function status(transfer: TransferView): string {
  const { counts } = transfer;
  switch (transfer.state) {
    case 'planning':
      return counts.total === 0 ? 'Counting…' : `Counting… ${counted(counts.total, 'item')}`;
    case 'queued':
      return 'Waits its turn';
    case 'running':
      if (counts.asking > 0 && transfer.speed === undefined) return asks(counts.asking);
      return transfer.currentItem ?? 'Copying';
    case 'waiting':
      if (counts.asking > 0 && transfer.waitingFor === undefined) return asks(counts.asking);
      return transfer.waitingFor === undefined ? 'Waiting' : waitingWords(transfer.waitingFor, transfer.deviceName);
    case 'stopping':
      return 'Finishing the piece that is on the cable…';
    case 'paused':
      return 'Paused';
    case 'done':
    case 'failed':
    case 'cancelled':
      return summary(transfer);
  }
}

const asks = (questions: number): string =>
  questions === 1 ? 'One question for you' : `${counted(questions, 'question')} for you`;

function waitingWords(waiting: WaitingFor, deviceName: string): string {
  switch (waiting.kind) {
    case 'phone':
      return `Waiting for ${deviceName}. Plug it in and it carries on`;
    case 'unlock':
      return `Waiting for ${deviceName} to be unlocked`;
    case 'storage':
      return `${waiting.name === undefined ? 'A storage' : `“${waiting.name}”`} of ${deviceName} is not there. Put the card back and it carries on`;
    case 'source':
      return 'The file to copy is not where it was';
    case 'target':
      return 'The folder to save to is not there. Connect its disk again and it carries on';
    case 'replug':
      return `Unplug ${deviceName} and plug it in again to go on`;
    case 'space':
      return `Not enough room on ${waiting.where === 'phone' ? 'the phone' : 'this computer'}: ${spaceWords(waiting.needed, waiting.free, bytes)}`;
    case 'time':
      return 'Tries again shortly';
  }
}

/** Summary of a finished transfer: what was copied, what was not, how it was verified. */
function summary(transfer: TransferView): string {
  const { counts } = transfer;
  const parts: string[] = [];
  const arrived = summarizeTransfer(counts.moved, counts.alreadyThere, counted);
  if (arrived !== undefined) parts.push(arrived);
  const others: readonly (readonly [number, string])[] = [
    [counts.alreadyThere.files, 'already there'],
    [counts.skipped, 'skipped'],
    [counts.failed, 'failed'],
    [counts.cancelled, 'cancelled'],
  ];
  for (const [items, what] of others) if (items > 0) parts.push(`${number(items)} ${what}`);
  if (parts.length === 0) {
    if (transfer.problem !== undefined) return describeProblem(transfer.problem).what;
    parts.push(transfer.state === 'cancelled' ? 'Cancelled' : 'Nothing to copy');
  }
  if (counts.moved.files > 0) {
    const told = counts.verified === undefined ? undefined : verifiedWords(counts.verified, number, counted);
    parts.push(bytes(transfer.bytesConfirmed), told ?? VERIFIED[transfer.options.verify]);
  }
  return parts.join(' · ');
}

const VERIFIED: Readonly<Record<TransferView['options']['verify'], string>> = {
  size: 'sizes checked',
  sampled: 'verified by samples',
  full: 'verified byte by byte',
};

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
  if (all === 0) return 'No transfers';
  if (open === 0) return all === 1 ? 'One transfer ended' : 'All transfers ended';
  if (running > 0) return counted(open, 'transfer');
  if (waiting > 0) return waiting === 1 ? 'One transfer waits' : `${counted(waiting, 'transfer')} wait`;
  return `${counted(open, 'transfer')}, paused`;
}

/** Status of one file of a transfer, shown after its name. */
export function itemStatus(item: ItemView, deviceName: string): { readonly text: string; readonly tone: Tone } {
  switch (item.state) {
    case 'queued':
      return { text: 'Waits its turn', tone: 'quiet' };
    case 'preparing':
      return { text: 'Getting ready', tone: 'moving' };
    case 'asking':
      return { text: 'Asks you', tone: 'attention' };
    case 'moving':
      return { text: `${percent(item.confirmed, item.size)} %`, tone: 'moving' };
    case 'confirming':
      return { text: 'Being verified', tone: 'moving' };
    case 'stopping':
      return { text: item.stopping === 'cancelled' ? 'Being cancelled' : 'Being paused', tone: 'quiet' };
    case 'waiting':
      return {
        text: item.waitingFor === undefined ? 'Waiting' : waitingWords(item.waitingFor, deviceName),
        tone: 'attention',
      };
    case 'paused':
      return { text: 'Paused', tone: 'quiet' };
    case 'done':
      return { text: outcomeWords(item), tone: 'good' };
    case 'failed':
      return { text: item.problem === undefined ? 'Failed' : describeProblem(item.problem).what, tone: 'bad' };
    case 'cancelled':
      return { text: 'Cancelled', tone: 'quiet' };
  }
}

/** How an item that is done came to be done, and under which name. */
export function outcomeWords(item: Pick<ItemView, 'outcome' | 'kind' | 'savedAs'>): string {
  const name = item.savedAs === undefined ? '' : `, as “${item.savedAs}”`;
  switch (item.outcome?.kind) {
    case 'moved':
      if (item.kind === 'folder') return `Made${name}`;
      switch (item.outcome.verification.level) {
        case 'size':
          return `Copied, size checked${name}`;
        case 'sampled':
          return `Copied and verified by samples${name}`;
        case 'full':
          return `Copied and verified byte by byte${name}`;
      }
    // eslint-disable-next-line no-fallthrough -- the inner switch is exhaustive and always returns
    case 'already-there':
      return 'Already there, the same';
    case 'skipped':
      return item.outcome.why === '' ? 'Skipped' : `Skipped: ${item.outcome.why}`;
    case undefined:
      return 'Done';
  }
}
