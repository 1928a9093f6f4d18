import { baseNameOf, foldName, isInside, parentOf, phonePath, type PhonePath } from '../../shared/domain.ts';
import { mediaKindOf } from '../../shared/media-kinds.ts';

/** Which folders of a phone hold photos, and which files in them count. Pure. */

/** Folders at the top of a storage that are looked through with all below them. */
const WHOLE: ReadonlySet<string> = new Set(['dcim', 'pictures', 'movies']);

/** Where messengers save what was sent: at the top in old versions, below Android/media since 2021. */
const MESSENGERS: readonly PhonePath[] = [
  '/WhatsApp/Media',
  '/Android/media/com.whatsapp/WhatsApp/Media',
  '/Android/media/com.whatsapp.w4b/WhatsApp Business/Media',
  '/Telegram',
  '/Android/media/org.telegram.messenger/Telegram',
].map(phonePath);
/** What they keep there that nobody took or was sent. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'whatsapp stickers',
  'wallpaper',
  'whatsapp profile photos',
  'whatsapp backup excluded stickers',
]);
/** Messengers that save into Pictures, by the folder's name. */
const IN_PICTURES: ReadonlySet<string> = new Set(['telegram', 'whatsapp']);

/** Levels below which a maker's own folder of screenshots is looked for (`/MIUI/Screenshots`). */
const SCREENSHOT_DEPTH = 2;
const SCREENSHOTS = /^(?:screen ?shots?|screencaptures?|screenrecords?|screen ?recordings?|screenrecorder)$/;

/** Whether a folder of this name is one of screenshots or of recordings of the screen. */
export const isScreenshotFolder = (name: string): boolean => SCREENSHOTS.test(foldName(name));

/** What galleries leave out: trashed and unfinished files, thumbnails, whatever begins with a dot. */
const isHidden = (name: string): boolean => name.startsWith('.');

const namesOf = (path: PhonePath): readonly string[] => path.slice(1).split('/').map(foldName);

/** Whether a folder is to be listed: it may hold photos, or a folder that does. */
export function entersFolder(path: PhonePath, messengers: boolean): boolean {
  const names = namesOf(path);
  const [top = ''] = names;
  if (names.some(isHidden)) return false;
  if (WHOLE.has(top)) return messengers || !names.slice(1).some((name) => IN_PICTURES.has(name));
  if (isScreenshotFolder(names.at(-1) ?? '')) return true;
  if (names.slice(0, -1).some(isScreenshotFolder)) return true;
  const folded = phonePath(names.join('/'));
  const leads = MESSENGERS.some((root) => {
    const known = phonePath(namesOf(root).join('/'));
    return isInside(known, folded) || (isInside(folded, known) && !names.some((name) => NOT_SENT.has(name)));
  });
  if (leads && messengers) return true;
  // a maker's own folder; Android's holds data of programs, with thousands of folders
  return names.length < SCREENSHOT_DEPTH && top !== 'android';
}

/** Whether files directly in a folder count; `entersFolder` holds of it. */
export function countsIn(path: PhonePath, messengers: boolean): boolean {
  const names = namesOf(path);
  if (WHOLE.has(names[0] ?? '') || names.some(isScreenshotFolder)) return true;
  const folded = phonePath(names.join('/'));
  return messengers && MESSENGERS.some((root) => isInside(folded, phonePath(namesOf(root).join('/'))));
}

/** Whether a file is a photo, a video or a part of one, and complete; an empty one is none yet. */
export function isMedia(name: string): boolean {
  if (isHidden(name) || /\.replug-/i.test(name)) return false;
  const kind = mediaKindOf(name);
  return kind === 'photos' || kind === 'videos';
}

/** Whether a path lies in one of these folders, at any depth: those in which `.nomedia` hides all from galleries. */
export function isBelowAny(path: PhonePath, folders: ReadonlySet<PhonePath>): boolean {
  if (folders.size === 0) return false;
  for (let folder = parentOf(path); ; folder = parentOf(folder)) {
    if (folders.has(folder)) return true;
    if (baseNameOf(folder) === '') return false;
  }
}
