import { spaceOf } from '../../../shared/storages.ts';
import type { Device } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import { noDevices } from '../device-problems.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { isMeant, readyDevice, withPhones, type CommandContext } from '../command-context.ts';
import { printable } from '../text.ts';
import { percentage } from '../../../shared/words/locale.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';

/** `replug devices`: the phones that are plugged in, how they stand, and their storages. */
export async function devices(context: CommandContext): Promise<ExitStatus> {
  const { output, globals } = context;
  return withPhones(context, async (phones) => {
    // several phones, or one that is locked, are what this command is there to show
    await readyDevice(context, phones).catch(() => undefined);
    const found = phones.engine.devices.filter((device) => isMeant(device, globals.phone));
    for (const device of found) showDevice(context, device);
    const exit = found.some((device) => device.state.kind === 'ready') ? Exit.done : Exit.noPhone;
    if (found.length === 0) output.problem(noDevices(globals.phone));
    output.result(exit, { devices: found });
    return exit;
  });
}

function showDevice({ output }: CommandContext, device: Device): void {
  output.event('device', { ...device });
  const told = {
    name: printable(device.name),
    model: printable(`${device.maker} ${device.model}`),
    serial: printable(device.serial),
    state: printable(stateText(device)),
  };
  const words = terminalWords.device;
  output.say(
    device.battery === undefined
      ? words.line(told)
      : words.lineBattery({ ...told, battery: percentage(device.battery) }),
  );
  for (const storage of device.storages) {
    const line = `${printable(storage.name)}:/  ${spaceOf(storage)}`;
    output.say(`  ${storage.readOnly ? words.readOnly({ storage: line }) : line}`);
  }
}

function stateText({ state, resumableUpload, resumableDownload }: Device): string {
  const words = (kind: 'locked' | 'held' | 'forbidden' | 'silent' | 'disconnected', more = {}): string => {
    const { what, remedy } = describeProblem({ kind, operation: '', detail: '', ...more });
    return `${what} ${remedy}`;
  };
  switch (state.kind) {
    case 'ready':
      return resumableUpload && resumableDownload ? terminalWords.device.ready : terminalWords.device.readyNoResume;
    case 'opening':
      return terminalWords.device.opening;
    case 'locked':
      return words('locked');
    case 'held':
      return words('held', state);
    case 'forbidden':
      return words('forbidden', { advice: state.advice });
    case 'recovering':
      return words('silent');
    case 'gone':
      return words('disconnected');
  }
}
