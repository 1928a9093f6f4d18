import type { CommandOf } from '../arguments.ts';
import { withPhones, type CommandContext } from '../command-context.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { parsePhonePath, placeOf } from '../phone-path.ts';

/** More would fill screens. */
const MOST = 500;

/**
 * `replug complete WORD`, which shells ask: the paths on the phone that begin with the word, one a line, folders with a
 * slash at their end, and the storages where no path has begun yet. Says nothing where there is nothing to offer, for
 * whatever reason: a person is in the middle of a line.
 */
export async function complete(context: CommandContext, { word }: CommandOf<'complete'>): Promise<ExitStatus> {
  const { output } = context;
  const offer = (text: string): void => {
    // a name with a line break in it would be two
    if (!/[\n\r]/u.test(text)) output.terminal.out.write(`${text}\n`);
  };
  try {
    await withPhones(context, async (phones) => {
      const key = await phones.engine.waitForDevice(context.globals.phone, 0);
      const device = phones.engine.devices.find((one) => one.key === key);
      if (device === undefined) return;
      const slash = word.lastIndexOf('/');
      if (slash === -1) {
        for (const { name } of device.storages) if (name.startsWith(word.replace(/:$/u, ''))) offer(`${name}:/`);
        return;
      }
      const folder = word.slice(0, slash + 1);
      const begun = word.slice(slash + 1);
      const { entries } = await phones.engine.entries(placeOf(device, parsePhonePath(folder)));
      for (const { name, kind } of entries.filter((entry) => entry.name.startsWith(begun)).slice(0, MOST))
        offer(`${folder}${name}${kind === 'folder' ? '/' : ''}`);
    });
  } catch {
    // nothing to offer
  }
  return Exit.done;
}
