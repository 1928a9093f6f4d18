import assert from 'node:assert/strict';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { NO_FILTERS, type SyncPair } from '../../shared/sync.ts';
import { DATE, SyncSides, syncRow } from '../../tests/support/sync-sides.ts';
import { nodeDisk, type Disk } from '../engine/index.ts';
import { usualNames } from '../engine/local/local-names.ts';
import { LocalEndpoint } from './local-endpoint.ts';
import { actionsOf, makePlan, type Plan, type PlanParts } from './plan.ts';
import type { SyncRow } from './sync-store.ts';

const HOUR = 3_600_000;

interface Planned {
  readonly sides: SyncSides;
  readonly plan: (
    rows?: readonly SyncRow[],
    change?: Partial<SyncPair>,
    parts?: Partial<Pick<PlanParts, 'disk' | 'names' | 'foldsCase' | 'local'>>,
  ) => Promise<Plan>;
}

function world(t: TestContext): Planned {
  const sides = new SyncSides(t);
  const plan: Planned['plan'] = (rows = [], change = {}, parts = {}) => {
    const pair = sides.pair(change);
    return makePlan({
      pair,
      rows: new Map(rows.map((row) => [row.path, row])),
      phone: sides.phone,
      local: sides.local,
      disk: undefined,
      names: pair.direction === 'to-computer' ? usualNames('linux') : undefined,
      foldsCase: false,
      copiesAgain: false,
      strictNames: false,
      now: 5,
      signal: undefined,
      onProgress: () => undefined,
      ...parts,
    });
  };
  return { sides, plan };
}

/** The lines of a preview: `copy new a.jpg → b.jpg`, `delete a.jpg`. */
const told = (plan: Plan): readonly string[] =>
  actionsOf(plan).map((action) => {
    switch (action.kind) {
      case 'copy':
        return `copy ${action.why} ${action.path}${action.target === action.path ? '' : ` → ${action.target}`}`;
      case 'rename':
        return `rename ${action.from} → ${action.target}`;
      case 'skip':
      case 'delete':
        return `${action.kind} ${action.path}`;
    }
  });

/** Ten files in step, of which the first `gone` are not on the phone any more. */
function tenOf(sides: SyncSides, gone: number): readonly SyncRow[] {
  const names = Array.from({ length: 10 }, (_, index) => `${index}.jpg`);
  for (const [index, name] of names.entries()) {
    if (index >= gone) sides.write('phone', name, `same ${index} xxx`.slice(0, 10));
    sides.write('here', name, `same ${index} xxx`.slice(0, 10));
  }
  return names.map((name) => syncRow(name));
}

test('deletions: up to the limit without a question, above it after one, and only with “mirror”', async (t) => {
  const { sides, plan } = world(t);
  const rows = tenOf(sides, 3);
  const few = await plan(rows, { deletionLimit: 0.3 });
  assert.deepEqual(few.hold, { kind: 'none' });
  assert.deepEqual(told(few), ['delete 0.jpg', 'delete 1.jpg', 'delete 2.jpg']);
  assert.deepEqual(few.preview.delete, { files: 3, bytes: 30, hold: { kind: 'none' } });
  assert.deepEqual((await plan(rows, { deletionLimit: 0.2 })).hold, { kind: 'ask', share: 0.3 });
  const ignored = await plan(rows, { deletions: 'ignore', deletionLimit: 0 });
  assert.deepEqual([ignored.hold, told(ignored)], [{ kind: 'none' }, []]);
});

test('nothing is deleted where the source is empty, or could not be listed whole', async (t) => {
  const { sides, plan } = world(t);
  const rows = tenOf(sides, 10);
  assert.deepEqual((await plan(rows)).hold, { kind: 'never', why: 'empty' });
  sides.write('phone', 'away/x.jpg', 'x');
  sides.unlistable.add('/away');
  const unlisted = await plan([...rows, syncRow('away/y.jpg')]);
  assert.deepEqual(unlisted.hold, { kind: 'never', why: 'incomplete' });
  assert.ok(!told(unlisted).includes('delete away/y.jpg'), 'what cannot be seen has not gone');
  assert.equal(unlisted.preview.problems.length, 1);
});

test('a copy that was edited is not deleted with its source', async (t) => {
  const { sides, plan } = world(t);
  sides.write('phone', 'other.jpg', 'x');
  sides.write('here', 'a.jpg', '0123456789', DATE + 5 * HOUR + 4_321);
  const made = await plan([syncRow('a.jpg')], { deletionLimit: 1 });
  assert.deepEqual(told(made), ['copy new other.jpg']);
  assert.deepEqual([made.preview.edited, made.preview.delete.files], [1, 0]);
});

test('filters leave files out of the copies, and none of them counts as gone', async (t) => {
  const { sides, plan } = world(t);
  sides.write('phone', 'a.jpg', 'a');
  sides.write('phone', 'b.mp4', '0123456789');
  sides.write('here', 'b.mp4', '0123456789');
  const made = await plan([syncRow('b.mp4')], { filters: { ...NO_FILTERS, kinds: ['photos'] }, deletionLimit: 0 });
  assert.deepEqual([told(made), made.preview.leftOut], [['copy new a.jpg'], 1]);
});

test('a file with another date and the same bytes is in step; with other bytes it is copied', async (t) => {
  const { sides, plan } = world(t);
  for (const name of ['same.jpg', 'other.jpg']) sides.write('here', name, '0123456789');
  sides.write('phone', 'same.jpg', '0123456789', DATE + 7 * HOUR + 1_234);
  sides.write('phone', 'other.jpg', '012345678X', DATE + 5 * HOUR + 4_321);
  const made = await plan([syncRow('same.jpg'), syncRow('other.jpg')]);
  assert.deepEqual([told(made), made.preview.unchanged], [['copy changed other.jpg'], 1]);
});

test('a file that cannot be sampled counts as different; a phone that has gone ends the plan', async (t) => {
  const { sides, plan } = world(t);
  sides.write('here', 'a.jpg', '0123456789');
  sides.write('phone', 'a.jpg', '0123456789', DATE + 7 * HOUR + 1_234);
  sides.unreadable.set('a.jpg', 'refused');
  assert.deepEqual(told(await plan([syncRow('a.jpg')])), ['copy changed a.jpg']);
  sides.unreadable.set('a.jpg', 'disconnected');
  await assert.rejects(plan([syncRow('a.jpg')]), (error) => (error as { kind?: unknown }).kind === 'disconnected');
});

test('a file that is there already is adopted: by its date, else by its bytes', async (t) => {
  const { sides, plan } = world(t);
  sides.write('phone', 'dated.jpg', '0123456789');
  sides.write('here', 'dated.jpg', '0123456789', DATE + 1_000);
  sides.write('phone', 'bytes.jpg', 'abcdefghij');
  sides.write('here', 'bytes.jpg', 'abcdefghij', DATE + 99 * HOUR);
  sides.write('phone', 'other.jpg', 'abcdefghij');
  sides.write('here', 'other.jpg', 'abcdefghiX', DATE + 99 * HOUR);
  const made = await plan();
  assert.deepEqual(made.preview.adopted, 2);
  assert.deepEqual(told(made), ['copy new other.jpg']);
  assert.deepEqual(sides.fingerprinted.sort(), ['bytes.jpg', 'other.jpg'], 'a date that fits needs no look');
});

test('a renamed file is renamed at the target too, and each remembered one is found again once', async (t) => {
  const { sides, plan } = world(t);
  sides.write('here', 'old.jpg', '0123456789');
  for (const name of ['new-1.jpg', 'new-2.jpg']) sides.write('phone', name, '0123456789');
  const made = await plan([syncRow('old.jpg')]);
  assert.deepEqual(told(made), ['copy new new-2.jpg', 'rename old.jpg → new-1.jpg']);
});

test('with copies by month a renamed file stays in its month, and one that only moved keeps its name', async (t) => {
  const { sides, plan } = world(t);
  sides.write('here', '2024/03/a.jpg', '0123456789');
  sides.write('here', '2024/03/b.jpg', 'abcdefghij');
  sides.write('phone', 'Trip/a.jpg', '0123456789');
  sides.write('phone', 'c.jpg', 'abcdefghij');
  const rows = [syncRow('a.jpg', { target: '2024/03/a.jpg' }), syncRow('b.jpg', { target: '2024/03/b.jpg' })];
  const made = await plan(rows, { layout: 'year-month' });
  assert.deepEqual(told(made).toSorted(), ['rename a.jpg → 2024/03/a.jpg', 'rename b.jpg → 2024/03/c.jpg']);
});

test('the newest are copied first', async (t) => {
  const { sides, plan } = world(t);
  sides.write('phone', 'old.jpg', 'a', DATE);
  sides.write('phone', 'new.jpg', 'b', DATE + HOUR);
  sides.write('phone', 'b.jpg', 'c', DATE);
  assert.deepEqual(told(await plan()), ['copy new new.jpg', 'copy new b.jpg', 'copy new old.jpg']);
});

test('copies go to another disk that is empty only after a question', async (t) => {
  const { sides, plan } = world(t);
  sides.write('phone', 'a.jpg', '0123456789');
  const disk = { root: 'another:1', mounts: [] };
  assert.deepEqual((await plan([syncRow('a.jpg')], {}, { disk })).preview.copy.hold, {
    kind: 'ask',
    missing: 1,
    known: 1,
  });
  const root = (await sides.local.identity()) ?? '';
  const same = await plan([syncRow('a.jpg')], {}, { disk: { root, mounts: [] } });
  assert.deepEqual([same.preview.copy.hold, told(same)], [{ kind: 'none' }, ['copy copy-missing a.jpg']]);
});

test('to the phone: what lay on a disk that is away now has not gone', async (t) => {
  const { sides, plan } = world(t);
  sides.write('here', 'b.jpg', '0123456789');
  for (const name of ['b.jpg', 'card/a.jpg']) sides.write('phone', name, '0123456789');
  const rows = [syncRow('b.jpg'), syncRow('card/a.jpg')];
  const made = await plan(rows, { direction: 'to-phone' }, { disk: { root: 'r', mounts: ['card'] } });
  assert.deepEqual([told(made), made.hold], [[], { kind: 'none' }]);
  assert.equal(made.listing.complete, false);
  const without = await plan(rows, { direction: 'to-phone' }, { disk: { root: 'r', mounts: [] } });
  assert.deepEqual(told(without), ['delete card/a.jpg']);
});

test('to the phone: a folder of copies that cannot be listed ends the plan', async (t) => {
  const { sides, plan } = world(t);
  sides.write('here', 'a.jpg', 'a');
  sides.write('phone', 'sub/x.jpg', 'x');
  sides.unlistable.add('/sub');
  await assert.rejects(
    plan([], { direction: 'to-phone' }),
    (error) => (error as { kind?: unknown }).kind === 'refused',
  );
});

test('a file that was never copied gets a target that its disk takes, where the one that it was given is none', async (t) => {
  const { sides, plan } = world(t);
  const paths = ['end.', 'photo.jpg', 'PHOTO.JPG', 'copied.'];
  for (const path of paths) sides.write('phone', path, path.padEnd(10, 'x'));
  const never = { status: 'failed', targetSize: undefined, targetModified: undefined } as const;
  // as they were given while the disk could not be written to, so that names could not be tried
  const rows = paths.map((path) => syncRow(path, path === 'copied.' ? {} : never));
  const names = { ...usualNames('linux'), noTrailing: true, insensitive: true };
  const planned = told(await plan(rows, {}, { names, foldsCase: true }));
  assert.deepEqual([...planned].sort(), [
    'copy again PHOTO.JPG → PHOTO (2).JPG',
    'copy again end. → end．',
    'copy again photo.jpg',
    'copy copy-missing copied.',
  ]);
  assert.deepEqual(
    told(await plan(rows)).filter((line) => line.includes('→')),
    [],
  );
});

test('a copy whose disk dropped the end of its name is known by the one that its folder lists, and no other file gets that', async (t) => {
  const { sides, plan } = world(t);
  for (const path of ['end.', 'end', 'sub. /a', 'gone.']) sides.write('phone', path, path.padEnd(10, 'x'));
  for (const path of ['end', 'sub/a']) sides.write('here', path, 'x'.repeat(10));
  // as they were copied while the disk could not be tried
  const rows = ['end.', 'sub. /a', 'gone.'].map((path) => syncRow(path));
  const at = (file: string): string => path.normalize(file.replaceAll(/[. ]+(?=\/|$)/g, ''));
  const dropping: Disk = {
    ...nodeDisk,
    lstat: (file) => nodeDisk.lstat(at(file)),
    readdir: (folder) => nodeDisk.readdir(at(folder)),
  };
  const names = { ...usualNames('linux'), noTrailing: true };
  const local = new LocalEndpoint(dropping, sides.local.root);
  const dropped = await plan(rows, { conflicts: 'replace' }, { names, local });
  assert.deepEqual(
    dropped.respelled.map(({ path, target }) => [path, target]),
    [
      ['end.', 'end'],
      ['sub. /a', 'sub/a'],
    ],
  );
  assert.deepEqual([...told(dropped)].sort(), ['copy copy-missing gone.', 'copy new end → end (2)']);
  // a disk that takes no such name, and has another file under the shorter one
  const refusing = await plan(rows, { conflicts: 'replace' }, { names });
  assert.deepEqual(refusing.respelled, []);
});
