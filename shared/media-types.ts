/** Media types of files by their names, for what the window draws and plays and for what a browser's tab shows. */

const PICTURES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  jpe: 'image/jpeg',
  jfif: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
};
const VIDEOS: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  '3gp': 'video/3gpp',
  '3gpp': 'video/3gpp',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  ogv: 'video/ogg',
};
const SOUNDS: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  wav: 'audio/wav',
  weba: 'audio/webm',
};
const DOCUMENTS: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  html: 'text/html',
  htm: 'text/html',
  xhtml: 'application/xhtml+xml',
  svg: 'image/svg+xml',
  xml: 'text/xml',
};
const TEXTS = new Set(
  'txt text log md markdown csv tsv json ini cfg conf yml yaml toml srt vtt ics vcf vcard tex rst diff patch'.split(
    ' ',
  ),
);

/** What the window can draw or play itself. */
export type Playable = { readonly kind: 'picture' | 'video' | 'audio'; readonly type: string };

const extensionOf = (name: string): string => /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';

const find = (table: Readonly<Record<string, string>>, extension: string): string | undefined =>
  Object.hasOwn(table, extension) ? table[extension] : undefined;

/** What a file of this name is to a window; `undefined` where it can neither be drawn nor played. */
export function playableOf(name: string): Playable | undefined {
  const extension = extensionOf(name);
  const picture = find(PICTURES, extension);
  if (picture !== undefined) return { kind: 'picture', type: picture };
  const video = find(VIDEOS, extension);
  if (video !== undefined) return { kind: 'video', type: video };
  const sound = find(SOUNDS, extension);
  return sound === undefined ? undefined : { kind: 'audio', type: sound };
}

/** The media type of a file of this name; `application/octet-stream` where it is not one of those a browser shows. */
export function mediaTypeOf(name: string): string {
  const extension = extensionOf(name);
  if (TEXTS.has(extension)) return 'text/plain';
  return playableOf(name)?.type ?? find(DOCUMENTS, extension) ?? 'application/octet-stream';
}
