import { foldName, type Instant } from '../../shared/domain.ts';
import { mediaKindOf } from '../../shared/media-kinds.ts';
import { skippedName } from '../../shared/skipped-names.ts';
import type { SyncFilters, SyncKind } from '../../shared/sync.ts';

/** Which files of the source a pair takes. Pure. */

/** Pictures that players show for the songs beside them; Windows writes `AlbumArt_{…}_Large.jpg`. */
const COVER =
  /^(?:\.?(?:cover|folder|front|back|album|artist|artwork|disc|cd|booklet|inlay|thumb)(?:art)?(?:[ _.-]?(?:front|back|small|large|\d{1,3}))*|albumart.*)\.(?:jpe?g|png|gif|webp|bmp)$/i;

/** Whether a file belongs to one of the kinds, as what it is or as what lies beside it: a cover is a picture, and music. */
const isOfKind = (name: string, kinds: readonly SyncKind[]): boolean => {
  const kind = mediaKindOf(name);
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
