/**
 * The key under which Android's shared storage keeps one file: ext4 and f2fs with `casefold` compare names by the
 * kernel's utf8nfdicf (fs/unicode): decomposed, without what is ignorable, and with full case folding. So `Straße` is
 * `STRASSE`, `ﬁle` is `file`, and a composed é is a decomposed one (seen on Android 14: the second silently overwrites
 * the first). Written apart from Replug's own folding, so that a mistake there is not made here too.
 */
export function foldOnPhone(name: string): string {
  return [...name.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')]
    .map(foldCharacter)
    .join('')
    .normalize('NFD');
}

/** Upper case tells ß from nothing but SS, lower case makes it ss; each alone leaves some pairs apart. */
const foldCharacter = (character: string): string =>
  // the dotless i folds to itself outside Turkish, although its upper case is I
  character === 'ı' ? character : [...character.toUpperCase()].map((upper) => upper.toLowerCase()).join('');
