import { spaceOf } from '../../../shared/storages.ts';
import type { Device } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import { formatBytes } from '../../../shared/format.ts';
import { noDevices } from '../device-problems.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { isMeant, readyDevice, withReplug, type CommandContext } from '../command-context.ts';
import { printable } from '../text.ts';

/** `replug devices`: the phones that are plugged in, how they stand, and their storages. */
export async function devices(context: CommandContext): Promise<ExitStatus> {
  const { output, globals } = context;
  return withReplug(context, { queue: false, phones: true }, async (replug) => {
    // several phones, or one that is locked, are what this command is there to show
    await readyDevice(context, replug).catch(() => undefined);
    const found = replug.engine.devices.filter((device) => isMeant(device, globals.phone));
    for (const device of found) showDevice(context, device);
    const exit = found.some((device) => device.state.kind === 'ready') ? Exit.done : Exit.noPhone;
    if (found.length === 0) output.problem(noDevices(process.platform, globals.phone));
    output.result(exit, { devices: found });
    return exit;
  });
}

function showDevice({ output }: CommandContext, device: Device): void {
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
      `  ${printable(storage.name)}:/  ${spaceOf(storage, formatBytes)}${storage.readOnly ? ', read-only' : ''}`,
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
