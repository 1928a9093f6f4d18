import { rmSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine, systemClock, type EngineClock, type TransferStore } from '../../electron/engine/index.ts';
import type { AttachedDevice, DeviceBus, Transport } from '../../electron/mtp/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { openTransferStore } from '../../electron/store/index.ts';
import { VirtualBus, VirtualPhone, parseFault, type ProfileName } from '../../electron/virtual/index.ts';
import { localPath, phonePath, type Direction, type TransferId } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { treeOf, writeFile } from '../worlds/world.ts';

/**
 * Unplugs, kills and silences a real transfer at random bytes, seeded and bounded. The clock runs fifty times as fast:
 * thirty seconds of silence take under one. Bytes, files and rows are real.
 */

const FASTER = 50;

export interface ChaosOptions {
  readonly profile: ProfileName;
  readonly direction: Direction;
  readonly files: number;
  readonly largest: number;
  readonly interruptions: number;
  readonly seed: number;
  readonly log?: (line: string) => void;
}

export interface ChaosResult {
  readonly view: TransferView;
  readonly unplugs: number;
  readonly silences: number;
  readonly kills: number;
  readonly bytesTotal: number;
  readonly bytesResent: number;
  readonly failures: readonly string[];
}

/** Mulberry32: the same numbers for the same seed everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const fastClock: EngineClock = {
  now: () => performance.timeOrigin + performance.now() * FASTER,
  monotonic: () => performance.now() * FASTER,
  sleep: (ms, signal) => systemClock.sleep(ms / FASTER, signal),
};

/** Timeouts divided by fifty, but never so short that a busy machine looks like a silent phone. */
const limit = ({ limitMs }: { readonly limitMs: number }): { readonly limitMs: number } => ({
  limitMs: limitMs <= 1_000 ? Math.max(20, limitMs / FASTER) : Math.max(600, limitMs / FASTER),
});

function fastTransport(transport: Transport): Transport {
  return {
    maxPacketSize: transport.maxPacketSize,
    linkSpeed: transport.linkSpeed,
    closed: transport.closed,
    write: (parts, options) => transport.write(parts, { last: options.last, ...limit(options) }),
    read: (want, options) => transport.read(want, limit(options)),
    onInterrupt: (listener) => transport.onInterrupt(listener),
    classRequestOut: (request, data, options) => transport.classRequestOut(request, data, limit(options)),
    classRequestIn: (request, length, options) => transport.classRequestIn(request, length, limit(options)),
    clearHalt: (endpoint) => transport.clearHalt(endpoint),
    reset: () => transport.reset(),
    close: () => transport.close(),
  };
}

/** The bus of one process: after `die` nothing of it works, as after `kill -9`. */
class MortalBus implements DeviceBus {
  readonly #bus: VirtualBus;
  readonly #opened = new Set<Transport>();
  dead = false;
  constructor(bus: VirtualBus) {
    this.#bus = bus;
  }
  current(): Promise<readonly AttachedDevice[]> {
    return this.#bus.current();
  }
  onChange(listener: (attached: readonly AttachedDevice[]) => void): () => void {
    return this.#bus.onChange((attached) => {
      if (!this.dead) listener(attached);
    });
  }
  async open(attached: AttachedDevice): Promise<Transport> {
    if (this.dead) throw fail('disconnected', 'open', 'the process is dead');
    const transport = fastTransport(await this.#bus.open(attached));
    this.#opened.add(transport);
    return transport;
  }
  async die(): Promise<void> {
    this.dead = true;
    for (const transport of this.#opened) await transport.close();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A store whose process can be killed: from then on it writes and answers nothing. */
function mortalStore(store: TransferStore, isDead: () => boolean): TransferStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (isDead()) throw fail('store', String(name), 'the process is dead');
        return Reflect.apply(value as (...given: unknown[]) => unknown, target, given);
      };
    },
  });
}

export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { profile, direction, files, largest, interruptions, seed } = options;
  const random = randomFrom(seed);
  const log = options.log ?? (() => undefined);
  const folder = mkdtempSync(join(tmpdir(), 'replug-chaos-'));
  const phoneFolder = join(folder, 'phone');
  const here = join(folder, 'here');
  const sources = direction === 'upload' ? join(here, 'src') : join(phoneFolder, 'DCIM', 'src');
  mkdirSync(phoneFolder);
  mkdirSync(sources, { recursive: true });
  let bytesTotal = 0;
  for (let index = 0; index < files; index += 1) {
    // sizes from 1 byte to `largest`, each order of magnitude equally often
    const size = Math.max(1, Math.floor(Math.exp(random() * Math.log(largest))));
    bytesTotal += size;
    writeFile(join(sources, `d${index % 7}`, `file ${index}.bin`), size, Date.UTC(2024, 0, 1) + index * 1000);
  }
  // a file of the user, which must be untouched at the end
  writeFile(join(phoneFolder, 'Download', 'own.txt'), 1234);
  writeFile(join(here, 'in', 'own.txt'), 1234);
  const own = [await treeOf(join(phoneFolder, 'Download')), await treeOf(join(here, 'in'))];

  const newPhone = (): VirtualPhone =>
    new VirtualPhone({ directory: phoneFolder, serial: 'CHAOS', profile, rate: 80_000_000 });
  let phone = newPhone();
  const store = await openTransferStore(join(folder, 'replug.db'));
  let life = { bus: new MortalBus(new VirtualBus([phone])), dead: false };
  const newEngine = (): Engine => {
    const mine = life;
    return new Engine({
      bus: mine.bus,
      store: mortalStore(store, () => mine.dead),
      clock: fastClock,
      log: (line) => {
        if (!mine.dead) log(line);
      },
      seed: `c${Math.floor(random() * 46_656).toString(36)}`,
    });
  };
  let engine = newEngine();
  await engine.start();
  const device = await engine.waitForDevice(undefined, 10_000);
  const storage = engine.devices[0]?.storages[0]?.key;
  if (storage === undefined) throw new Error('no storage');
  const { transfer } =
    direction === 'upload'
      ? await engine.enqueue({
          direction,
          sources: [localPath(sources)],
          to: { device, storage, path: phonePath('/Download/to') },
          options: { onConflict: 'skip', onName: 'fail' },
        })
      : await engine.enqueue({
          direction,
          sources: [{ device, storage, path: phonePath('/DCIM/src') }],
          to: localPath(join(here, 'in', 'to')),
          options: { onConflict: 'skip', onName: 'fail' },
        });

  // work in progress in a killed process ends in these; any other error is a finding
  const strays: string[] = [];
  const stray = (error: unknown): void => {
    if (!String(error).includes('the process is dead')) strays.push(String(error));
  };
  process.on('unhandledRejection', stray);
  process.on('uncaughtException', stray);

  const count = { unplugs: 0, silences: 0, kills: 0 };
  let resent = 0;
  const step = bytesTotal / interruptions;
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const running = (id: TransferId): TransferView => engine.view(id);
  const ended = (): boolean => running(transfer).finishedAt !== undefined;
  let next = phone.bytesMoved + random() * step;
  // replugs the phone whenever it was unplugged, whatever the reason
  const plugger = setInterval(() => {
    if (!phone.isPlugged) phone.plug();
  }, 15);
  const report = setInterval(() => {
    const view = running(transfer);
    log(
      `-- ${JSON.stringify([count, view.state, view.waitingFor, view.bytesConfirmed, view.currentItem, phone.isPlugged, engine.devices[0]?.state, next])}`,
    );
  }, 2_000);

  while (count.unplugs + count.silences + count.kills < interruptions && !ended()) {
    if (phone.bytesMoved < next) {
      await pause(1);
      continue;
    }
    const what = random();
    if (what < 0.6) {
      count.unplugs += 1;
      if (random() < 0.5) void phone.unplug();
      else phone.behave({ kind: 'unplug-after', bytes: phone.bytesMoved + Math.floor(random() * 300_000) });
      for (let waited = 0; phone.isPlugged && waited < 400 && !ended(); waited += 1) await pause(1);
    } else if (what < 0.75) {
      count.silences += 1;
      const until = random() < 0.5 ? 'quiet' : 'reset';
      const names =
        direction === 'upload'
          ? (['SendObject', 'SendPartialObject', 'SendObjectInfo'] as const)
          : (['GetPartialObject64'] as const);
      const name = names[Math.floor(random() * names.length)] ?? 'SendObject';
      phone.behave(
        parseFault(
          `silence@op=${name}:${phone.timesSeen(Operation[name]) + 1}:${random() < 0.5 ? 'before' : 'response'}:${until}`,
        ),
      );
    } else {
      count.kills += 1;
      resent += running(transfer).run.bytesResent;
      life.dead = true;
      await life.bus.die();
      await phone.dispose();
      await pause(20);
      phone = newPhone();
      life = { bus: new MortalBus(new VirtualBus([phone])), dead: false };
      engine = newEngine();
      await engine.start();
    }
    next = phone.bytesMoved + random() * step * 2;
  }
  const view = await engine.settled(transfer, { waitMs: 20 * 60_000 });
  resent += view.run.bytesResent;
  for (let waited = 0; store.leftovers(device).length > 0 && waited < 2_000; waited += 1) await pause(5);

  clearInterval(report);
  clearInterval(plugger);
  process.off('unhandledRejection', stray);
  process.off('uncaughtException', stray);
  const failures: string[] = [...strays];
  const target = direction === 'upload' ? join(phoneFolder, 'Download', 'to', 'src') : join(here, 'in', 'to', 'src');
  const wanted = await treeOf(sources);
  const got = await treeOf(target).catch((): Record<string, string> => ({}));
  const reported = new Set(store.itemsIn(transfer, ['failed'], 1_000_000).map((row) => row.name.replace(/^src\//, '')));
  for (const [name, value] of Object.entries(wanted))
    if (got[name] !== value && !reported.has(name))
      failures.push(`${name}: wanted ${value}, got ${got[name] ?? 'nothing'}`);
  for (const name of Object.keys(got)) if (wanted[name] === undefined) failures.push(`stray: ${name}`);
  if (view.state !== 'done' && reported.size === 0)
    failures.push(`ended as ${view.state}: ${JSON.stringify(view.waitingFor)}`);
  for (const row of store.itemsIn(transfer, ['failed'], 10))
    failures.push(`reported as failed: ${row.name}: ${JSON.stringify(row.state)}`);
  rmSync(target, { recursive: true, force: true });
  rmSync(join(target, '..'), { recursive: true, force: true });
  const after = [await treeOf(join(phoneFolder, 'Download')), await treeOf(join(here, 'in'))];
  if (JSON.stringify(own) !== JSON.stringify(after)) failures.push(`beside the target: ${JSON.stringify(after)}`);
  await engine.stop(5_000);
  store.close();
  await phone.dispose();
  rmSync(folder, { recursive: true, force: true });
  return { view, ...count, bytesTotal, bytesResent: resent, failures };
}
