import { createHash } from 'node:crypto';
import type { ProfileName, QuirkName } from './profiles.ts';

/** A storage beside the internal one and the card. */
export interface VirtualStorageOptions {
  /** Its root; made when it is not there. */
  readonly directory: string;
  /** As the phone calls it; the internal storage's name by default, as dual apps do. */
  readonly name?: string | undefined;
  /** A card: FAT, with its limits. */
  readonly removable?: boolean | undefined;
  /** Bytes; the disk's own by default. */
  readonly capacity?: number | undefined;
  /** Mounted so many milliseconds after the session was opened, at each plug. */
  readonly afterMs?: number | undefined;
  /** Not there until `insertStorage`. */
  readonly absent?: boolean | undefined;
}

/** What a virtual phone is; all but its folder may be left out. */
export interface VirtualPhoneOptions {
  /** Root of the internal storage; made when it is not there. */
  readonly directory: string;
  /** Root of the SD card, if there is one. */
  readonly sdDirectory?: string | undefined;
  readonly profile?: ProfileName | undefined;
  /**
   * Stable by default: derived from the folder's path. Empty: the phone has none. Two phones may have the same one. See
   * also the quirks `no-serial` and `placeholder-serial`.
   */
  readonly serial?: string | undefined;
  readonly name?: string | undefined;
  readonly maker?: string | undefined;
  readonly quirks?: readonly (readonly [QuirkName, number])[] | undefined;
  /** Bytes of the internal storage; the disk's own by default. */
  readonly capacity?: number | undefined;
  readonly sdCapacity?: number | undefined;
  /** What the phone calls its internal storage: in its own language on most. */
  readonly storageName?: string | undefined;
  readonly sdName?: string | undefined;
  /** The card is mounted this long after the session was opened, at each plug (a phone that has just started). */
  readonly sdAfterMs?: number | undefined;
  /** Further storages: a second card, dual apps. */
  readonly storages?: readonly VirtualStorageOptions[] | undefined;
  /** Bytes per second; 0 is as fast as it goes. */
  readonly rate?: number | undefined;
  readonly latencyMs?: number | undefined;
  /** Make the folders a phone comes with. */
  readonly createDefaultFolders?: boolean | undefined;
  /** Put a few pictures and files on it, where its folder is empty or new. */
  readonly samples?: boolean | undefined;
  /**
   * Paths that an earlier program announced with SendObjectInfo and never sent, because it was killed in between: they
   * list with 0 bytes, cannot be deleted (2012) and block their names until the first replug.
   */
  readonly phantoms?: readonly string[] | undefined;
  readonly maxPacketSize?: 64 | 512 | 1024 | undefined;
  /** Starts on the bus unless false. */
  readonly plugged?: boolean | undefined;
}

/** What a phone comes with. */
export const ANDROID_FOLDERS = ['DCIM/Camera', 'Download', 'Pictures', 'Music', 'Movies', 'Documents'] as const;

/** What a maker writes where a serial number belongs and nobody cares; seen on cheap tablets of many makers. */
const PLACEHOLDER_SERIAL = '0123456789ABCDEF';

/** The serial that the phone tells, in its descriptor and in DeviceInfo alike. */
export function serialOf(options: VirtualPhoneOptions, directory: string): string {
  const has = (quirk: QuirkName): boolean => options.quirks?.some(([name]) => name === quirk) === true;
  if (has('no-serial')) return '';
  if (has('placeholder-serial')) return PLACEHOLDER_SERIAL;
  return options.serial ?? `VP${createHash('sha256').update(directory).digest('hex').slice(0, 12).toUpperCase()}`;
}
