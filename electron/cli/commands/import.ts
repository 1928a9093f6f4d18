import path from 'node:path';
import { localPath, type TransferId } from '../../../shared/domain.ts';
import { formatBytes } from '../../../shared/format.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';
import type { Replug } from '../../compose.ts';
import type { ImportPlan } from '../../photos/index.ts';
import type { CommandOf } from '../arguments.ts';
import { readyDevice, withReplug, type CommandContext } from '../command-context.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { follow } from '../follow.ts';
import { identifyStorages } from '../identity.ts';
import { lookAtPhotos } from '../photos-look.ts';
import { report } from '../result.ts';
import { columns, printable } from '../text.ts';
import { announce, answeringOf } from '../transfer-all.ts';

/** `replug import`: copies what is new among a phone's photos. An import that was cut short goes on first. */

/** Lines told to a person one by one; `--json` tells all. */
const TOLD = 50;

/** Looks, imports and reports; answers the exit status. */
export async function importPhotos(context: CommandContext, command: CommandOf<'import'>): Promise<ExitStatus> {
  const { output, interruption } = context;
  return withReplug(context, { phones: true }, async (replug) => {
    const { engine, photos } = replug;
    const device = await readyDevice(context, replug);
    await identifyStorages(context, replug, device.key);
    interruption.hold();
    if (command.atPlug !== undefined) photos.setAutomatic(device.key, command.atPlug === 'on');
    const to = command.to === undefined ? undefined : localPath(path.resolve(command.to));
    const library = [...photos.settings.library, ...command.library.map((folder) => localPath(path.resolve(folder)))];
    const messengers = command.messengers || photos.settings.messengers;
    const look = { library, messengers, ...(to === undefined ? {} : { to }) };
    // what could not be looked at may hold new photos, so nothing is done with
    const whenDone = (await lookAtPhotos(context, replug, device.key, look)) ? Exit.done : Exit.failed;
    const wish = {
      ...(to === undefined ? {} : { to }),
      ...(command.also === undefined ? {} : { also: localPath(path.resolve(command.also)) }),
      ...(command.folders === undefined ? {} : { folders: command.folders }),
      ...(command.names === undefined ? {} : { names: command.names }),
      again: command.again,
      signal: interruption.signal,
    };
    const found = { count: photos.shots(device.key).length, new: photos.shots(device.key, { states: ['new'] }).length };
    output.event('photos', { all: found.count, new: found.new });
    output.say(terminalWords.photos.found({ all: found.count, new: found.new }));
    if (command.dryRun) return dryRun(context, await photos.plan(device.key, wish), whenDone);

    const earlier = photos.unfinished(device.key);
    for (const id of earlier) {
      await engine.execute('resume', { transfer: id });
      announce(context, replug, id, true);
    }
    const { transfer, secondTransfer } = await photos.import(device.key, wish);
    const made = [transfer, secondTransfer].filter((id) => id !== undefined);
    for (const id of made) announce(context, replug, id, false);
    const ids: readonly TransferId[] = [...earlier, ...made];
    if (ids.length === 0) return nothingNew(context, whenDone);
    return end(context, replug, ids, whenDone);
  });
}

async function end(
  context: CommandContext,
  replug: Replug,
  ids: readonly TransferId[],
  whenDone: ExitStatus,
): Promise<ExitStatus> {
  const [device] = ids.map((id) => replug.engine.view(id).device);
  // every conflict is settled before: what has a name is kept, and names are legal
  await follow(context, replug, ids, answeringOf(context, undefined, 'download'));
  if (device !== undefined) await replug.photos.settled(device);
  return report(context, replug, ids, Exit.interrupted, whenDone);
}

function nothingNew({ output }: CommandContext, exit: ExitStatus): ExitStatus {
  output.say(terminalWords.photos.nothingNew);
  output.result(exit, { transfers: [], files: [], bytesMoved: 0, bytesResent: 0, verified: true });
  return exit;
}

function dryRun({ output }: CommandContext, { to, second, files, counts }: ImportPlan, exit: ExitStatus): ExitStatus {
  for (const { part, target } of output.json ? files : files.slice(0, TOLD)) {
    const { path: phone, size, modified, storage } = part;
    output.event('action', { action: 'copy', phone, storage, size, modified, target });
    const gap = ' '.repeat(Math.max(1, 48 - columns(printable(phone))));
    output.say(`  ${printable(phone)}${gap}→ ${printable(target)} (${formatBytes(size)})`);
  }
  if (files.length > TOLD) output.say(`  ${terminalWords.sync.moreActions({ count: files.length - TOLD })}`);
  output.say(
    files.length === 0
      ? terminalWords.photos.nothingNew
      : terminalWords.photos.planned({ count: counts.files, size: formatBytes(counts.bytes), to: printable(to) }),
  );
  output.result(exit, { dryRun: true, destination: to, also: second?.folder, ...counts });
  return exit;
}
