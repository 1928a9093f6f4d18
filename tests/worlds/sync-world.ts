import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { MemorySyncStore } from '../../electron/store/index.ts';
import { Sync, type NewPair, type RunOptions, type RunResult } from '../../electron/sync/index.ts';
import { localPath } from '../../shared/domain.ts';
import type { SyncPair } from '../../shared/sync.ts';
import { treeOf, World } from './world.ts';

/** Whole seconds, the precision of phones' dates. */
export const DATE = Date.UTC(2024, 2, 3, 4, 5, 6);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A world with folder pairs, whose store survives a restart. */
export class SyncWorld extends World {
  readonly memory = new MemorySyncStore();
  sync = this.#newSync();

  #newSync(): Sync {
    return new Sync({ engine: this.engine, store: this.memory, noticeMs: 20, log: (line) => this.log.push(line) });
  }
  override async restart(): Promise<void> {
    await this.sync.stop();
    await super.restart();
    this.sync = this.#newSync();
  }
  override usePhone(): void {
    super.usePhone();
    this.sync = this.#newSync();
  }
  pair(phone: string, local: string, change: Partial<NewPair> = {}): SyncPair {
    return this.sync.addPair({
      place: this.place(phone),
      local: localPath(join(this.here, local)),
      direction: 'to-computer',
      ...change,
    });
  }
  async run(pair: SyncPair, options: Partial<RunOptions> = {}): Promise<RunResult> {
    return this.sync.run(pair.id, { waitMs: 5_000, ...options });
  }
  /** Runs to the end and returns the main figures. */
  async figures(pair: SyncPair, options: Partial<RunOptions> = {}): Promise<string> {
    const { run } = await this.run(pair, options);
    assert.equal(run.state, 'done', JSON.stringify([run, this.log]));
    return `moved ${run.filesMoved} same ${run.filesUnchanged} skipped ${run.filesSkipped} renamed ${run.filesRenamed} deleted ${run.filesDeleted}`;
  }
  /** All paths below a folder of this computer; folders end in `/`. */
  names(folder: string): Promise<readonly string[]> {
    return treeOf(join(this.here, folder)).then((tree) => Object.keys(tree).sort());
  }
  /** All paths below a folder of the phone. */
  phoneNames(folder: string): Promise<readonly string[]> {
    return treeOf(join(this.phoneFolder, folder)).then((tree) => Object.keys(tree).sort());
  }
}

/** A world with pairs, closed when its test ends. */
export function beginSync(t: TestContext, ...args: ConstructorParameters<typeof SyncWorld>): SyncWorld {
  const world = new SyncWorld(...args);
  t.after(() => world.sync.stop().then(() => world.end()));
  return world;
}
