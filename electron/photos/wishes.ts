import type { LocalPath } from '../../shared/domain.ts';
import type { PhotoCounts, PhotoSettings, ShotId } from '../../shared/photos.ts';
import type { PlannedFile } from './import.ts';

/** What is asked of photos, and what an import would do. */

/** An import as it is wished; what is left out comes from the settings. */
export interface ImportWish extends Partial<Pick<PhotoSettings, 'to' | 'folders' | 'names'>> {
  /** Left out: all that are new. */
  readonly shots?: readonly ShotId[] | undefined;
  /** A folder for second copies; it has to be there. */
  readonly also?: LocalPath | undefined;
  /** Takes what was imported before, too. */
  readonly again?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an import would do. */
export interface ImportPlan {
  readonly to: LocalPath;
  /** Where its disk is mounted, as seen before all else; `undefined` where that cannot be found out. */
  readonly mount: string | undefined;
  readonly second: PhotoSettings['second'];
  readonly files: readonly PlannedFile[];
  readonly counts: PhotoCounts;
}

/** How a phone is looked at; what is left out comes from the settings. */
export interface LookWish extends Partial<Pick<PhotoSettings, 'to' | 'library' | 'messengers'>> {
  readonly signal?: AbortSignal | undefined;
}

/** Limits of what is to be freed. */
export interface FreeLimits {
  readonly takenBefore?: number | undefined;
  /** Bytes. */
  readonly largerThan?: number | undefined;
}
