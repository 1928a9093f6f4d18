import { setTimeout as sleep } from 'node:timers/promises';
import { problemOf } from '../../shared/errors.ts';
import type { PairId, SyncPair } from '../../shared/sync.ts';
import type { Disk } from '../engine/index.ts';
import { LocalEndpoint } from './local-endpoint.ts';
import type { SyncStore } from './sync-store.ts';

/** How long anybody waits for a note, milliseconds: a share that is away may take minutes to say so. */
const LIMIT_MS = 2_000;

/**
 * Notes where a pair's local folder is at the moment a person names it. The disk may go before the first run: without
 * the note the run would make the folder anew, below an empty mount point.
 */
export class PairDisks {
  readonly #disk: Disk;
  readonly #store: Pick<SyncStore, 'pairs' | 'disk' | 'putDisk'>;
  readonly #log: (line: string) => void;
  readonly #noting = new Map<PairId, Promise<void>>();

  constructor(disk: Disk, store: Pick<SyncStore, 'pairs' | 'disk' | 'putDisk'>, log: (line: string) => void) {
    this.#disk = disk;
    this.#store = store;
    this.#log = log;
  }

  /** Begins to note the folder of a new pair, or the new folder of a pair. */
  note(pair: SyncPair): void {
    const noting: Promise<void> = this.#note(pair).finally(() => {
      if (this.#noting.get(pair.id) === noting) this.#noting.delete(pair.id);
    });
    this.#noting.set(pair.id, noting);
  }

  /** Resolves when nothing is being noted for the pair, at the latest after 2 s. Never rejects. */
  async noted(id: PairId): Promise<void> {
    const noting = this.#noting.get(id);
    if (noting === undefined) return;
    const limit = new AbortController();
    await Promise.race([noting, sleep(LIMIT_MS, undefined, { signal: limit.signal }).catch(() => undefined)]);
    limit.abort();
  }

  async #note({ id, local }: SyncPair): Promise<void> {
    const endpoint = new LocalEndpoint(this.#disk, local);
    const [root, mount] = await Promise.all([endpoint.identity(), endpoint.mount()]);
    const isStill = this.#store.pairs().some((one) => one.id === id && one.local === local);
    try {
      if (isStill && this.#store.disk(id) === undefined) this.#store.putDisk(id, { root, mount, mounts: [] });
    } catch (error) {
      // the first run does without
      this.#log(`sync: the disk of ${local} was not noted: ${problemOf(error, 'sync').detail}`);
    }
  }
}
