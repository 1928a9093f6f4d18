import { transfers } from './0001-transfers.ts';
import { sync } from './0002-sync.ts';
import { chunks } from './0003-chunks.ts';
import { expectations } from './0004-expectations.ts';
import { syncDisks } from './0005-sync-disks.ts';
import { intents } from './0006-intents.ts';
import { targetMounts } from './0007-target-mounts.ts';
import { words } from './0008-words.ts';
import { targetSeen } from './0009-target-seen.ts';
import { samples } from './0010-samples.ts';
import { photos } from './0011-photos.ts';
import { removedCopies } from './0012-removed-copies.ts';
import { photoFolders } from './0013-photo-folders.ts';
import { adoptedCopies } from './0014-adopted-copies.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** All migrations, in order. */
export const MIGRATIONS: readonly Migration[] = [
  transfers,
  sync,
  chunks,
  expectations,
  syncDisks,
  intents,
  targetMounts,
  words,
  targetSeen,
  samples,
  photos,
  removedCopies,
  photoFolders,
  adoptedCopies,
];
