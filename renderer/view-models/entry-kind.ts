import type { Entry } from '../../shared/domain.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Kind of a file, derived from its name. Phones report a type as well, but it is often wrong. */
export type EntryKind =
  'folder' | 'image' | 'video' | 'audio' | 'document' | 'text' | 'archive' | 'app' | 'contact' | 'file';

const EXTENSIONS: Readonly<Record<Exclude<EntryKind, 'folder' | 'file'>, string>> = {
  image: 'jpg jpeg png gif webp heic heif avif bmp tif tiff dng raw cr2 cr3 nef arw raf orf svg',
  video: 'mp4 m4v mov mkv webm avi 3gp 3gpp ts mts mpg mpeg wmv',
  audio: 'mp3 m4a aac ogg oga opus flac wav wma amr mid midi',
  document: 'pdf doc docx odt rtf xls xlsx ods csv ppt pptx odp epub mobi',
  text: 'txt md log json xml html htm yml yaml ini srt vtt',
  archive: 'zip rar 7z tar gz bz2 xz zst',
  app: 'apk apks xapk aab obb',
  contact: 'vcf vcard ics',
};

const BY_EXTENSION = new Map(
  Object.entries(EXTENSIONS).flatMap(([kind, list]) => list.split(' ').map((one) => [one, kind as EntryKind] as const)),
);

/** Lower case, without the dot; '' if there is none. A leading dot does not start an extension. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 || dot === name.length - 1 ? '' : name.slice(dot + 1).toLowerCase();
}

/** What an entry is, told by the extension of its name; `file` for an unknown one. */
export const kindOf = (entry: Pick<Entry, 'kind' | 'name'>): EntryKind =>
  entry.kind === 'folder' ? 'folder' : (BY_EXTENSION.get(extensionOf(entry.name)) ?? 'file');

/** `JPG picture`, `Folder`, `File`, in the language that is shown. */
export function kindName(entry: Pick<Entry, 'kind' | 'name'>): string {
  const kind = kindOf(entry);
  const extension = extensionOf(entry.name).toUpperCase();
  // “TXT text” would be redundant.
  return kind === 'folder' || kind === 'text' || extension === '' || extension.length > 5
    ? windowWords.kind[kind]
    : windowWords.kind.with[kind]({ extension });
}

/** Whether the phone probably has a thumbnail for it. */
export const hasThumbnail = (entry: Pick<Entry, 'kind' | 'name'>): boolean => {
  const kind = kindOf(entry);
  return kind === 'image' || kind === 'video';
};

/** Length of the name without its extension: what renaming selects first. */
export function stemLength(entry: Pick<Entry, 'kind' | 'name'>): number {
  const extension = entry.kind === 'folder' ? '' : extensionOf(entry.name);
  return extension === '' ? entry.name.length : entry.name.length - extension.length - 1;
}

/** Splits a name where a line may break, since file names made by phones contain no spaces. */
export const breakable = (name: string): readonly string[] => name.split(/(?<=[_\-.,+ ])/u);
