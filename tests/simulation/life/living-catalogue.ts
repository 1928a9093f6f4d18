import { Catalogue, type CatalogueStore } from '../../../electron/catalogue/index.ts';
import type { Engine } from '../../../electron/engine/index.ts';
import { MemoryCatalogueShelf } from '../../../electron/store/index.ts';
import type { Device } from '../../../shared/domain.ts';
import type { Gate } from './gate.ts';
import type { Finding } from './judge.ts';
import type { LivingWorld } from './world.ts';

/** What the program of a life remembers of its phones. */
export class LivingCatalogue {
  readonly #world: LivingWorld;
  readonly #tell: (line: string) => void;
  readonly #shelf = new MemoryCatalogueShelf();
  #catalogue: Catalogue | undefined;
  #isLookedAgain = false;

  constructor(world: LivingWorld, tell: (line: string) => void) {
    this.#world = world;
    this.#tell = tell;
  }

  /** A program begins to remember. */
  begin(engine: Engine, gate: Gate): void {
    this.#catalogue = new Catalogue({
      engine,
      shelf: this.#shelf,
      clock: gate.clock(),
      log: (line) => this.#tell(`log ${line}`),
    });
    this.#catalogue.start();
  }

  async stop(): Promise<void> {
    await this.#catalogue?.stop();
  }

  /**
   * Whether everything that can be seen is remembered. All is looked at once more before: phones tell of nothing in folders
   * that they were not asked about.
   */
  isSettled(devices: readonly Device[]): boolean {
    // one that nothing identifies is another one at each plug, and the earlier ones stay away
    const here = devices
      .filter(({ state }) => state.kind === 'ready')
      .map(({ key, name }) => ({ key, name, open: this.#catalogue?.of(key) }));
    if (!this.#isLookedAgain) {
      // what comes later has to be looked at, too
      const isMet = (name: string): boolean =>
        here.some((one) => one.name === name && (one.open?.keeper?.activity ?? 'away') !== 'away');
      this.#isLookedAgain = this.#world.phones.every(({ name }) => isMet(name));
      if (this.#isLookedAgain) for (const { key } of here) this.#catalogue?.rescan(key);
      return false;
    }
    return here.every(({ open }) => {
      const totals = open?.store.totals();
      return open?.keeper?.activity === 'idle' && totals?.unlisted === 0 && totals.old === 0;
    });
  }

  told(): string {
    return JSON.stringify(this.#catalogue?.snapshot().phones);
  }

  /** What is remembered of a phone that is here is what is on it. */
  findings(): readonly Finding[] {
    return (this.#catalogue?.all() ?? []).flatMap(({ store, keeper }): Finding[] => {
      const phone = this.#world.phones.find(({ name }) => name === store.phone.name);
      if (phone === undefined || keeper === undefined || keeper.activity === 'away') return [];
      const there = phone.tops.flatMap((top) =>
        this.#world.everythingIn(top).map(({ path, size }) => `${path.slice(top.length)} ${size}`),
      );
      const known = remembered(store as CatalogueStore);
      const missing = there.filter((line) => !known.includes(line));
      const extra = known.filter((line) => !there.includes(line));
      if (missing.length + extra.length === 0) return [];
      return [
        {
          kind: 'untrue',
          what: `${store.phone.name} is remembered without ${missing.join(', ')}; with ${extra.join(', ')}`,
        },
      ];
    });
  }
}

/** Files by path and size. */
function remembered(store: CatalogueStore): readonly string[] {
  const lines: string[] = [];
  const walk = (id: number, path: string): void => {
    for (const row of store.children(id))
      if (row.kind === 0) walk(row.id, `${path}/${row.name}`);
      else lines.push(`${path}/${row.name} ${row.size}`);
  };
  for (const { root } of store.storages()) walk(root, '');
  return lines;
}
