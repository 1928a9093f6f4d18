import type { LocalPath } from '../../../shared/domain.ts';
import type { Disk } from '../local/disk.ts';
import { readFully } from '../local/local-files.ts';
import type { Picture } from './cache.ts';
import { embeddedIn, withOrientation } from './embedded.ts';
import { pictureHead } from './formats.ts';

/** Enough for an EXIF block and what stands before it. */
const HEAD_BYTES = 128 * 1024;
const LARGEST_WHOLE = 8 * 1024 * 1024;

/** A picture of a file on this computer: the thumbnail in it, else the picture itself; `undefined` where there is none. */
export async function localPicture(disk: Disk, path: LocalPath): Promise<Picture | undefined> {
  const file = await disk.open(path, 'read').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size, isFile } = await file.stat().then((found) => ({ size: found.size, isFile: found.isFile() }));
    if (!isFile || size === 0) return undefined;
    const head = Buffer.alloc(Math.min(size, HEAD_BYTES));
    if ((await readFully(file, head, 0)) !== head.length) return undefined;
    const { pictures, orientation } = embeddedIn(head, size);
    for (const { offset, length } of pictures) {
      if (offset + length > head.length) continue;
      const bytes = head.subarray(offset, offset + length);
      if (pictureHead(bytes)?.type === 'jpeg')
        return { mime: 'image/jpeg', bytes: withOrientation(bytes, orientation) };
    }
    const type = pictureHead(head)?.type;
    if (type === undefined || size > LARGEST_WHOLE) return undefined;
    const whole = Buffer.alloc(size);
    return (await readFully(file, whole, 0)) === size ? { mime: `image/${type}`, bytes: whole } : undefined;
  } catch {
    // a file that cannot be read has its sign only; what is wrong with it is said when it is copied
    return undefined;
  } finally {
    await file.close();
  }
}
