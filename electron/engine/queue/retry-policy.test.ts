import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PhoneErrorKind, Problem } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ItemRun } from '../model/item-run.ts';
import type { Input } from '../model/item-state.ts';
import { nodeDisk } from '../local/node-disk.ts';
import { decideRetry } from './retry-policy.ts';

interface Given {
  readonly direction?: 'upload' | 'download';
  readonly size?: number;
  readonly confirmed?: number;
  /** As the phone and the disk tell it. */
  readonly free?: number | undefined;
  readonly storages?: readonly string[];
  readonly targetAway?: boolean;
  readonly platform?: NodeJS.Platform;
}

const MOST_ATTEMPTS = 5;

/** An item with everything around it that the policy asks, which is told how things are. */
function item(given: Given = {}): (problem: Partial<Problem> & { readonly kind: PhoneErrorKind }) => Promise<Input> {
  const row = { name: 'a.bin', local: '/nowhere/a.bin', storage: 'card', size: given.size ?? 1_000, attempts: 0 };
  const run = {
    row: { ...row, confirmed: given.confirmed ?? 0 },
    transfer: { id: 't', device: 'phone', direction: given.direction ?? 'upload', destination: '/nowhere' },
    update(change: object) {
      run.row = { ...run.row, ...change };
    },
  };
  const largest = new Map<string, number>();
  const context = {
    disk: nodeDisk,
    log: () => undefined,
    now: () => 1_000,
    random: () => 0.5,
    platform: given.platform ?? 'linux',
    limits: { mostAttempts: MOST_ATTEMPTS },
    space: {
      forget: () => undefined,
      onPhone: () => Promise.resolve(given.free),
      onComputer: () => Promise.resolve(given.free),
      noteLargest: (_: string, storage: string, bytes: number) => largest.set(storage, bytes),
    },
    targets: { isAway: () => Promise.resolve(given.targetAway ?? false) },
  };
  const storages = (given.storages ?? ['card']).map((key) => ({ key, id: 1 }));
  const connection = {
    alive: true,
    phone: { storages: () => Promise.resolve(storages) },
    tree: {
      forget: () => undefined,
      storages,
      has: (key: string) => storages.some((storage) => storage.key === key),
      storage: () => storages[0],
    },
    // a phone without storages is locked, and is served no more
    lookAgain: () => {
      connection.alive = storages.length > 0;
      return Promise.resolve();
    },
  };
  return (problem) =>
    decideRetry(
      context as unknown as EngineContext,
      { operation: 'op', detail: '', ...problem },
      run as unknown as ItemRun,
      connection as unknown as Connection,
    );
}

/** `phone`, `time 500` (milliseconds), `space 100 phone`, `failed full`. */
function said(input: Input): string {
  if (input.kind === 'failed') return `failed ${input.problem.kind}`;
  if (input.kind !== 'waitFor') return input.kind;
  const what = input.for;
  if (what.kind === 'time') return `time ${what.until - input.at}`;
  return what.kind === 'space' ? `space ${what.needed} ${what.where}` : what.kind;
}
async function inARow(next: () => Promise<Input>): Promise<readonly string[]> {
  const all: string[] = [];
  while (all.length < 20 && !all.at(-1)?.startsWith('failed')) all.push(said(await next()));
  return all;
}

test('full, and the figure agrees: room is waited for, as much as is needed', async () => {
  assert.equal(said(await item({ free: 200, confirmed: 400 })({ kind: 'full' })), 'space 600 phone');
  assert.equal(said(await item({ free: 0, direction: 'download' })({ kind: 'local-full' })), 'space 1000 computer');
  assert.equal(said(await item()({ kind: 'full', needed: 5_000 })), 'space 5000 phone');
});

for (const free of [undefined, 1_000_000])
  for (const kind of ['full', 'local-full'] as const)
    test(`${kind}, and the figure says ${free ?? 'nothing'}: some tries, each later than the last, then it fails and says why`, async () => {
      const next = item({ free, direction: kind === 'full' ? 'upload' : 'download' });
      const all = await inARow(() => next({ kind }));
      assert.deepEqual(all, ['time 500', 'time 1000', 'time 2000', 'time 4000', 'time 8000', `failed ${kind}`]);
      const end = await next({ kind });
      assert.ok(end.kind === 'failed' && end.problem.advice !== undefined && end.problem.subject === 'a.bin');
      assert.match(end.problem.detail, free === undefined ? /no usable figure/ : /reports 1000000 bytes free/);
    });

test('no reason given: a full disk is told by its figure, anything else is tried a few times', async () => {
  assert.equal(said(await item({ free: 10 })({ kind: 'stalled' })), 'space 1000 phone');
  assert.equal(said(await item({ free: 10, direction: 'download' })({ kind: 'stalled' })), 'time 500');
  const refused = item({ free: 1_000_000 });
  assert.deepEqual(await inARow(() => refused({ kind: 'refused' })), ['time 500', 'time 1000', 'failed refused']);
});

test('it stops where FAT32 ends: the file is too large, and so is the next', async () => {
  const input = await item({ size: 5_000_000_000, confirmed: 0xffff_ffff - 1_000, free: 10 ** 10 })({
    kind: 'stalled',
  });
  assert.equal(said(input), 'failed too-large');
});

for (const kind of ['stale', 'missing', 'refused', 'stalled', 'not-a-folder'] as const)
  test(`${kind} while the storage is away is no answer about the file`, async () => {
    assert.equal(said(await item({ storages: ['internal'] })({ kind })), 'storage');
    assert.equal(said(await item({ storages: [] })({ kind })), 'unlock');
    assert.match(said(await item({ free: 10 ** 9 })({ kind })), /^time/);
  });

for (const kind of ['local-missing', 'local-io', 'local-read-only', 'local-full'] as const)
  test(`${kind} while the disk of the target is away: it is waited for`, async () => {
    assert.equal(said(await item({ direction: 'download', targetAway: true })({ kind })), 'target');
  });

for (const kind of ['local-io', 'source-unreadable'] as const)
  test(`${kind} while the source is away: it is waited for`, async () => {
    assert.equal(said(await item()({ kind })), 'source');
  });

test('what another program holds for a moment is tried again', async () => {
  const busy = item();
  assert.equal((await inARow(() => busy({ kind: 'local-busy' }))).length, MOST_ATTEMPTS + 1);
  const scanner = item({ direction: 'download', platform: 'win32' });
  const refused = await inARow(() => scanner({ kind: 'local-read-only' }));
  assert.deepEqual(refused, ['time 500', 'time 1000', 'failed local-read-only']);
  const refusedHere = item({ direction: 'download', platform: 'linux' });
  assert.equal(said(await refusedHere({ kind: 'local-read-only' })), 'failed local-read-only');
});

test('trouble with the database is never the end of a file', async () => {
  const next = item();
  for (let i = 0; i < 30; i += 1) assert.match(said(await next({ kind: 'store' })), /^time/);
});
