/**
 * The key under which Android's shared storage identifies a file. ext4 and f2fs with `casefold` compare names by the
 * kernel's utf8nfdicf (fs/unicode): decomposed, without ignorable characters, with full case folding. So `Straße` is
 * `STRASSE`, `ﬁle` is `file`, and a composed é is a decomposed one (seen on Android 14: the second silently
 * overwrites the first). Written independently of Replug's own folding, so that a bug there is not repeated here.
 */
export function foldOnPhone(name: string): string {
  if (PLAIN.test(name)) return name.toLowerCase();
  return [...name.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')]
    .map(foldCharacter)
    .join('')
    .normalize('NFD');
}

/** Most names: nothing in them decomposes, is ignored or folds to more than one letter. */
const PLAIN = /^[\u0020-\u007e]*$/;

/**
 * Upper-casing alone turns ß into SS, and lower-casing alone leaves ß; each leaves some pairs distinct, so both are
 * applied.
 */
const foldCharacter = (character: string): string =>
  // outside Turkish the dotless i folds to itself, although its upper case is I
  character === 'ı' ? character : [...character.toUpperCase()].map((upper) => upper.toLowerCase()).join('');
