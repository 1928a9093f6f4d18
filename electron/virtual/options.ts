import { createHash } from 'node:crypto';
import type { Profile, ProfileName, QuirkName } from './profiles.ts';

/** A storage besides the internal one and the card. */
export interface VirtualStorageOptions {
  /** Its root; created if missing. */
  readonly directory: string;
  /** The name the phone gives it; default: that of the internal storage, as with dual apps. */
  readonly name?: string | undefined;
  /** A card: FAT, with its limits. */
  readonly removable?: boolean | undefined;
  /** Bytes; default: the disk's own. */
  readonly capacity?: number | undefined;
  /** Mounted this many milliseconds after the session was opened, at each plug. */
  readonly afterMs?: number | undefined;
  /** Missing until `insertStorage`. */
  readonly absent?: boolean | undefined;
}

/** Options of a virtual phone; only its folder is required. */
export interface VirtualPhoneOptions {
  /** Root of the internal storage; created if missing. */
  readonly directory: string;
  /** Root of the SD card, if any. */
  readonly sdDirectory?: string | undefined;
  /** One that is built in, or one of its own. */
  readonly profile?: ProfileName | Profile | undefined;
  /**
   * By default derived from the folder's path, and so stable. Empty: the phone has none. Two phones may have the same
   * serial. See also the quirks `no-serial` and `placeholder-serial`.
   */
  readonly serial?: string | undefined;
  /** The serial number in the USB descriptor where it is not that of DeviceInfo: QEMU's names the port it is on. */
  readonly busSerial?: string | undefined;
  readonly name?: string | undefined;
  readonly maker?: string | undefined;
  readonly quirks?: readonly (readonly [QuirkName, number])[] | undefined;
  /** Bytes of the internal storage; default: the disk's own. */
  readonly capacity?: number | undefined;
  readonly sdCapacity?: number | undefined;
  /** Name of the internal storage; most phones use their own language. */
  readonly storageName?: string | undefined;
  readonly sdName?: string | undefined;
  /**
   * Milliseconds after opening the session at which the card is mounted, at each plug (a phone that has just
   * started).
   */
  readonly sdAfterMs?: number | undefined;
  /** Further storages: a second card, dual apps. */
  readonly storages?: readonly VirtualStorageOptions[] | undefined;
  /** Bytes per second; 0 is unlimited. */
  readonly rate?: number | undefined;
  readonly latencyMs?: number | undefined;
  /** Create the folders a phone comes with. */
  readonly createDefaultFolders?: boolean | undefined;
  /** Add a few sample files if its folder is empty or new. */
  readonly samples?: boolean | undefined;
  /**
   * Paths that an earlier program announced with SendObjectInfo and never sent, because it was killed in between.
   * They are listed with 0 bytes, cannot be deleted (2012) and block their names until the first replug.
   */
  readonly phantoms?: readonly string[] | undefined;
  readonly maxPacketSize?: 64 | 512 | 1024 | undefined;
  /** Plugged in from the start, unless false. */
  readonly plugged?: boolean | undefined;
}

/** The folders a phone comes with. */
export const ANDROID_FOLDERS = ['DCIM/Camera', 'Download', 'Pictures', 'Music', 'Movies', 'Documents'] as const;

/** A placeholder serial number, seen on cheap tablets of many makers. */
const PLACEHOLDER_SERIAL = '0123456789ABCDEF';

/** The serial number that the phone reports, in its descriptor and in DeviceInfo alike. */
export function serialOf(options: VirtualPhoneOptions, directory: string): string {
  const has = (quirk: QuirkName): boolean => options.quirks?.some(([name]) => name === quirk) === true;
  if (has('no-serial')) return '';
  if (has('placeholder-serial')) return PLACEHOLDER_SERIAL;
  return options.serial ?? `VP${createHash('sha256').update(directory).digest('hex').slice(0, 12).toUpperCase()}`;
}
