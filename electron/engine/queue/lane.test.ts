import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { localPath, phonePath, type TransferId } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import { DEVICE, newItem, transferRow } from '../../../tests/support/rows.ts';
import { MemoryTransferStore } from '../../store/index.ts';
import { systemClock } from '../api.ts';
import { DEFAULT_LIMITS, EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import { nodeDisk } from '../local/node-disk.ts';
import type { TransferRow } from '../model/transfer-store.ts';
import { Lane } from './lane.ts';

/** Bytes: small enough to go together with others, and too large for that. */
const SMALL = 1024 * 1024;
const LARGE = SMALL + 1;

/**
 * A lane on a phone that lets nothing end by itself: each item asks it for its folder first and gets no answer until
 * the test says so. `started` holds the names in the order in which they began.
 */
class Stage {
  readonly store = new MemoryTransferStore();
  readonly started: string[] = [];
  readonly log: string[] = [];
  readonly lane: Lane;
  readonly refused = new Set<string>();
  connection: Connection | undefined;
  readonly #open = new Map<string, (error: Error) => void>();

  constructor(t: TestContext) {
    const storage = { key: newItem('').storage, id: 1 };
    const asked = (path: string): Promise<never> =>
      new Promise((_, reject) => {
        const name = path.slice(1);
        this.started.push(name);
        this.#open.set(name, reject);
      });
    this.connection = {
      key: DEVICE,
      alive: true,
      phone: { storages: () => Promise.resolve([storage]), close: () => Promise.resolve() },
      tree: {
        storages: [storage],
        has: () => true,
        storage: () => storage,
        forget: () => undefined,
        folder: (_: unknown, path: string) => asked(path),
        makeFolders: (_: unknown, path: string) => asked(path),
      },
      lookAgain: () => Promise.resolve(),
    } as unknown as Connection;
    const context = new EngineContext({
      store: this.store,
      disk: nodeDisk,
      clock: systemClock,
      registry: { connection: () => this.connection } as unknown as DeviceRegistry,
      limits: { ...DEFAULT_LIMITS, lookAgainMs: 5 },
      platform: 'linux',
      log: (line) => this.log.push(line),
      seed: 's',
      random: () => 0.5,
    });
    this.lane = new Lane(DEVICE, context, ({ id }) => !this.refused.has(id));
    t.after(async () => {
      const halted = this.lane.halt();
      this.end(...this.#open.keys());
      await halted;
    });
  }

  /** Adds a transfer of these items: name and size; a folder has no size. */
  add(id: string, items: readonly (readonly [name: string, size?: number])[], change: Partial<TransferRow> = {}): void {
    const row = transferRow(id, { direction: 'download', planned: true, ...change });
    this.store.addTransfer(row);
    this.store.addItems(
      row.id,
      items.map(([name, size]) =>
        newItem(name, size ?? 0, {
          kind: size === undefined ? 'folder' : 'file',
          phone: phonePath(`/${name}/x`),
          local: localPath(`/nowhere/${name}`),
        }),
      ),
      1,
    );
  }

  /** The phone answers for these: there is no such folder, so that they have failed. */
  end(...names: readonly string[]): void {
    for (const name of names) {
      this.#open.get(name)?.(fail('missing', 'list', '', { subject: name }));
      this.#open.delete(name);
    }
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  }
  /** Resolves when these began and the lane has had the time to begin more. */
  async began(...names: readonly string[]): Promise<void> {
    await this.until(() => this.started.length >= names.length);
    for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(this.started, names);
  }
}

test('small files go together, twelve at most; when four are left, as many as have ended begin together', async (t) => {
  const stage = new Stage(t);
  const names = [...'abcdefghijklmnopqrstuvwx'];
  stage.add(
    't',
    names.map((name) => [name, SMALL]),
  );
  stage.lane.start();
  await stage.began(...names.slice(0, 12));
  stage.end(...'cabdefg');
  await stage.began(...names.slice(0, 12));
  stage.end('l');
  await stage.began(...names.slice(0, 20));
});

test('a large file has the lane to itself: it waits for the small ones, and they for it', async (t) => {
  const stage = new Stage(t);
  stage.add('t', [['a', 1], ['b', 1], ['film', LARGE], ['c', 1], ['d', 1]]); // prettier-ignore
  stage.lane.start();
  await stage.began('a', 'b');
  stage.end('a');
  await stage.began('a', 'b');
  stage.end('b');
  await stage.began('a', 'b', 'film');
  stage.end('film');
  await stage.began('a', 'b', 'film', 'c', 'd');
});

test('a folder has the lane to itself, since others go into it', async (t) => {
  const stage = new Stage(t);
  stage.add('t', [['one'], ['two']], { direction: 'upload' });
  stage.lane.start();
  await stage.began('one');
  stage.end('one');
  await stage.began('one', 'two');
});

test('transfers go in the order of the queue; one that may not run now is passed over', async (t) => {
  const stage = new Stage(t);
  stage.add('late', [['late', LARGE]], { position: 2 });
  stage.add('first', [['first', LARGE]], { position: 1 });
  stage.add('paused', [['paused', LARGE]], { position: 0 });
  stage.refused.add('paused');
  stage.lane.start();
  await stage.began('first');
  stage.refused.delete('paused');
  stage.lane.wake();
  stage.end('first');
  await stage.began('first', 'paused');
  stage.end('paused');
  await stage.began('first', 'paused', 'late');
});

test('what was cancelled after it was chosen is not started', async (t) => {
  const stage = new Stage(t);
  stage.add('t', [['a', LARGE], ['b', LARGE], ['c', LARGE]]); // prettier-ignore
  stage.lane.start();
  await stage.began('a');
  // without a wake: the lane still has the row that it read before
  const [, second] = stage.store.itemsIn('t' as TransferId, ['queued', 'preparing'], 9);
  assert.equal(second?.name, 'b');
  stage.store.updateItem(second.id, { state: { kind: 'cancelled' } }, 2);
  stage.end('a');
  await stage.began('a', 'c');
});

test('nothing starts without a phone; what is waiting starts when it is there', async (t) => {
  const stage = new Stage(t);
  const { connection } = stage;
  stage.connection = undefined;
  stage.add('t', [['a', LARGE]]);
  stage.lane.start();
  await stage.began();
  stage.connection = connection;
  stage.lane.wake();
  await stage.began('a');
  assert.deepEqual(stage.log, []);
});

test('an error of the lane itself is logged, and the lane goes on', async (t) => {
  const stage = new Stage(t);
  stage.add('t', [['a', LARGE]]);
  const counts = stage.store.counts.bind(stage.store);
  stage.store.counts = () => {
    stage.store.counts = counts;
    throw new Error('disk full');
  };
  stage.lane.start();
  await stage.until(() => stage.log.length > 0);
  stage.lane.wake();
  await stage.began('a');
  assert.match(stage.log[0] ?? '', /^lane: .*disk full/);
});

test('a halted lane lets go of what it works on and starts nothing more', async (t) => {
  const stage = new Stage(t);
  stage.add('t', [['a', LARGE], ['b', LARGE]]); // prettier-ignore
  stage.lane.start();
  await stage.began('a');
  const halted = stage.lane.halt();
  stage.end('a');
  await halted;
  assert.deepEqual(stage.started, ['a']);
  assert.deepEqual([...stage.lane.runs], []);
});
