import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AttachedDevice, DeviceBus, Transport } from '../../electron/mtp/index.ts';
import { ContainerType, decodeHeader, HEADER_SIZE, Operation } from '../../electron/mtp/wire/index.ts';
import { Hresult } from '../../electron/wpd/keys.ts';
import { isShared, lostTo, Patience } from '../../electron/wpd/patience.ts';
import type { DeviceState } from '../../shared/domain.ts';
import type { Problem } from '../../shared/errors.ts';
import { fastClock } from './fast.ts';
import { begin, digestFile, type World } from './world.ts';

/**
 * A phone behind a driver that another program keeps busy, as Windows' is. How long that is waited for is `Patience`'s;
 * its time passes with its pauses, up to `lastsMs` of them.
 */
class SharedBus implements DeviceBus {
  readonly #bus: DeviceBus;
  readonly #lastsMs: number;
  isBusy = false;
  /** How often it was to be opened. */
  tries = 0;
  /** Busy from this operation's second time on. */
  busyFrom: number | undefined;
  #met = 0;

  constructor(bus: DeviceBus, lastsMs: number) {
    this.#bus = bus;
    this.#lastsMs = lastsMs;
  }
  current(): Promise<readonly AttachedDevice[]> {
    return this.#bus.current();
  }
  onChange(listener: (attached: readonly AttachedDevice[]) => void): () => void {
    return this.#bus.onChange(listener);
  }
  close(): Promise<void> {
    return this.#bus.close();
  }

  #patience(onWait?: (problem: Problem) => void): Patience {
    let now = 0;
    const patience = new Patience({
      now: () => now,
      after: (ms, run) => {
        now = Math.min(now + ms, this.#lastsMs);
        const timer = setTimeout(run, 1);
        return () => {
          clearTimeout(timer);
        };
      },
    });
    if (onWait !== undefined) patience.onLong = ({ problem }) => onWait(problem);
    return patience;
  }
  async #free(patience: Patience, operation: string): Promise<void> {
    await patience.call(operation, () => Promise.resolve({ hresult: this.isBusy ? Hresult.busy : 0 }));
  }

  async open(attached: AttachedDevice, onWait?: (problem: Problem) => void): Promise<Transport> {
    this.tries += 1;
    await this.#free(this.#patience(onWait), 'open');
    const inner = await this.#bus.open(attached);
    const patience = this.#patience();
    const lost = Promise.withResolvers<Awaited<Transport['closed']>>();
    return {
      maxPacketSize: inner.maxPacketSize,
      linkSpeed: inner.linkSpeed,
      closed: Promise.race([inner.closed, lost.promise]),
      giveUpWhen: (isUnwanted) => {
        patience.isUnwanted = isUnwanted;
      },
      write: async (parts, options) => {
        this.#meet(parts[0]);
        try {
          await this.#free(patience, 'write');
        } catch (error) {
          if (!isShared(error)) throw error;
          const cause = lostTo(error);
          lost.resolve(cause);
          await inner.close();
          throw cause;
        }
        await inner.write(parts, options);
      },
      read: (want, options) => inner.read(want, options),
      onInterrupt: (listener) => inner.onInterrupt(listener),
      classRequestOut: (request, data, options) => inner.classRequestOut(request, data, options),
      classRequestIn: (request, length, options) => inner.classRequestIn(request, length, options),
      clearHalt: (endpoint) => inner.clearHalt(endpoint),
      reset: () => inner.reset(),
      close: () => inner.close(),
    };
  }

  #meet(bytes: Uint8Array | undefined): void {
    if (this.busyFrom === undefined || bytes === undefined || bytes.byteLength < HEADER_SIZE) return;
    const { type, code } = decodeHeader(bytes);
    if (type !== ContainerType.command || code !== this.busyFrom) return;
    this.#met += 1;
    if (this.#met === 2) this.isBusy = true;
  }
}

const SIZE = 40 * 1024 * 1024 + 7;
const A_MINUTE = 60_000;
const NOT_A_MINUTE = 59_000;

async function shared(
  t: TestContext,
  lastsMs: number,
  isBusy = false,
): Promise<{ readonly world: World; readonly bus: SharedBus }> {
  let bus: SharedBus | undefined;
  const make = (virtual: DeviceBus): DeviceBus => {
    bus = new SharedBus(virtual, lastsMs);
    bus.isBusy = isBusy;
    return bus;
  };
  const world = begin(t, {}, { clock: fastClock, bus: make });
  mkdirSync(join(world.phoneFolder, 'Download'));
  await (isBusy ? world.engine.start() : world.start());
  assert.ok(bus !== undefined);
  return { world, bus };
}

/** Begins a transfer of one large file, and resolves once the driver is busy in the middle of it. */
async function begun(
  { world, bus }: Awaited<ReturnType<typeof shared>>,
  direction: 'upload' | 'download',
): Promise<{
  readonly transfer: Awaited<ReturnType<World['engine']['enqueue']>>['transfer'];
  readonly files: readonly [string, string];
}> {
  const here = world.local('film.mp4', direction === 'upload' ? SIZE : 0);
  const there =
    direction === 'download' ? world.onPhone('Download/film.mp4', SIZE) : join(world.phoneFolder, 'Download/film.mp4');
  bus.busyFrom = direction === 'upload' ? Operation.SendPartialObject : Operation.GetPartialObject64;
  const options = { onConflict: 'replace', onName: 'fail' } as const;
  const { transfer } = await world.engine.enqueue(
    direction === 'upload'
      ? { direction, sources: [here], to: world.place('/Download'), options }
      : { direction, sources: [world.place('/Download/film.mp4')], to: world.here as never, options },
  );
  while (!bus.isBusy) await new Promise((resolve) => setTimeout(resolve, 5));
  return { transfer, files: [here, there] };
}

const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 5));
};

for (const direction of ['upload', 'download'] as const) {
  void test(`${direction}: a driver that another program keeps busy is told as that, and goes on afterwards`, async (t) => {
    const stage = await shared(t, A_MINUTE);
    const { world, bus } = stage;
    const states: DeviceState[] = [];
    const stop = world.engine.watch('devices', undefined, ({ devices }) => {
      if (devices[0] !== undefined) states.push(devices[0].state);
    });
    const { transfer, files } = await begun(stage, direction);
    await until(() => world.engine.devices[0]?.state.kind === 'held');
    const waiting = await world.engine.settled(transfer, { waitMs: 0 });
    assert.deepEqual([waiting.state, waiting.waitingFor?.kind], ['waiting', 'phone']);
    const state = world.engine.devices[0]?.state;
    assert.ok(state?.kind === 'held');
    assert.deepEqual([state.fault?.id, state.advice?.id], ['phone-shared', 'phone-shared']);
    await assert.rejects(
      world.engine.waitForDevice(undefined, 0),
      (error: { readonly problem?: { readonly fault?: { readonly id: string } } }) =>
        error.problem?.fault?.id === 'phone-shared',
    );
    bus.isBusy = false;
    const done = await world.engine.settled(transfer, { waitMs: 600_000 });
    stop();
    assert.equal(done.state, 'done', JSON.stringify([done.problem, world.log]));
    assert.equal(await digestFile(files[0]), await digestFile(files[1]));
    assert.ok(!states.some(({ kind }) => kind === 'recovering'), 'it is never told as not answering');
  });

  for (const [command, state] of [
    ['cancel', 'cancelled'],
    ['pause', 'paused'],
  ] as const)
    void test(`${direction}: ${command} while the driver is busy does not wait for the driver`, async (t) => {
      const stage = await shared(t, NOT_A_MINUTE);
      const { world, bus } = stage;
      const { transfer, files } = await begun(stage, direction);
      await world.engine.execute(command, { transfer });
      const ended = await world.engine.settled(transfer, { waitMs: 0 });
      assert.deepEqual([ended.state, bus.isBusy], [state, true]);
      bus.isBusy = false;
      if (command === 'pause') {
        await world.engine.execute('resume', { transfer });
        const done = await world.engine.settled(transfer, { waitMs: 600_000 });
        assert.equal(done.state, 'done', JSON.stringify([done.problem, world.log]));
        assert.equal(await digestFile(files[0]), await digestFile(files[1]));
      } else {
        const left = direction === 'upload' ? 0 : 1;
        await until(() => readdirSync(join(world.phoneFolder, 'Download')).length === left);
      }
    });
}

void test('opening that waits for another program is told as that, and whoever asks waits for it', async (t) => {
  const { world, bus } = await shared(t, NOT_A_MINUTE, true);
  await until(() => world.engine.devices[0]?.state.kind === 'held');
  const state = world.engine.devices[0]?.state;
  assert.ok(state?.kind === 'held');
  assert.deepEqual([state.fault?.id, state.advice?.id, state.opening], ['phone-shared', 'phone-shared', true]);
  const states: DeviceState[] = [];
  const stop = world.engine.watch('devices', undefined, ({ devices }) => {
    if (devices[0] !== undefined) states.push(devices[0].state);
  });
  const found = world.engine.waitForDevice(undefined, 0);
  bus.isBusy = false;
  assert.equal(await found, world.engine.devices[0]?.key);
  await until(() => states.at(-1)?.kind === 'ready');
  stop();
  assert.deepEqual(
    states.map(({ kind }) => kind).filter((kind, at, all) => kind !== all[at - 1]),
    ['held', 'ready'],
  );
});

void test('opening that another program keeps busy for a minute: whoever has no time is told so then', async (t) => {
  const { world, bus } = await shared(t, A_MINUTE, true);
  await until(() => world.engine.devices.length > 0);
  await assert.rejects(
    world.engine.waitForDevice(undefined, 0),
    (error: { readonly problem?: { readonly kind: string; readonly fault?: { readonly id: string } } }) =>
      error.problem?.kind === 'held' && error.problem.fault?.id === 'phone-shared',
  );
  const state = world.engine.devices[0]?.state;
  assert.ok(state?.kind === 'held');
  // tried again without an end: it does not look as if it were a matter of a moment each time
  const seen: DeviceState[] = [];
  const stop = world.engine.watch('devices', undefined, ({ devices }) => {
    if (devices[0] !== undefined) seen.push(devices[0].state);
  });
  for (let tries = bus.tries; bus.tries < tries + 2;) await new Promise((resolve) => setTimeout(resolve, 5));
  stop();
  assert.ok(seen.every((one) => one.kind === 'held' && one.opening === undefined));
  bus.isBusy = false;
  await until(() => world.engine.devices[0]?.state.kind === 'ready');
});

void test('a transfer goes on when its phone comes back to a driver that is busy, whoever waits for it', async (t) => {
  const { world, bus } = await shared(t, NOT_A_MINUTE);
  const here = world.local('photo.jpg', 70_001);
  const to = world.place('/Download');
  await world.phone.unplug();
  await until(() => world.engine.devices[0]?.state.kind === 'gone');
  const options = { onConflict: 'replace', onName: 'fail' } as const;
  const { transfer } = await world.engine.enqueue({ direction: 'upload', sources: [here], to, options });
  bus.isBusy = true;
  world.phone.plug();
  await until(() => world.engine.devices.some(({ state }) => state.kind === 'held' && state.opening === true));
  // without time to wait: it is being opened
  const settled = world.engine.settled(transfer, { waitMs: 0 });
  await until(() => world.engine.view(transfer).state === 'waiting');
  await new Promise((resolve) => setTimeout(resolve, 50));
  bus.isBusy = false;
  assert.equal((await settled).state, 'done', JSON.stringify(world.log));
  assert.equal(await digestFile(here), await digestFile(join(world.phoneFolder, 'Download/photo.jpg')));
});
