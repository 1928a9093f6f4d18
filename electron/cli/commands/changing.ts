import {
  baseNameOf,
  joinPhonePath,
  parentOf,
  ROOT,
  segmentsOf,
  type Device,
  type PhonePlace,
} from '../../../shared/domain.ts';
import { fail, isPhoneError, problemOf } from '../../../shared/errors.ts';
import { count, formatBytes } from '../../../shared/format.ts';
import type { Replug } from '../../compose.ts';
import type { Command } from '../arguments.ts';
import { Exit, exitOf, type ExitStatus } from '../exit.ts';
import { placeOf, type TypedPath } from '../phone-path.ts';
import { readyDevice, withReplug, type Session } from '../session.ts';
import { printable } from '../text.ts';

type CommandOf<N extends Command['name']> = Extract<Command, { readonly name: N }>;

export async function makeFolder(session: Session, { path }: CommandOf<'mkdir'>): Promise<ExitStatus> {
  return onPhone(session, async (replug, device) => {
    const place = placeOf(device, path);
    const segments = segmentsOf(place.path);
    let above: PhonePlace = { ...place, path: ROOT };
    for (const [index, name] of segments.entries()) {
      const isLast = index === segments.length - 1;
      await replug.engine.execute('makeFolder', { place: above, name }).catch((error: unknown) => {
        // those above may be there; the one that was asked for may not
        if (isLast || !isPhoneError(error) || error.kind !== 'exists') throw error;
      });
      above = { ...above, path: joinPhonePath(above.path, name) };
    }
    return Exit.done;
  });
}

export async function remove(session: Session, { paths, yes }: CommandOf<'rm'>): Promise<ExitStatus> {
  const { output } = session;
  return onPhone(session, async (replug, device) => {
    const places = paths.map((path) => placeOf(device, path));
    if (!yes && output.terminal.isInteractive) {
      const { files, folders, bytes } = await replug.engine.execute('measure', { sources: places });
      const names = paths.map((path) => printable(path.text)).join(', ');
      const all = [count(files, 'file'), folders > 0 ? count(folders, 'folder') : '']
        .filter((part) => part !== '')
        .join(' and ');
      const answer = await output.ask(
        `Delete ${names} from ${printable(device.name)}: ${all}, ${formatBytes(bytes)}? [y/N] `,
      );
      if (answer === undefined || !/^\s*y(es)?\s*$/i.test(answer)) {
        output.say('Nothing was deleted.');
        return Exit.failed;
      }
    }
    return each(session, paths, async (path) => {
      await replug.engine.execute('delete', { sources: [placeOf(device, path)] });
    });
  });
}

export async function moveOnPhone(session: Session, { sources, to }: CommandOf<'mv'>): Promise<ExitStatus> {
  return onPhone(session, async (replug, device) => {
    const target = placeOf(device, to);
    const isFolder = await replug.engine.entries(target).then(
      ({ kind }) => kind === 'folder',
      (error: unknown) => {
        if (isPhoneError(error) && error.kind === 'missing') return false;
        throw error;
      },
    );
    if (!isFolder && sources.length > 1) throw fail('not-a-folder', 'mv', '', { subject: to.text });
    return each(session, sources, async (path) => {
      const source = placeOf(device, path);
      if (isFolder) await replug.engine.execute('moveOnPhone', { sources: [source], to: target });
      else await moveTo(replug, source, target);
    });
  });
}

/** To a new name, perhaps in another folder; both steps are ones that a phone can do. */
async function moveTo(replug: Replug, source: PhonePlace, target: PhonePlace): Promise<void> {
  const name = baseNameOf(target.path);
  const folder = { ...target, path: parentOf(target.path) };
  const same = source.storage === target.storage && parentOf(source.path) === folder.path;
  if (same) return replug.engine.execute('rename', { place: source, name });
  const oldName = baseNameOf(source.path);
  await replug.engine.execute('moveOnPhone', { sources: [source], to: folder });
  if (oldName === name) return undefined;
  const arrived = { ...folder, path: joinPhonePath(folder.path, oldName) };
  return replug.engine.execute('rename', { place: arrived, name });
}

async function onPhone(
  session: Session,
  body: (replug: Replug, device: Device) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  return withReplug(session, { queue: false, phones: true }, async (replug) => {
    const exit = await body(replug, await readyDevice(session, replug));
    session.output.result(exit);
    return exit;
  });
}

/** One after the other; what fails is told and the rest goes on, unless the phone is gone. */
async function each(
  session: Session,
  paths: readonly TypedPath[],
  body: (path: TypedPath) => Promise<void>,
): Promise<ExitStatus> {
  let exit: ExitStatus = Exit.done;
  for (const path of paths)
    try {
      await body(path);
      session.output.event('done', { path: path.text });
    } catch (error) {
      const problem = problemOf(error);
      if (exitOf(problem.kind) === Exit.noPhone) throw error;
      session.output.problem({ subject: path.text, ...problem });
      exit = Exit.failed;
    }
  return exit;
}
