import { bytesOf, formatBytes, formatSpeed, percent, spaceWords, timeLeftWords } from '../../shared/format.ts';
import type { Device } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { obstacleOf, obstacleText } from './device-problems.ts';
import { printable } from './text.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';
import { percentage } from '../../shared/words/locale.ts';

const WIDTH = 14;

/** How far a transfer is, as `--json` tells it: confirmed bytes only. */
export const progressOf = (view: TransferView) => ({
  transfer: view.id,
  bytesConfirmed: view.bytesConfirmed,
  bytesTotal: view.bytesTotal,
  filesDone: view.counts.done,
  filesTotal: view.counts.total,
  speed: view.speed,
  timeLeft: view.timeLeft,
});

/** The progress of all transfers followed, in one line; confirmed bytes only. */
export function barText(views: readonly TransferView[], devices: readonly Device[]): string {
  const sum = (of: (view: TransferView) => number): number => views.reduce((total, view) => total + of(view), 0);
  const confirmed = sum((view) => view.bytesConfirmed);
  const total = sum((view) => view.bytesTotal);
  const items = sum((view) => view.counts.total);
  const done = sum((view) => view.counts.done);
  if (views.some((view) => view.state === 'planning'))
    return terminalWords.say.counting({ items: commonWords.count.items({ count: items }), size: formatBytes(total) });
  const parts = [shareBar({ done: confirmed, total, items: done, itemsTotal: items }), bytesOf(confirmed, total)];
  const waiting = views.map((view) => waitingText(view, devices)).find((text) => text !== undefined);
  const speed = sum((view) => view.speed ?? 0);
  if (waiting !== undefined && !views.some((view) => view.state === 'running')) return `${parts[0] ?? ''}  ${waiting}`;
  if (speed > 0) parts.push(formatSpeed(speed), timeLeftWords(Math.max(1, (total - confirmed) / speed)));
  const current = views.find((view) => view.currentItem !== undefined)?.currentItem;
  if (current !== undefined) parts.push(nameIn(current));
  return parts.join('  ');
}

const nameIn = (path: string): string => printable(path.slice(path.lastIndexOf('/') + 1));

/** How much of something is done: bytes, and items. */
export interface Share {
  readonly done: number;
  readonly total: number;
  readonly items: number;
  readonly itemsTotal: number;
}

function shareBar({ done, total, items, itemsTotal }: Share): string {
  // without any bytes (folders, empty files) the items are what there is to count
  const share = total > 0 ? percent(done, total) : percent(items, itemsTotal);
  const full = Math.floor((share / 100) * WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percentage(share).padStart(4)}`;
}

/** A bar, the bytes, and the file that is looked at. */
export const shareText = (share: Share, current: string | undefined): string =>
  [shareBar(share), bytesOf(share.done, share.total), ...(current === undefined ? [] : [nameIn(current)])].join('  ');

/** Why a phone is waited for, and what the person can do. */
export function awaitedText(
  { device: key, deviceName }: Pick<TransferView, 'device' | 'deviceName'>,
  devices: readonly Device[],
): string {
  const words = terminalWords.wait;
  // plugged in, it may be kept from us: telling the person to plug it in would be no help
  const device = devices.find((one) => one.key === key);
  const obstacle = device === undefined ? undefined : obstacleOf(device);
  if (device !== undefined && obstacle !== undefined) return obstacleText(device, obstacle);
  if (device?.state.kind === 'opening') return words.connecting({ device: printable(device.name) });
  if (device?.state.kind === 'recovering') return words.silent({ device: printable(device.name) });
  return words.phone({ device: printable(deviceName) });
}

/** What a transfer waits for, and what the person can do. */
export function waitingText(view: TransferView, devices: readonly Device[]): string | undefined {
  if (view.state !== 'waiting') return undefined;
  const words = terminalWords.wait;
  const deviceName = printable(view.deviceName);
  switch (view.waitingFor?.kind) {
    case 'phone':
      return awaitedText(view, devices);
    case 'unlock':
      return words.unlock({ device: deviceName });
    case 'source':
      return words.source;
    case 'target':
      return words.target({ folder: printable(view.destination) });
    case 'storage':
      return words.storage({ storage: printable(view.storageName), device: deviceName });
    case 'replug':
      return words.replug({ device: deviceName });
    case 'space': {
      const space = spaceWords(view.waitingFor.needed, view.waitingFor.free);
      return view.waitingFor.where === 'phone' ? words.spacePhone({ space }) : words.spaceComputer({ space });
    }
    case 'time':
      return words.time;
    case undefined:
      return view.counts.asking > 0 ? words.answer : undefined;
  }
}
