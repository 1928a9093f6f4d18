import { count, formatBytes, formatDuration, formatSpeed, percent, spaceWords } from '../../shared/format.ts';
import type { Device } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { obstacleOf, obstacleText } from './device-problems.ts';
import { printable } from './text.ts';

const WIDTH = 14;

/** The progress of all transfers followed, in one line; confirmed bytes only. */
export function barText(views: readonly TransferView[], devices: readonly Device[]): string {
  const sum = (of: (view: TransferView) => number): number => views.reduce((total, view) => total + of(view), 0);
  const confirmed = sum((view) => view.bytesConfirmed);
  const total = sum((view) => view.bytesTotal);
  const items = sum((view) => view.counts.total);
  const done = sum((view) => view.counts.done);
  if (views.some((view) => view.state === 'planning'))
    return `Counting … ${count(items, 'item')}, ${formatBytes(total)}`;
  // without any bytes (folders, empty files) the items are what there is to count
  const share = total > 0 ? percent(confirmed, total) : percent(done, items);
  const full = Math.floor((share / 100) * WIDTH);
  const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
  const parts = [`${bar} ${String(share).padStart(3)} %`, `${formatBytes(confirmed)} of ${formatBytes(total)}`];
  const waiting = views.map((view) => waitingText(view, devices)).find((text) => text !== undefined);
  const speed = sum((view) => view.speed ?? 0);
  if (waiting !== undefined && !views.some((view) => view.state === 'running')) return `${parts[0] ?? ''}  ${waiting}`;
  if (speed > 0) parts.push(formatSpeed(speed), `${formatDuration(Math.max(1, (total - confirmed) / speed))} left`);
  const current = views.find((view) => view.currentItem !== undefined)?.currentItem;
  if (current !== undefined) parts.push(printable(current.slice(current.lastIndexOf('/') + 1)));
  return parts.join('  ');
}

/** What a transfer waits for, and what the person can do. */
export function waitingText(view: TransferView, devices: readonly Device[]): string | undefined {
  if (view.state !== 'waiting') return undefined;
  switch (view.waitingFor?.kind) {
    case 'phone': {
      // plugged in, it may be kept from us: telling the person to plug it in would be no help
      const device = devices.find((one) => one.key === view.device);
      const obstacle = device === undefined ? undefined : obstacleOf(device);
      if (device !== undefined && obstacle !== undefined) return obstacleText(device, obstacle);
      if (device?.state.kind === 'opening') return `Connecting to ${printable(device.name)} …`;
      if (device?.state.kind === 'recovering')
        return `Waiting for ${printable(device.name)}: it does not answer. Replug keeps trying.`;
      return `Waiting for ${printable(view.deviceName)}: plug it in again.`;
    }
    case 'unlock':
      return `Waiting for ${printable(view.deviceName)}: unlock it and choose “File transfer”.`;
    case 'source':
      return 'Waiting for source files that are not there.';
    case 'target':
      return `Waiting for ${printable(view.destination)}: connect its disk again, or put the folder back.`;
    case 'storage':
      return `Waiting for ${printable(view.storageName)} of ${printable(view.deviceName)}: it is not there. Put the card back.`;
    case 'replug':
      return `Unplug ${printable(view.deviceName)} and plug it in again: it holds on to a file that was cut short.`;
    case 'space':
      return `Waiting for room on the ${view.waitingFor.where === 'phone' ? 'phone' : 'computer'}: ${spaceWords(view.waitingFor.needed, view.waitingFor.free, formatBytes)}.`;
    case 'time':
      return 'Trying again in a moment.';
    case undefined:
      return view.counts.asking > 0 ? 'Waiting for an answer.' : undefined;
  }
}
