import { joinPhonePath, ROOT, segmentsOf, type PhonePlace } from '../../../shared/domain.ts';
import { isPhoneError } from '../../../shared/errors.ts';
import type { CommandOf } from '../arguments.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { onPhone } from '../on-phone.ts';
import { placeOf } from '../phone-path.ts';
import type { CommandContext } from '../command-context.ts';

/** `replug mkdir`: makes a folder on the phone, and those above it. */
export async function mkdir(context: CommandContext, { path }: CommandOf<'mkdir'>): Promise<ExitStatus> {
  return onPhone(context, async (phones, device) => {
    const place = placeOf(device, path);
    const segments = segmentsOf(place.path);
    let above: PhonePlace = { ...place, path: ROOT };
    for (const [index, name] of segments.entries()) {
      const isLast = index === segments.length - 1;
      await phones.engine.execute('makeFolder', { place: above, name }).catch((error: unknown) => {
        // those above may be there; the one that was asked for may not
        if (isLast || !isPhoneError(error) || error.kind !== 'exists') throw error;
      });
      above = { ...above, path: joinPhonePath(above.path, name) };
    }
    return Exit.done;
  });
}
