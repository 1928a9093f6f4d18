import type { Entry } from '../../../shared/domain.ts';
import { formatBytes } from '../../../shared/format.ts';
import type { CommandOf } from '../arguments.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { placeOf } from '../phone-path.ts';
import { readyDevice, withPhones, type CommandContext } from '../command-context.ts';
import { dateText, printable, table } from '../text.ts';

/** `replug ls`: the entries of a folder on the phone, or the one file that was named. */
export async function ls(context: CommandContext, { path }: CommandOf<'ls'>): Promise<ExitStatus> {
  const { output } = context;
  return withPhones(context, async (phones) => {
    const device = await readyDevice(context, phones);
    const { entries } = await phones.engine.entries(placeOf(device, path));
    const sorted = inOrder(entries);
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
function inOrder(entries: readonly Entry[]): readonly Entry[] {
  // made for a list that has an order: the first collator of a process takes longer to load than most folders to list
  if (entries.length < 2) return entries;
  const collator = new Intl.Collator('en', { numeric: true });
  return [...entries].sort((one, other) =>
    one.kind === other.kind ? collator.compare(one.name, other.name) : one.kind === 'folder' ? -1 : 1,
  );
}
