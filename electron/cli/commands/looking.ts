import type { Device, Entry } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import { count, formatBytes, percent } from '../../../shared/format.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import type { Command } from '../arguments.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { noDevices } from '../device-problems.ts';
import { placeOf } from '../phone-path.ts';
import { waitingText } from '../progress.ts';
import { isMeant, readyDevice, withReplug, type Session } from '../session.ts';
import { dateText, printable, table } from '../text.ts';

type CommandOf<N extends Command['name']> = Extract<Command, { readonly name: N }>;

export async function devices(session: Session): Promise<ExitStatus> {
  const { output, globals } = session;
  return withReplug(session, { queue: false, phones: true }, async (replug) => {
    // several phones, or one that is locked, are what this command is there to show
    await readyDevice(session, replug).catch(() => undefined);
    const found = replug.engine.devices.filter((device) => isMeant(device, globals.phone));
    for (const device of found) showDevice(session, device);
    const exit = found.some((device) => device.state.kind === 'ready') ? Exit.done : Exit.noPhone;
    if (found.length === 0) output.problem(noDevices(process.platform, globals.phone));
    output.result(exit, { devices: found });
    return exit;
  });
}

function showDevice({ output }: Session, device: Device): void {
  output.event('device', { ...device });
  const resumes =
    device.resumableUpload && device.resumableDownload ? '' : ', large files to it start again after a break';
  const state = device.state.kind === 'ready' ? `ready${resumes}` : stateText(device);
  const battery = device.battery === undefined ? '' : `, battery ${device.battery} %`;
  output.say(
    `${printable(device.name)} (${printable(device.maker)} ${printable(device.model)}), serial ${printable(device.serial)}${battery}: ${state}`,
  );
  for (const storage of device.storages)
    output.say(
      `  ${printable(storage.name)}:/  ${formatBytes(storage.free)} free of ${formatBytes(storage.capacity)}${storage.readOnly ? ', read-only' : ''}`,
    );
}

function stateText({ state }: Device): string {
  const words = (kind: 'locked' | 'held' | 'forbidden' | 'silent' | 'disconnected', more = {}): string => {
    const { what, remedy } = describeProblem({ kind, operation: '', detail: '', ...more });
    return `${what} ${remedy}`;
  };
  switch (state.kind) {
    case 'ready':
      return 'ready';
    case 'opening':
      return 'being opened';
    case 'locked':
      return words('locked');
    case 'held':
      return words('held', { holder: state.holder });
    case 'forbidden':
      return words('forbidden', { fix: state.fix });
    case 'recovering':
      return words('silent');
    case 'gone':
      return words('disconnected');
  }
}

export async function list(session: Session, { path }: CommandOf<'ls'>): Promise<ExitStatus> {
  const { output } = session;
  return withReplug(session, { queue: false, phones: true }, async (replug) => {
    const device = await readyDevice(session, replug);
    const { entries } = await replug.engine.entries(placeOf(device, path));
    const sorted = [...entries].sort(byName);
    for (const entry of sorted) output.event('entry', { ...entry });
    output.say(
      table(
        sorted.map((entry) => [
          entry.kind === 'folder' ? '' : formatBytes(entry.size),
          dateText(entry.modified),
          printable(entry.name) + (entry.kind === 'folder' ? '/' : ''),
        ]),
        [0],
      ),
    );
    output.result(Exit.done, { path: path.path, entries: sorted.length });
    return Exit.done;
  });
}

/** Folders first, then as a person counts: 2 before 10. */
const collator = new Intl.Collator('en', { numeric: true });
const byName = (one: Entry, other: Entry): number =>
  one.kind === other.kind ? collator.compare(one.name, other.name) : one.kind === 'folder' ? -1 : 1;

/** Without any bytes (folders, empty files) the items are what there is to count. */
const shareOf = ({ bytesConfirmed, bytesTotal, counts }: TransferView): number =>
  bytesTotal > 0 ? percent(bytesConfirmed, bytesTotal) : percent(counts.done, counts.total);

export async function queue(session: Session): Promise<ExitStatus> {
  const { output } = session;
  return withReplug(session, { queue: true, phones: false }, async (replug) => {
    const views = replug.engine.transfers();
    for (const view of views) output.event('transfer', { ...view });
    if (views.length === 0) output.say('No transfers.');
    output.say(
      table(
        views.map((view) => [
          view.id,
          view.direction === 'upload' ? 'push' : 'pull',
          view.state,
          `${shareOf(view)} %`,
          `${count(view.counts.done, 'item')} of ${view.counts.total}`,
          `${formatBytes(view.bytesConfirmed)} of ${formatBytes(view.bytesTotal)}`,
          `${printable(view.title)} → ${printable(view.direction === 'upload' ? `${view.deviceName}:${view.destination}` : view.destination)}`,
          view.state === 'waiting' ? (waitingText(view, []) ?? '') : '',
        ]),
        [3],
      ),
    );
    output.result(Exit.done, { transfers: views.length });
    return Exit.done;
  });
}

export async function doctor(session: Session): Promise<ExitStatus> {
  const { output } = session;
  return withReplug(session, { queue: true, phones: true }, async (replug) => {
    const { diagnosticsText } = await import('../../compose.ts');
    const findings = await replug.examine();
    for (const finding of findings) output.event('finding', { ...finding });
    output.say(printableLines(diagnosticsText(findings)));
    const exit = findings.every((finding) => finding.ok) ? Exit.done : Exit.failed;
    output.result(exit, { findings: findings.length });
    return exit;
  });
}

const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');
