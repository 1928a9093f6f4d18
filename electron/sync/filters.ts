import { foldName, type Instant } from '../../shared/domain.ts';
import { skippedName } from '../../shared/skipped-names.ts';
import type { SyncFilters, SyncKind } from '../../shared/sync.ts';

/** Which files a pair means. Pure. */

const EXTENSIONS: Readonly<Record<SyncKind, readonly string[]>> = {
  photos: [
    'jpg jpeg jpe png gif webp bmp heic heif avif tif tiff svg mpo',
    'dng raw arw nef nrw cr2 cr3 crw orf rw2 raf pef srw',
  ].flatMap((line) => line.split(' ')),
  videos: 'mp4 m4v mov 3gp 3gpp 3g2 mkv webm avi mpg mpeg mts m2ts ts wmv flv'.split(' '),
  music: 'mp3 m4a aac flac ogg oga opus wav wma aif aiff mid midi amr ape m3u m3u8'.split(' '),
};

export function kindOf(name: string): SyncKind | undefined {
  const dot = name.lastIndexOf('.');
  if (dot < 0) return undefined;
  const extension = name.slice(dot + 1).toLowerCase();
  return (Object.keys(EXTENSIONS) as SyncKind[]).find((kind) => EXTENSIONS[kind].includes(extension));
}

/** `*` and `?` stay within a name, `**` crosses folders; case does not matter, as on phones. */
export function patternOf(glob: string): RegExp {
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

export interface Candidate {
  readonly path: string;
  readonly size: number;
  readonly modified: Instant | undefined;
}

export interface Filter {
  /** Whether the file is meant by the pair. */
  includes(file: Candidate): boolean;
  /** Whether anything below the folder may be meant; one that is excluded is not even listed. */
  enters(folder: string): boolean;
}

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
      if (filters.kinds.length > 0) {
        const kind = kindOf(name);
        if (kind === undefined || !filters.kinds.includes(kind)) return false;
      }
      if (filters.largerThan !== undefined && size <= filters.largerThan) return false;
      // a file without a date is rather copied than lost
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
