import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localPath, phonePath } from '../../../shared/domain.ts';
import { fail, type PhoneErrorKind } from '../../../shared/errors.ts';
import { DEVICE, STORAGE, newItem, transferRow } from '../../../tests/support/rows.ts';
import { MemoryTransferStore } from '../../store/index.ts';
import { systemClock } from '../api.ts';
import { DEFAULT_LIMITS, EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import { nodeDisk } from '../local/node-disk.ts';
import { TargetFolders } from '../local/target-folders.ts';
import { ItemRun, type ItemChange } from '../model/item-run.ts';
import type { ItemRow, NewItem, TransferRow } from '../model/transfer-store.ts';
import { FolderSizes } from '../transfer/folder-sizes.ts';
import { Sample } from '../transfer/sample.ts';
import { ItemWorker } from './item-worker.ts';
import { Leftovers } from './leftovers.ts';
import { Patience } from './patience.ts';

/** A temporary name that only Replug gives. */
const TEMPORARY = 'film.mkv.replug-a1';

interface Scene {
  readonly transfer?: Partial<TransferRow>;
  readonly item?: Partial<NewItem>;
  readonly change?: ItemChange;
}

/**
 * One item and its worker. The phone has nothing, and is asked once for a folder: `answer` says what comes of that, with
 * the error it throws, or by letting the folder be made.
 */
class Stage {
  readonly store = new MemoryTransferStore();
  readonly log: string[] = [];
  readonly closed: true[] = [];
  readonly connection: Connection;
  readonly context: EngineContext;
  readonly run: ItemRun;
  readonly patience: Patience;
  readonly #worker: ItemWorker;
  /** What happens at each pause after trouble. */
  whilePaused: () => void = () => undefined;
  asked = 0;
  pauses = 0;

  constructor(answer: (stage: Stage) => void, { transfer, item, change }: Scene = {}) {
    const storage = { key: STORAGE, id: 1 };
    const ask = async (): Promise<unknown> => {
      this.asked += 1;
      await Promise.resolve();
      answer(this);
      return { find: () => undefined, exactly: () => undefined };
    };
    this.connection = {
      key: DEVICE,
      alive: true,
      phone: { storages: () => Promise.resolve([storage]), close: () => Promise.resolve(this.closed.push(true)) },
      tree: {
        storages: [storage],
        has: () => true,
        storage: () => storage,
        forget: () => undefined,
        kept: () => undefined,
        folder: ask,
        makeFolders: ask,
        makeFolder: () => Promise.resolve(),
      },
      lookAgain: () => Promise.resolve(),
    } as unknown as Connection;
    this.context = new EngineContext({
      store: this.store,
      disk: nodeDisk,
      clock: {
        ...systemClock,
        sleep: () => {
          this.pauses += 1;
          this.whilePaused();
          return Promise.resolve();
        },
      },
      registry: { connection: () => this.connection, onChange: () => () => undefined } as unknown as DeviceRegistry,
      limits: DEFAULT_LIMITS,
      platform: 'linux',
      log: (line) => this.log.push(line),
      seed: 's',
      random: () => 0.5,
    });
    const row = transferRow('t', { direction: 'download', planned: true, ...transfer });
    this.store.addTransfer(row);
    const [id] = this.store.addItems(
      row.id,
      [newItem('film.mkv', 10, { local: localPath('/nowhere/film.mkv'), ...item })],
      1,
    );
    assert.ok(id !== undefined);
    if (change !== undefined) this.store.updateItem(id, change, 1);
    const run = ItemRun.reserve(id, row, this.store, () => this.context.now(), this.context);
    assert.ok(run);
    this.run = run;
    this.patience = new Patience(this.context);
    this.#worker = new ItemWorker(run, {
      context: this.context,
      connection: this.connection,
      folders: new TargetFolders(nodeDisk, this.context.targets, () => 0),
      sample: new Sample('t', undefined, false, () => Promise.resolve()),
      sizes: new FolderSizes(this.connection),
      begun: 0,
      park: () => undefined,
      leftovers: new Leftovers(DEVICE, this.context),
      patience: this.patience,
    });
  }

  /** Answers the row as it is stored when the worker has ended. */
  async work(): Promise<ItemRow> {
    await this.#worker.work();
    return this.stored;
  }
  get stored(): ItemRow {
    const row = this.store.item(this.run.row.id);
    assert.ok(row);
    return row;
  }
  get noted(): readonly string[] {
    return this.store.leftovers(DEVICE).map(({ name }) => name);
  }
}

const FOLDER: Scene = { transfer: { direction: 'upload' }, item: { kind: 'folder' } };
const nothing = (): void => undefined;
const throws = (kind: PhoneErrorKind) => (): void => {
  throw fail(kind, 'list');
};
/** A download of which something was fetched before. */
const begun = (change: ItemChange = {}): Scene => ({
  change: { temporary: '/nowhere/film.mkv.replug-part', creation: 'created', mode: 'chunks', confirmed: 5, ...change },
});

test('an item that went well is done in the store', async () => {
  const stage = new Stage(nothing, FOLDER);
  const { state } = await stage.work();
  assert.equal(state.kind, 'done');
  assert.equal(stage.pauses, 0);
});

test('what ends the connection ends it for all, and the item waits for the phone; an error of the item alone does not', async () => {
  for (const [kind, alive, closed] of [
    ['disconnected', false, 0],
    ['silent', false, 1],
    ['confused', false, 1],
    ['busy', true, 0],
  ] as const) {
    const stage = new Stage(throws(kind), FOLDER);
    const { state } = await stage.work();
    assert.equal(stage.connection.alive, alive, kind);
    assert.equal(stage.closed.length, closed, `${kind}: a session that may still be open is closed`);
    assert.ok(state.kind === 'waiting', kind);
    assert.equal(state.for.kind, alive ? 'time' : 'phone', kind);
  }
});

test('an item that met an error says so, so that its copy is read back', async () => {
  const stage = new Stage(throws('busy'), FOLDER);
  assert.equal((await stage.work()).retried, true);
});

test('an error in the program fails the item, and the log has its place', async () => {
  const stage = new Stage(() => {
    throw new RangeError('off by one');
  }, FOLDER);
  const { state } = await stage.work();
  assert.ok(state.kind === 'failed' && state.problem.kind === 'internal');
  assert.ok(stage.log.some((line) => /RangeError: off by one\n\s+at /.test(line)));
});

test('while the store cannot be written the item is held, and its end is stored when it can be', async () => {
  const stage = new Stage(nothing, FOLDER);
  const write = stage.store.updateItem.bind(stage.store);
  stage.store.updateItem = () => {
    throw fail('store', 'updateItem', 'disk full');
  };
  stage.whilePaused = () => {
    if (stage.pauses === 3) stage.store.updateItem = write;
  };
  const { state } = await stage.work();
  assert.equal(stage.pauses, 3);
  assert.equal(state.kind, 'done');
  assert.equal(stage.asked, 1, 'nothing is done a second time');
});

test('the end of the program does not wait for the store', async () => {
  const stage = new Stage(nothing, FOLDER);
  stage.store.updateItem = () => {
    throw fail('store', 'updateItem', 'disk full');
  };
  stage.whilePaused = () => {
    stage.run.halt();
  };
  await assert.rejects(stage.work(), { kind: 'store' });
  assert.equal(stage.pauses, 1);
});

test('a pause that was taken back before it took effect is none', async () => {
  const stage = new Stage((now) => {
    now.run.apply({ kind: 'pause' });
    now.run.apply({ kind: 'resume' });
    throw fail('busy', 'list');
  }, begun());
  const { state } = await stage.work();
  assert.equal(state.kind, 'waiting');
});

test('a pause that comes while it is worked on is kept to, and what was made stays', async () => {
  const stage = new Stage((now) => {
    now.run.apply({ kind: 'pause' });
    throw fail('busy', 'list');
  }, begun());
  const { state, temporary } = await stage.work();
  assert.equal(state.kind, 'paused');
  assert.notEqual(temporary, undefined);
  assert.deepEqual(stage.noted, []);
});

test('what a cancelled item has made is noted, whatever the worker was about to say; with the phone it goes at once', async () => {
  const upload: Scene = {
    transfer: { direction: 'upload' },
    item: { kind: 'folder' },
    change: { temporary: TEMPORARY, creation: 'created' },
  };
  for (const kind of ['busy', 'disconnected'] as const) {
    const stage = new Stage((now) => {
      if (now.asked > 1) return;
      now.run.apply({ kind: 'cancel' });
      throw fail(kind, 'list');
    }, upload);
    stage.connection.tree.folder = () => Promise.reject(fail('missing', 'list'));
    const { state, temporary } = await stage.work();
    assert.equal(state.kind, 'cancelled', kind);
    assert.equal(temporary, undefined, kind);
    assert.deepEqual(stage.noted, kind === 'disconnected' ? [TEMPORARY] : [], kind);
  }
});

test('of a failed item only what another attempt can go on with is kept', async () => {
  const cases: readonly (readonly [PhoneErrorKind, ItemChange, boolean])[] = [
    ['read-only', {}, true],
    ['read-only', { confirmed: 0 }, false],
    ['read-only', { mode: 'whole' }, false],
    ['mismatch', {}, false],
    ['too-large', {}, false],
    ['local-too-large', {}, false],
  ];
  for (const [kind, change, isKept] of cases) {
    const stage = new Stage(throws(kind), begun(change));
    const { state, temporary } = await stage.work();
    const what = `${kind} ${JSON.stringify(change)}`;
    assert.equal(state.kind, 'failed', what);
    assert.equal(temporary !== undefined, isKept, what);
    assert.equal(stage.noted.length, isKept ? 0 : 1, what);
  }
});

test('a download whose source is gone keeps what has come of it: it may be all there is', async () => {
  const stage = new Stage(throws('missing'), begun({ mode: 'whole', attempts: 1 }));
  const { state, temporary } = await stage.work();
  assert.ok(state.kind === 'failed' && state.problem.kind === 'missing');
  assert.notEqual(temporary, undefined);
});

test('what the phone refused to make was not made: nothing of that name is noted or kept', async () => {
  const refusal = (code: number | undefined): Stage =>
    new Stage(
      () => {
        throw fail('refused', 'SendObjectInfo', '', code === undefined ? {} : { code });
      },
      { ...FOLDER, change: { temporary: TEMPORARY, creation: 'creating' } },
    );
  const refused = await refusal(0x2002).work();
  assert.deepEqual([refused.temporary, refused.creation], [undefined, 'none']);
  // no answer at all: it may have been made
  const unanswered = await refusal(undefined).work();
  assert.deepEqual([unanswered.temporary, unanswered.creation], [TEMPORARY, 'creating']);
});

test('a file larger than the storage was found to hold fails before the phone is asked', async () => {
  const stage = new Stage(nothing, { transfer: { direction: 'upload' } });
  stage.context.space.noteLargest(DEVICE, STORAGE, 9);
  const { state } = await stage.work();
  assert.ok(state.kind === 'failed' && state.problem.kind === 'too-large');
  assert.equal(stage.asked, 0);
});

test('a download is not held to what the phone’s storage can take', async () => {
  const stage = new Stage(throws('read-only'));
  stage.context.space.noteLargest(DEVICE, STORAGE, 9);
  const { state } = await stage.work();
  assert.ok(state.kind === 'failed' && state.problem.kind === 'read-only');
});

test('a move whose copy is whole is done whatever keeps its original', async () => {
  const stage = new Stage(throws('read-only'), {
    transfer: { options: { ...transferRow('t').options, move: true } },
    item: { phone: phonePath('/DCIM/film.mkv') },
    change: { creation: 'published' },
  });
  const { state } = await stage.work();
  assert.ok(state.kind === 'done' && state.outcome.kind === 'moved');
  assert.equal(state.outcome.original?.deleted, false);
  assert.equal(state.outcome.original.problem?.kind, 'read-only');
});
