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
    const isFolder = await phones.engine.entries(target).then(
      ({ kind }) => kind === 'folder',
      (error: unknown) => {
        if (isPhoneError(error) && error.kind === 'missing') return false;
        throw error;
      },
    );
    if (!isFolder && sources.length > 1) throw fail('not-a-folder', 'mv', '', { subject: to.text });
    return each(context, sources, async (path) => {
      const source = placeOf(device, path);
      if (isFolder) await phones.engine.execute('moveOnPhone', { sources: [source], to: target });
      else await moveTo(phones, source, target);
    });
  });
}

/** To a new name, perhaps in another folder; both steps are ones that a phone can do. */
async function moveTo(phones: Phones, source: PhonePlace, target: PhonePlace): Promise<void> {
  const name = baseNameOf(target.path);
  const folder = { ...target, path: parentOf(target.path) };
  const same = source.storage === target.storage && parentOf(source.path) === folder.path;
  if (same) return phones.engine.execute('rename', { place: source, name });
  const oldName = baseNameOf(source.path);
  await phones.engine.execute('moveOnPhone', { sources: [source], to: folder });
  if (oldName === name) return undefined;
  const arrived = { ...folder, path: joinPhonePath(folder.path, oldName) };
  return phones.engine.execute('rename', { place: arrived, name });
}
