/** How a file system treats names. */
export interface NameRules {
  /** As it stores a name; `undefined` where it cannot hold it. */
  stored(name: string): string | undefined;
  /** Looking for a name that is too long fails in another way than looking for one that is not there. */
  isTooLong?(name: string): boolean;
  /** The real path of what is there has the spelling that was asked for: Linux looks for links and nothing else. */
  readonly isToldAsAsked?: boolean;
  /** Names with the same key are one name. */
  key(stored: string): string;
}

/** Bytes of UTF-8, or on FAT characters. */
const LONGEST = 255;
/** UTF-8 of one character of a string, in bytes. */
const MOST_OF_ONE = 3;
const fits = (name: string): boolean => name.length * MOST_OF_ONE <= LONGEST || Buffer.byteLength(name) <= LONGEST;

/** ext4, tmpfs: bytes are bytes. */
export const EXACT: NameRules = {
  stored: (name) => (fits(name) ? name : undefined),
  isTooLong: (name) => !fits(name),
  key: (name) => name,
};

/** APFS as it is sold, and ext4 with casefold: spelling is kept, and one spelling finds the other. */
export const CASE_BLIND: NameRules = { ...EXACT, key: (name) => name.normalize('NFC').toLowerCase() };

/** HFS+: what is stored is decomposed, whatever was said. */
export const DECOMPOSING: NameRules = {
  ...EXACT,
  stored: (name) => EXACT.stored(name.normalize('NFD')),
  key: (name) => name.toLowerCase(),
};

const FAT_ILLEGAL = /[\u0000-\u001f"*/:<>?\\|]/u;

/**
 * FAT with long names, as Linux mounts it: no case, no signs that Windows reserves, no blank at the end; dots at the end are
 * dropped.
 */
export const FAT: NameRules = {
  stored: (name) => {
    const kept = name.replace(/\.+$/u, '');
    return kept === '' || kept.length > LONGEST || kept.endsWith(' ') || FAT_ILLEGAL.test(kept) ? undefined : kept;
  },
  isToldAsAsked: true,
  key: (name) => name.toLowerCase(),
};

/** NTFS as Linux desktops mount it (NTFS-3G with `windows_names`): case counts, and what Windows cannot name is refused. */
export const NTFS: NameRules = {
  stored: (name) =>
    name === '' || name.length > LONGEST || FAT_ILLEGAL.test(name) || /[. ]$/u.test(name) ? undefined : name,
  isTooLong: (name) => name.length > LONGEST,
  key: (name) => name,
};
