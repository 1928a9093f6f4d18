import { CATALOGUE_KINDS, type CatalogueKind } from './catalogue-kinds.ts';
import { foldName, type Instant } from './domain.ts';

/**
 * What a person types to search a phone: words in any order, and what narrows them.
 *
 *     word "two words" kind:photo,video size>100MB date:2025-06 date>2025 in:DCIM/Camera
 *
 * Pure. Nothing typed is ever refused: what is no condition is looked for as a word, and told as misread where it looks
 * like one.
 */

/** A query as it is looked for. An empty one finds nothing. */
export interface CatalogueQuery {
  /** Folded; a name has to contain all of them. */
  readonly words: readonly string[];
  /** Empty: all kinds. */
  readonly kinds: readonly CatalogueKind[];
  /** Bytes, both included. */
  readonly leastSize: number | undefined;
  readonly mostSize: number | undefined;
  /** Milliseconds; `from` is included, `before` is not. */
  readonly from: Instant | undefined;
  readonly before: Instant | undefined;
  /** Folded names of folders, each of them a way of one or more names that has to be in the path. */
  readonly inside: readonly (readonly string[])[];
  /** As typed: what looks like a condition and is none. */
  readonly misread: readonly string[];
}

/** Letters that no decomposition takes apart and that people type without their stroke. */
const PLAIN: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ħ: 'h',
  ŧ: 't',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ð: 'd',
  ı: 'i',
};
const ASCII = /^[\u0020-\u007e]*$/;
const STROKED = /[øłđħŧæœþðı]/g;
/** Accents of Latin, Greek and Cyrillic letters. Marks of other scripts are letters to those who read them. */
const ACCENTS = /[\u0300-\u036f]/g;

/** The form in which names and words are compared: without case, accents and differences of width. */
export function foldForSearch(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return foldName(text.normalize('NFKD'))
    .replace(ACCENTS, '')
    .replace(STROKED, (letter) => PLAIN[letter] ?? letter)
    .normalize('NFC');
}

const OTHER_NAMES: Readonly<Record<string, CatalogueKind>> = {
  photos: 'photo',
  picture: 'photo',
  pictures: 'photo',
  image: 'photo',
  images: 'photo',
  videos: 'video',
  movie: 'video',
  movies: 'video',
  music: 'audio',
  sound: 'audio',
  sounds: 'audio',
  documents: 'document',
  doc: 'document',
  docs: 'document',
  archives: 'archive',
  apps: 'app',
  folders: 'folder',
  dir: 'folder',
};

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** What is being put together; the fields of `CatalogueQuery`, open. */
interface Draft {
  words: string[];
  kinds: CatalogueKind[];
  leastSize: number | undefined;
  mostSize: number | undefined;
  from: Instant | undefined;
  before: Instant | undefined;
  inside: string[][];
  misread: string[];
}

const larger = (one: number | undefined, other: number): number => Math.max(one ?? other, other);
const smaller = (one: number | undefined, other: number): number => Math.min(one ?? other, other);

function readKinds(draft: Draft, value: string): boolean {
  const kinds = value
    .toLowerCase()
    .split(',')
    .map((one) => OTHER_NAMES[one] ?? CATALOGUE_KINDS.find((kind) => kind === one));
  if (kinds.some((kind) => kind === undefined)) return false;
  draft.kinds.push(...kinds.filter((kind) => kind !== undefined));
  return true;
}

function readSize(draft: Draft, sign: string, value: string): boolean {
  const found = /^(\d+(?:[.,]\d+)?)([a-z]*)$/i.exec(value);
  const unit = found === null ? undefined : UNITS[(found[2] ?? '').toLowerCase()];
  if (found === null || unit === undefined) return false;
  const bytes = Math.round(Number((found[1] ?? '').replace(',', '.')) * unit);
  if (sign === '>') draft.leastSize = larger(draft.leastSize, bytes + 1);
  else if (sign === '>=') draft.leastSize = larger(draft.leastSize, bytes);
  else if (sign === '<') draft.mostSize = smaller(draft.mostSize, bytes - 1);
  else if (sign === '<=') draft.mostSize = smaller(draft.mostSize, bytes);
  else {
    draft.leastSize = larger(draft.leastSize, bytes);
    draft.mostSize = smaller(draft.mostSize, bytes);
  }
  return true;
}

/** The span of a year, month or day in the time zone of this computer, as dates are shown in it. */
function spanOf(value: string): { readonly from: Instant; readonly before: Instant } | undefined {
  const found = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(value);
  if (found === null) return undefined;
  const year = Number(found[1]);
  const month = found[2] === undefined ? undefined : Number(found[2]);
  const day = found[3] === undefined ? undefined : Number(found[3]);
  if (month !== undefined && (month < 1 || month > 12)) return undefined;
  if (day !== undefined && (day < 1 || day > new Date(year, month ?? 1, 0).getDate())) return undefined;
  const from = new Date(year, (month ?? 1) - 1, day ?? 1);
  const before =
    month === undefined
      ? new Date(year + 1, 0, 1)
      : day === undefined
        ? new Date(year, month, 1)
        : new Date(year, month - 1, day + 1);
  return { from: from.getTime(), before: before.getTime() };
}

function readDate(draft: Draft, sign: string, value: string): boolean {
  // a range: 2024..2025-06
  const [first, last, ...more] = value.split('..');
  const from = spanOf(first ?? '');
  const until = last === undefined ? from : spanOf(last);
  if (from === undefined || until === undefined || more.length > 0) return false;
  if (sign === '>') draft.from = larger(draft.from, until.before);
  else if (sign === '>=') draft.from = larger(draft.from, from.from);
  else if (sign === '<') draft.before = smaller(draft.before, from.from);
  else if (sign === '<=') draft.before = smaller(draft.before, until.before);
  else {
    draft.from = larger(draft.from, from.from);
    draft.before = smaller(draft.before, until.before);
  }
  return true;
}

function readInside(draft: Draft, value: string): boolean {
  const way = value
    .split('/')
    .filter((one) => one !== '')
    .map(foldForSearch);
  if (way.length === 0) return false;
  draft.inside.push(way);
  return true;
}

const CONDITION = /^(kind|size|date|in)(:|>=|<=|>|<|=)(.*)$/is;

function readCondition(draft: Draft, token: string): 'read' | 'misread' | 'word' {
  const found = CONDITION.exec(token);
  if (found === null) return 'word';
  const [, field = '', sign = '', value = ''] = found;
  const isEqual = sign === ':' || sign === '=';
  switch (field.toLowerCase()) {
    case 'kind':
      return isEqual && readKinds(draft, value) ? 'read' : 'misread';
    case 'size':
      return readSize(draft, sign, value) ? 'read' : 'misread';
    case 'date':
      return readDate(draft, sign, value) ? 'read' : 'misread';
    default:
      return isEqual && readInside(draft, value) ? 'read' : 'misread';
  }
}

/** Splits at spaces, but not between quotes, which may also stand behind a colon: `in:"My files"`. An open quote ends at the end. */
function tokensOf(text: string): readonly { readonly text: string; readonly quoted: boolean }[] {
  return [...text.matchAll(/((?:[^\s"]*)"[^"]*(?:"|$))|[^\s"]+/gu)].map(([all, quoted]) => ({
    text: all.replaceAll('"', ''),
    quoted: quoted?.startsWith('"') ?? false,
  }));
}

/** Reads a query as typed. Never throws. */
export function parseQuery(text: string): CatalogueQuery {
  const draft: Draft = {
    words: [],
    kinds: [],
    leastSize: undefined,
    mostSize: undefined,
    from: undefined,
    before: undefined,
    inside: [],
    misread: [],
  };
  for (const token of tokensOf(text)) {
    const how = token.quoted ? 'word' : readCondition(draft, token.text);
    if (how === 'read') continue;
    if (how === 'misread') draft.misread.push(token.text);
    const word = foldForSearch(token.text);
    if (word !== '') draft.words.push(word);
  }
  return draft;
}

/** Whether a query asks for anything at all. */
export const isEmptyQuery = (query: CatalogueQuery): boolean =>
  query.words.length === 0 &&
  query.kinds.length === 0 &&
  query.inside.length === 0 &&
  query.leastSize === undefined &&
  query.mostSize === undefined &&
  query.from === undefined &&
  query.before === undefined;
