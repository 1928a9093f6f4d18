import { foldName, type Instant } from '../../shared/domain.ts';
import { skippedName } from '../../shared/skipped-names.ts';
import type { SyncFilters, SyncKind } from '../../shared/sync.ts';

/** Which files of the source a pair takes. Pure. */

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

/** Pictures that players show for the songs beside them; Windows writes `AlbumArt_{…}_Large.jpg`. */
const COVER =
  /^(?:\.?(?:cover|folder|front|back|album|artist|artwork|disc|cd|booklet|inlay|thumb)(?:art)?(?:[ _.-]?(?:front|back|small|large|\d{1,3}))*|albumart.*)\.(?:jpe?g|png|gif|webp|bmp)$/i;

const extensionOf = (name: string): string => {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
};

/** The kind of a file by its name's ending; `undefined` for any other. */
export function kindOf(name: string): SyncKind | undefined {
  const extension = extensionOf(name);
  return (Object.keys(EXTENSIONS) as SyncKind[]).find((kind) => EXTENSIONS[kind].includes(extension));
}

/** Whether a file belongs to one of the kinds, as what it is or as what lies beside it: a cover is a picture, and music. */
const isOfKind = (name: string, kinds: readonly SyncKind[]): boolean => {
  const kind = kindOf(name);
  return (kind !== undefined && kinds.includes(kind)) || (kinds.includes('music') && COVER.test(name));
};

/** `*` and `?` stay within a name, `**` crosses folders; case does not matter, as on phones. */
function patternOf(glob: string): RegExp {
  let source = '';
  for (let at = 0; at < glob.length; at += 1) {
    const letter = glob[at] ?? '';
    if (letter === '*' && glob[at + 1] === '*') {
      at += 1;
      // `**/` also means no folder at all
      if (glob[at + 1] === '/') {
        at += 1;
        source += '(?:.*/)?';
      } else source += '.*';
    } else if (letter === '*') source += '[^/]*';
    else if (letter === '?') source += '[^/]';
    else source += letter.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 'su');
}

interface Pattern {
  readonly expression: RegExp;
  /** Matched against the whole path rather than each name in it. */
  readonly whole: boolean;
}

const patternsOf = (globs: readonly string[]): readonly Pattern[] =>
  globs.map((glob) => {
    const folded = foldName(glob).replace(/^\/|\/$/g, '');
    return { expression: patternOf(folded), whole: folded.includes('/') };
  });

/** A file of the source, as a listing tells it. */
export interface Candidate {
  readonly path: string;
  readonly size: number;
  readonly modified: Instant | undefined;
}

/** A pair's filters, ready for use. */
export interface Filter {
  /** Whether the pair takes the file. */
  includes(file: Candidate): boolean;
  /** Whether anything below the folder may be taken; one that is excluded is not even listed. */
  enters(folder: string): boolean;
}

/** Compiles the filters of a pair. */
export function filterOf(filters: SyncFilters): Filter {
  const include = patternsOf(filters.include);
  const exclude = patternsOf(filters.exclude);
  const matches = (patterns: readonly Pattern[], path: string): boolean => {
    const folded = foldName(path);
    const names = folded.split('/');
    return patterns.some(({ expression, whole }) =>
      whole ? matchesFromTop(expression, names) : names.some((name) => expression.test(name)),
    );
  };
  return {
    includes: ({ path, size, modified }) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      // whatever the filters say; a folder of such a name is not entered
      if (skippedName(name, 'computer') !== undefined) return false;
      if (filters.kinds.length > 0 && !isOfKind(name, filters.kinds)) return false;
      if (filters.largerThan !== undefined && size <= filters.largerThan) return false;
      // better to copy a file without a date than to lose it
      if (filters.newerThan !== undefined && modified !== undefined && modified <= filters.newerThan) return false;
      if (include.length > 0 && !matches(include, path)) return false;
      return !matches(exclude, path);
    },
    enters: (folder) =>
      skippedName(folder.slice(folder.lastIndexOf('/') + 1), 'computer') === undefined && !matches(exclude, folder),
  };
}

/** A pattern with folders in it means what it names and all that lies below. */
const matchesFromTop = (expression: RegExp, names: readonly string[]): boolean =>
  names.some((_, index) => expression.test(names.slice(0, index + 1).join('/')));
