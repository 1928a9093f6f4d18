/** What a file of a phone is, by its name. Phones report formats as well, but those are often wrong. */

/** Kinds that a search can ask for and that the space page adds up; `other` is every file of no other kind. */
export const CATALOGUE_KINDS = ['folder', 'photo', 'video', 'audio', 'document', 'archive', 'app', 'other'] as const;
/** One of `CATALOGUE_KINDS`. */
export type CatalogueKind = (typeof CATALOGUE_KINDS)[number];

const EXTENSIONS: Readonly<Record<Exclude<CatalogueKind, 'folder' | 'other'>, string>> = {
  photo:
    'jpg jpeg jpe jfif png apng gif webp heic heif hif avif jxl bmp tif tiff svg mpo ' +
    'dng raw cr2 cr3 crw nef nrw arw sr2 raf orf rw2 rwl pef srw gpr',
  video: 'mp4 m4v mov qt mkv webm avi 3gp 3gpp 3g2 ts mts m2ts mpg mpeg wmv asf flv ogv vob insv lrv',
  audio: 'mp3 mp2 m4a m4b aac ogg oga opus flac alac wav wma aif aiff ape amr awb 3ga mid midi mka',
  document:
    'pdf doc docx odt rtf xls xlsx ods csv ppt pptx odp epub mobi azw3 txt md log json xml html htm yml yaml ini ' +
    'srt vtt vcf vcard ics',
  archive: 'zip rar 7z tar gz tgz bz2 xz zst',
  app: 'apk apks xapk apkm aab obb',
};

const BY_EXTENSION: ReadonlyMap<string, CatalogueKind> = new Map(
  Object.entries(EXTENSIONS).flatMap(([kind, list]) =>
    list.split(' ').map((one) => [one, kind as CatalogueKind] as const),
  ),
);

/** The kind of a file of this name; a leading dot begins no extension. */
export function catalogueKindOf(name: string): Exclude<CatalogueKind, 'folder'> {
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return 'other';
  const kind = BY_EXTENSION.get(name.slice(dot + 1).toLowerCase());
  return kind === undefined || kind === 'folder' ? 'other' : kind;
}
