import type { Instant } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import { freeBytes, makeFolderBelow } from './local-files.ts';

/** How long what was seen of a folder holds good: others write here too, but not between two photos. */
const GOOD_FOR_MS = 1_000;
/** Less room than this beyond what is needed is looked up each time. */
const ROOM_MARGIN = 64 * 1024 * 1024;

/**
 * The folders on this computer that a lane writes into, remembered for a moment: a thousand small files of one folder
 * do not ask a thousand times whether it is there and how much fits.
 */
export class TargetFolders {
  readonly #now: () => Instant;
  readonly #made = new Map<string, Instant>();
  readonly #free = new Map<string, { readonly at: Instant; bytes: number }>();

  constructor(now: () => Instant) {
    this.#now = now;
  }

  /** Something here is not as it was remembered. */
  forget(): void {
    this.#made.clear();
    this.#free.clear();
  }

  /** Makes `folder` and what is missing above it, below `root`; what lies between must be real folders. */
  async make(root: string, folder: string): Promise<void> {
    const key = `${root}\0${folder}`;
    const made = this.#made.get(key);
    if (made !== undefined && this.#isFresh(made)) return;
    await makeFolderBelow(root, folder);
    if (this.#made.size > MOST_REMEMBERED) this.#made.clear();
    this.#made.set(key, this.#now());
  }

  /** Rejects with `local-full` when fewer than `needed` bytes may be written into `folder`; they count as used from then on. */
  async require(folder: string, needed: number): Promise<void> {
    const known = this.#free.get(folder);
    if (known !== undefined && this.#isFresh(known.at) && known.bytes - needed > ROOM_MARGIN) {
      known.bytes -= needed;
      return;
    }
    const bytes = await freeBytes(folder);
    if (bytes < needed)
      throw fail('local-full', 'free space', `needs ${needed} bytes, has ${bytes}`, {
        fix: String(needed),
        subject: folder,
      });
    if (this.#free.size > MOST_REMEMBERED) this.#free.clear();
    this.#free.set(folder, { at: this.#now(), bytes: bytes - needed });
  }

  #isFresh(at: Instant): boolean {
    const age = this.#now() - at;
    return age >= 0 && age < GOOD_FOR_MS;
  }
}

/** Folders; a tree of a hundred thousand of them must not stay in memory. */
const MOST_REMEMBERED = 256;
