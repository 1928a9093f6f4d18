import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  readdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { Engine, type EngineOptions, type TransferStore } from '../../electron/engine/index.ts';
import type { DeviceBus } from '../../electron/mtp/index.ts';
import { MemoryTransferStore } from '../../electron/store/index.ts';
import { VirtualBus, VirtualPhone, parseFault, type VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import {
  localPath,
  phonePath,
  type DeviceKey,
  type LocalPath,
  type PhonePlace,
  type TransferOptions,
} from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';

export type WorldOptions = Omit<Partial<EngineOptions>, 'bus' | 'store'> & {
  /** Wraps the virtual phone's bus for the engine. */
  readonly bus?: (bus: VirtualBus) => DeviceBus;
};

/** One engine, one store and one virtual phone on real temporary folders; the setting of the world tests. */
export class World {
  readonly folder: string;
  readonly phoneFolder: string;
  readonly here: string;
  store: TransferStore;
  readonly #options: WorldOptions;
  readonly #phoneOptions: Partial<VirtualPhoneOptions>;
  phone: VirtualPhone;
  engine: Engine;
  readonly log: string[] = [];

  constructor(
    phoneOptions: Partial<VirtualPhoneOptions> = {},
    options: WorldOptions = {},
    store: TransferStore = new MemoryTransferStore(),
  ) {
    this.folder = mkdtempSync(join(tmpdir(), 'replug-world-'));
    this.phoneFolder = join(this.folder, 'phone');
    this.here = join(this.folder, 'here');
    mkdirSync(this.phoneFolder);
    mkdirSync(this.here);
    this.store = store;
    this.#options = options;
    this.#phoneOptions = phoneOptions;
    this.phone = this.#newPhone();
    this.engine = this.#newEngine();
  }

  #newPhone(): VirtualPhone {
    return new VirtualPhone({
      directory: this.phoneFolder,
      serial: 'WORLD',
      name: 'World phone',
      ...this.#phoneOptions,
    });
  }
  #newEngine(): Engine {
    const { bus: between, ...options } = this.#options;
    const bus = new VirtualBus([this.phone]);
    return new Engine({
      store: this.store,
      log: (line) => this.log.push(line),
      ...options,
      bus: between?.(bus) ?? bus,
      limits: { lookAgainMs: 20, ...this.#options.limits },
    });
  }

  /** Call after replacing `phone` with another one. */
  usePhone(): void {
    this.engine = this.#newEngine();
  }

  faults(...texts: readonly string[]): void {
    for (const text of texts) this.phone.behave(parseFault(text));
  }

  async start(): Promise<DeviceKey> {
    await this.engine.start();
    return this.engine.waitForDevice(undefined, 5_000);
  }

  /** Restarts the program. The phone is unplugged meanwhile, since it runs in the same process. */
  async restart(): Promise<void> {
    await this.engine.stop();
    this.phone = this.#newPhone();
    this.engine = this.#newEngine();
  }

  place(path: string, storage = 0): PhonePlace {
    const device = this.engine.devices[0];
    const info = device?.storages[storage];
    if (device === undefined || info === undefined) throw new Error('the phone is not ready');
    return { device: device.key, storage: info.key, path: phonePath(path) };
  }

  /** Creates a local file whose bytes repeat nowhere; returns its path. */
  local(name: string, size: number, modified?: number): LocalPath {
    return writeFile(join(this.here, name), size, modified);
  }
  onPhone(name: string, size: number, modified?: number): string {
    return writeFile(join(this.phoneFolder, name), size, modified);
  }

  async push(
    sources: readonly LocalPath[],
    to: string,
    options: Partial<TransferOptions> = {},
    waitMs = 10_000,
  ): Promise<TransferView> {
    const { transfer } = await this.engine.enqueue({
      direction: 'upload',
      sources,
      to: this.place(to),
      options: { onConflict: 'skip', onName: 'fail', ...options },
    });
    return this.engine.settled(transfer, { waitMs });
  }

  async pull(
    sources: readonly string[],
    to: string,
    options: Partial<TransferOptions> = {},
    waitMs = 10_000,
  ): Promise<TransferView> {
    const { transfer } = await this.engine.enqueue({
      direction: 'download',
      sources: sources.map((source) => this.place(source)),
      to: localPath(join(this.here, to)),
      options: { onConflict: 'skip', onName: 'legal', ...options },
    });
    return this.engine.settled(transfer, { waitMs });
  }

  async end(): Promise<void> {
    await this.engine.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A world, closed when its test ends. */
export function begin(t: TestContext, ...given: ConstructorParameters<typeof World>): World {
  const world = new World(...given);
  t.after(() => world.end());
  return world;
}

/** Deterministic bytes, different for each name and everywhere within the file. */
export function writeFile(path: string, size: number, modified?: number): LocalPath {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytesFor(path, size));
  if (modified !== undefined) utimesSync(path, modified / 1000, modified / 1000);
  return localPath(path);
}

export function bytesFor(seed: string, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let state =
    createHash('sha256')
      .update(seed.split('/').at(-1) ?? '')
      .digest()
      .readUInt32LE(0) | 1;
  for (let at = 0; at + 4 <= size; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state | 0, at);
  }
  for (let at = size - (size % 4); at < size; at += 1) bytes[at] = (state + at) & 0xff;
  return bytes;
}

export function digestFile(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    createReadStream(path)
      .on('data', (chunk) => hash.update(chunk))
      .on('end', () => {
        resolve(hash.digest('hex'));
      })
      .on('error', reject);
  });
}

/** Every path below `folder` with size and digest (folders end in `/`), to compare two trees. */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const walk = async (at: string): Promise<void> => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      const name = relative(folder, path);
      if (entry.isDirectory()) {
        tree[`${name}/`] = 'folder';
        await walk(path);
      } else tree[name] = `${statSync(path).size} ${await digestFile(path)}`;
    }
  };
  await walk(folder);
  return tree;
}
