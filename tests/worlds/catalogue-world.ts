import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Catalogue, Searches, type CatalogueShelf, type CatalogueStore } from '../../electron/catalogue/index.ts';
import { systemClock, type EngineClock } from '../../electron/engine/index.ts';
import { MemoryCatalogueShelf } from '../../electron/store/index.ts';
import type { DeviceKey } from '../../shared/domain.ts';
import { World, type WorldOptions } from './world.ts';

export const TIMES = { startMs: 0, quietMs: 5 };

/** A world whose catalogue is kept. */
export class CatalogueWorld {
  readonly world: World;
  readonly catalogue: Catalogue;
  readonly searches: Searches;
  device!: DeviceKey;

  constructor(world: World, shelf: CatalogueShelf = new MemoryCatalogueShelf(), clock: EngineClock = systemClock) {
    this.world = world;
    this.catalogue = new Catalogue({
      engine: world.engine,
      shelf,
      times: TIMES,
      clock,
      log: (line) => world.log.push(line),
    });
    this.searches = new Searches(this.catalogue);
    this.catalogue.start();
  }

  async start(): Promise<void> {
    this.device = await this.world.start();
  }
  async end(): Promise<void> {
    this.searches.stop();
    await this.catalogue.stop();
    await this.world.end();
  }

  get store(): CatalogueStore {
    const open = this.catalogue.of(this.device);
    if (open === undefined) throw new Error('no catalogue');
    return open.store as CatalogueStore;
  }

  /** Pulls the cable, and waits until the catalogue has noticed. */
  async unplugged(): Promise<void> {
    await this.world.phone.unplug();
    await this.#is('away');
  }
  /** Plugs it in, and waits until all is looked after again. */
  async plugged(): Promise<void> {
    this.world.phone.plug();
    await this.#is('scanning');
    await this.settled();
  }
  #is(activity: string): Promise<void> {
    return until(() => this.catalogue.snapshot().phones[0]?.activity === activity, this.world.log);
  }

  /** Waits until nothing is left to be listed. */
  async settled(): Promise<void> {
    await until(() => {
      const open = this.catalogue.of(this.device);
      const totals = open?.store.totals();
      return open?.keeper?.activity === 'idle' && totals?.unlisted === 0 && totals.old === 0;
    }, this.world.log);
  }

  /** Everything that is remembered, as lines. */
  remembered(): string[] {
    const lines: string[] = [];
    const walk = (id: number, path: string): void => {
      for (const row of this.store.children(id)) {
        lines.push(row.kind === 0 ? `${path}/${row.name}/` : `${path}/${row.name} ${row.size}`);
        if (row.kind === 0) walk(row.id, `${path}/${row.name}`);
      }
    };
    for (const { root } of this.store.storages()) walk(root, '');
    return lines.sort();
  }
}

/** What is in a folder of the computer, as the same lines. */
export function onDisk(folder: string, path = ''): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const at = `${path}/${entry.name}`;
      if (entry.isDirectory()) return [`${at}/`, ...onDisk(join(folder, entry.name), at)];
      return [`${at} ${statSync(join(folder, entry.name)).size}`];
    })
    .sort();
}

/** Waits until it holds, at most some twenty seconds. */
export async function until(holds: () => boolean, log: readonly string[] = []): Promise<void> {
  for (let turn = 0; turn < 4_000; turn += 1) {
    if (holds()) return;
    await systemClock.sleep(5);
  }
  assert.fail(`it never came true\n${log.join('\n')}`);
}

/** A shelf of a program that dies after the `kill`th call that `isWrite` counts: from then on nothing works but closing. */
export function dyingShelf(
  shelf: CatalogueShelf,
  kill: number,
  isWrite: (name: string) => boolean,
): { readonly shelf: CatalogueShelf; readonly isDead: () => boolean } {
  let writes = 0;
  let dead = false;
  const dying: CatalogueShelf = {
    known: () => [],
    read: () => undefined,
    forget: () => undefined,
    clear: () => undefined,
    open: (phone) =>
      new Proxy(shelf.open(phone), {
        get(target, name) {
          const value = Reflect.get(target, name) as unknown;
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            if (dead && name !== 'close') throw new Error('killed');
            if (isWrite(String(name)) && (writes += 1) === kill) dead = true;
            return (value as (...args: unknown[]) => unknown).apply(target, args);
          };
        },
      }),
  };
  return { shelf: dying, isDead: () => dead };
}

/** So many folders with a few files each. */
export function furnish(folder: string, folders: number, files = 3): void {
  for (let index = 0; index < folders; index += 1) {
    const at = join(folder, ['DCIM', 'Music', 'Android/data'][index % 3] ?? '', `f${index % 7}`, `g${index}`);
    mkdirSync(at, { recursive: true });
    for (let file = 0; file < files; file += 1)
      writeFileSync(join(at, `IMG_${file}.jpg`), Buffer.alloc(10 + file + index));
  }
}

type FurnishedOptions = WorldOptions & {
  readonly shelf?: CatalogueShelf;
  readonly phone?: ConstructorParameters<typeof World>[0];
};

/** A started world with so many folders, closed when its test ends. */
export async function furnished(
  t: TestContext,
  folders: number,
  { shelf = new MemoryCatalogueShelf(), phone = {}, ...options }: FurnishedOptions = {},
): Promise<CatalogueWorld> {
  const world = new World(phone, options);
  furnish(world.phoneFolder, folders);
  const one = new CatalogueWorld(world, shelf);
  t.after(() => one.end());
  await one.start();
  return one;
}
