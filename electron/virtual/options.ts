import type { ProfileName, QuirkName } from './profiles.ts';

export interface VirtualPhoneOptions {
  /** Root of the internal storage; made when it is not there. */
  readonly directory: string;
  /** Root of the SD card, if there is one. */
  readonly sdDirectory?: string | undefined;
  readonly profile?: ProfileName | undefined;
  /** Stable by default: derived from the folder's path. */
  readonly serial?: string | undefined;
  readonly name?: string | undefined;
  readonly maker?: string | undefined;
  readonly quirks?: readonly (readonly [QuirkName, number])[] | undefined;
  /** Bytes of the internal storage; the disk's own by default. */
  readonly capacity?: number | undefined;
  readonly sdCapacity?: number | undefined;
  /** Bytes per second; 0 is as fast as it goes. */
  readonly rate?: number | undefined;
  readonly latencyMs?: number | undefined;
  /** Make the folders a phone comes with. */
  readonly furnish?: boolean | undefined;
  /** Put a few pictures and files on it, where its folder is empty or new. */
  readonly samples?: boolean | undefined;
  readonly maxPacketSize?: 64 | 512 | 1024 | undefined;
  /** Starts on the bus unless false. */
  readonly plugged?: boolean | undefined;
}

/** What a phone comes with. */
export const ANDROID_FOLDERS = ['DCIM/Camera', 'Download', 'Pictures', 'Music', 'Movies', 'Documents'] as const;
