import type { SyncKind } from './sync.ts';

/** What kind of file a name says it is, and which files are the parts of one shot. Pure. */

const EXTENSIONS: Readonly<Record<SyncKind, readonly string[]>> = {
  photos: [
    'jpg jpeg jpe jfif png apng gif webp bmp heic heif hif avif jxl jp2 tif tiff svg mpo insp',
    // raw: of every maker, and GoPro's
    'dng raw arw sr2 nef nrw cr2 cr3 crw orf rw2 rwl raf pef srw 3fr fff iiq mrw x3f erf kdc dcr mos gpr',
    // sidecars: edits, ratings, what a phone keeps beside a picture
    'xmp aae thm',
  ].flatMap((line) => line.split(' ')),
  videos: [
    'mp4 m4v mov qt 3gp 3gpp 3g2 mkv webm avi mpg mpeg m2v mts m2ts ts wmv asf flv ogv vob mxf',
    // cameras worn, flown or with two lenses, and the small copies they make
    'insv 360 lrv lrf braw r3d',
    'srt vtt ass ssa sub idx',
  ].flatMap((line) => line.split(' ')),
  music: [
    'mp3 mp2 m4a m4b m4p aac flac alac ogg oga opus spx wav wma wv aif aiff ape tak tta mpc mka dsf dff ac3 dts',
    'mid midi amr awb 3ga aa aax caf weba',
    // beside songs: lyrics, playlists, cue sheets
    'lrc m3u m3u8 pls wpl xspf cue',
  ].flatMap((line) => line.split(' ')),
};

/** Endings of files that mean nothing without the picture or video beside them. */
const BESIDE = new Set('xmp aae thm srt vtt ass ssa sub idx lrv lrf'.split(' '));

/** A name's ending in lower case, without its dot; empty where there is none. */
export const extensionOf = (name: string): string => {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
};

/** The kind of a file by its name's ending; `undefined` for any other. */
export function mediaKindOf(name: string): SyncKind | undefined {
  const extension = extensionOf(name);
  return (Object.keys(EXTENSIONS) as SyncKind[]).find((kind) => EXTENSIONS[kind].includes(extension));
}

/** Whether a file only goes with another one: an edit, subtitles, a camera's small copy. */
export const goesBeside = (name: string): boolean => BESIDE.has(extensionOf(name));

/** Files that belong to another one and carry its whole name: `IMG_1.JPG.xmp`. */
export const SIDECAR = /^(.+\.[^./]{2,5})(\.(?:xmp|aae|srt|lrc|thm|pp3|dop|json))$/i;

/** A path without the endings that tell the parts of one shot apart: `IMG_1` of `IMG_1.DNG`, `IMG_1.JPG`, `IMG_1.JPG.xmp`. */
export function stemOf(path: string): string {
  const slash = path.lastIndexOf('/') + 1;
  const name = SIDECAR.exec(path.slice(slash))?.[1] ?? path.slice(slash);
  const dot = name.lastIndexOf('.');
  return path.slice(0, slash) + (dot > 0 ? name.slice(0, dot) : name);
}
