import { baseNameOf, foldName, joinPhonePath, parentOf, type PhonePlace } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { Phones } from '../../compose/phones.ts';
import type { CommandOf } from '../arguments.ts';
import type { ExitStatus } from '../exit.ts';
import { each, onPhone } from '../on-phone.ts';
import { placeOf } from '../phone-path.ts';
import type { CommandContext } from '../command-context.ts';

/** `replug mv`: moves into a folder of the phone, or gives one file or folder another name. */
export async function mv(context: CommandContext, { sources, to }: CommandOf<'mv'>): Promise<ExitStatus> {
  return onPhone(context, async (phones, device) => {
    const target = placeOf(device, to);
    const [only] = sources;
    const source = sources.length === 1 && only !== undefined ? placeOf(device, only) : undefined;
    // the same by another spelling: `mv /dir /Dir` is a new name, not a move into itself
    if (source !== undefined && source.storage === target.storage && foldName(source.path) === foldName(target.path))
      return each(context, sources, () =>
        phones.engine.execute('rename', { place: source, name: baseNameOf(target.path) }),
      );
    const there = await kindOf(phones, target);
    // `mv song.flac /Music/` means a folder: without one the song would be called “Music”
    if (there !== 'folder' && (sources.length > 1 || to.text.endsWith('/')))
      throw fail(there === undefined ? 'missing' : 'not-a-folder', 'mv', '', { subject: to.text });
    return each(context, sources, async (path) => {
      const source = placeOf(device, path);
      if (there === 'folder') await phones.engine.execute('moveOnPhone', { sources: [source], to: target });
      else if (there === 'file') throw fail('exists', 'mv', '', { subject: baseNameOf(target.path) });
      else await moveTo(phones, source, target);
    });
  });
}

const kindOf = ({ engine }: Phones, place: PhonePlace): Promise<'file' | 'folder' | undefined> =>
  engine.entries(place).then(
    ({ kind }) => kind,
    (error: unknown) => {
      if (isPhoneError(error) && error.kind === 'missing') return undefined;
      throw error;
    },
  );

/**
 * To a new name, perhaps in another folder: two steps that a phone can do. It is renamed first, which is undone cheaply, or
 * moved first where something has its new name in its old folder. Where the second step fails the first one is undone.
 */
async function moveTo(phones: Phones, source: PhonePlace, target: PhonePlace): Promise<void> {
  const { engine } = phones;
  const name = baseNameOf(target.path);
  const oldName = baseNameOf(source.path);
  const from = { ...source, path: parentOf(source.path) };
  const to = { ...target, path: parentOf(target.path) };
  const at = (folder: PhonePlace, its: string): PhonePlace => ({ ...folder, path: joinPhonePath(folder.path, its) });
  const rename = (folder: PhonePlace, its: string, other: string): Promise<void> =>
    engine.execute('rename', { place: at(folder, its), name: other });
  const move = (its: string, here: PhonePlace, there: PhonePlace): Promise<void> =>
    engine.execute('moveOnPhone', { sources: [at(here, its)], to: there });
  if (from.storage === to.storage && foldName(from.path) === foldName(to.path)) return rename(from, oldName, name);
  if (oldName === name) return move(name, from, to);
  // in another spelling of its own name it is in nobody's way but its own
  if (foldName(oldName) !== foldName(name) && (await kindOf(phones, at(from, name))) === undefined) {
    await rename(from, oldName, name);
    return orUndo(move(name, from, to), () => rename(from, name, oldName));
  }
  if ((await kindOf(phones, at(to, oldName))) !== undefined) throw fail('exists', 'mv', '', { subject: oldName });
  await move(oldName, from, to);
  return orUndo(rename(to, oldName, name), () => move(oldName, to, from));
}

async function orUndo(step: Promise<void>, undo: () => Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    await undo().catch(() => undefined);
    throw error;
  }
}
