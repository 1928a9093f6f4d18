import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ItemView } from '../../shared/snapshots.ts';
import { VirtualPhone } from '../../electron/virtual/index.ts';
import { answer } from '../support/answer.ts';
import { describeInEnglish, isPhoneError } from '../../shared/errors.ts';
import type { CopiesSnapshot, CopyView } from '../../shared/opening.ts';
import { begin } from './opened-world.ts';
import { bytesFor, type World } from './world.ts';

/** Copies of a phone's files that programs open, and the way back to the phone. */

const MIB = 1024 * 1024;

const fetch = async (world: World, path: string, edit = false) => {
  const reply = await world.engine.execute('fetchCopy', { place: world.place(path), edit });
  return { ...reply, path: world.engine.opening.openable(reply.copy).path };
};
const snapshot = (world: World): CopiesSnapshot => world.engine.opening.snapshot();

/** Resolves with what the stream shows once `wanted` finds something in it. */
function shown<T>(world: World, wanted: (copies: readonly CopyView[]) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`in vain: ${JSON.stringify(snapshot(world))}`)), 15_000);
    const end = world.engine.watch('copies', undefined, ({ copies }) => {
      const found = wanted(copies);
      if (found === undefined) return;
      clearTimeout(late);
      setImmediate(() => end());
      resolve(found);
    });
  });
}
const filesIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile())
        .map((one) => one.name)
        .sort()
    : [];

for (const size of [0, 1, 3000, 5 * MIB + 17, 20 * MIB])
  test(`a copy of ${size} bytes is the phone’s file, for this user only and read-only`, async (t) => {
    const world = begin(t);
    world.onPhone('DCIM/a.jpg', size, Date.UTC(2024, 1, 2));
    await world.start();
    const { path, isProgram } = await fetch(world, '/DCIM/a.jpg');
    assert.equal(isProgram, false);
    assert.deepEqual(readFileSync(path), readFileSync(join(world.phoneFolder, 'DCIM/a.jpg')));
    assert.equal(statSync(path).mode & 0o777, 0o400);
    assert.equal(statSync(world.copies).mode & 0o777, 0o700);
    assert.equal(statSync(path).mtimeMs, Date.UTC(2024, 1, 2));
    assert.equal(world.engine.openFiles, 0);
    assert.deepEqual(snapshot(world), { copies: [] });
    assert.deepEqual(world.engine.transfers(), [], 'it is no transfer of a person’s');
  });

test('the same file is fetched once, as long as it is the same', async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 2000, Date.UTC(2024, 1, 2));
  await world.start();
  const first = await fetch(world, '/a.txt');
  const again = await fetch(world, '/a.txt');
  assert.equal(again.copy, first.copy);
  world.onPhone('a.txt', 2000, Date.UTC(2025, 1, 2));
  await world.engine.execute('refresh', { place: world.place('/') });
  const changed = await fetch(world, '/a.txt');
  assert.notEqual(changed.copy, first.copy);
  assert.deepEqual(readFileSync(changed.path), readFileSync(join(world.phoneFolder, 'a.txt')));
  assert.deepEqual(filesIn(world.copies), ['a.txt', 'record.replug-1'], 'the old copy has gone');
});

test('a copy outlives the program; what was cut short does not', async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 2000, Date.UTC(2024, 1, 2));
  await world.start();
  const { copy } = await fetch(world, '/a.txt');
  await world.restart();
  const cut = join(world.copies, '00112233445566aa.replug-copy');
  const { mkdirSync } = await import('node:fs');
  mkdirSync(cut);
  writeFileSync(join(cut, 'b.mp4.1.replug-part'), 'half');
  await world.start();
  assert.equal(existsSync(cut), false);
  assert.equal((await fetch(world, '/a.txt')).copy, copy);
});

test('beyond the limit the least recently opened go; one that was changed by any means stays', async (t) => {
  const world = begin(t, {}, { copyLimit: 2500 });
  for (const name of ['a', 'b', 'c']) world.onPhone(`${name}.txt`, 1000, Date.UTC(2024, 1, 2));
  await world.start();
  const a = await fetch(world, '/a.txt');
  const b = await fetch(world, '/b.txt');
  await fetch(world, '/a.txt');
  await fetch(world, '/c.txt');
  assert.equal(existsSync(b.path), false);
  assert.equal(existsSync(a.path), true);
  chmodSync(a.path, 0o600);
  writeFileSync(a.path, 'mine');
  await world.engine.execute('clearCopies', undefined);
  assert.equal(readFileSync(a.path, 'utf8'), 'mine');
  assert.deepEqual(
    filesIn(world.copies).filter((name) => name === 'c.txt'),
    [],
  );
});

test('what a program saved beside a copy stays when the copy goes', async (t) => {
  const world = begin(t);
  world.onPhone('a.docx', 1000, Date.UTC(2024, 1, 2));
  await world.start();
  const { path } = await fetch(world, '/a.docx');
  const mine = join(dirname(path), 'a, my version.docx');
  writeFileSync(mine, 'mine');
  await world.engine.execute('clearCopies', undefined);
  assert.equal(existsSync(path), false);
  assert.equal(readFileSync(mine, 'utf8'), 'mine');
  await world.restart();
  await world.start();
  assert.equal(readFileSync(mine, 'utf8'), 'mine', 'nor does the next start touch it');
});

test('fetching can be stopped, and leaves nothing', async (t) => {
  const world = begin(t, { rate: 4_000_000 });
  world.onPhone('a.mp4', 40 * MIB);
  await world.start();
  const refused = assert.rejects(
    fetch(world, '/a.mp4'),
    (error: unknown) => isPhoneError(error) && error.kind === 'cancelled',
  );
  const { id } = await shown(world, ([copy]) => (copy !== undefined && copy.fetched > 0 ? copy : undefined));
  await world.engine.execute('stopCopy', { copy: id });
  await refused;
  assert.deepEqual(filesIn(world.copies), []);
  assert.equal(world.engine.openFiles, 0);
  assert.deepEqual(snapshot(world), { copies: [] });
});

test('an unplug in the middle: it waits, and goes on when the phone is back', { timeout: 60_000 }, async (t) => {
  const world = begin(t);
  world.onPhone('a.mp4', 12 * MIB, Date.UTC(2024, 1, 2));
  await world.start();
  world.faults('unplug@op=GetPartialObject64:6');
  const fetched = fetch(world, '/a.mp4');
  await shown(world, ([copy]) => (copy?.state === 'away' ? copy : undefined));
  world.phone.plug();
  assert.deepEqual(readFileSync((await fetched).path), readFileSync(join(world.phoneFolder, 'a.mp4')));
});

test('programs and scripts are told as such', async (t) => {
  const world = begin(t);
  for (const name of ['setup.exe', 'a.txt']) world.onPhone(name, 100);
  await world.start();
  assert.equal((await fetch(world, '/setup.exe')).isProgram, true);
  assert.equal((await fetch(world, '/a.txt')).isProgram, false);
});

test('an edited copy goes back: the old file stays until the new one is complete', { timeout: 60_000 }, async (t) => {
  const world = begin(t);
  world.onPhone('Documents/a.txt', 3000, Date.UTC(2024, 1, 2));
  await world.start();
  const { copy, path } = await fetch(world, '/Documents/a.txt', true);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await assert.rejects(
    world.engine.execute('saveBack', { copy }),
    (error: unknown) => isPhoneError(error) && error.problem.fault?.id === 'nothing-to-save',
  );
  writeFileSync(path, 'edited');
  await shown(world, ([one]) => (one?.changed === true ? one : undefined));
  const { transfer } = await world.engine.execute('saveBack', { copy });
  const view = await world.engine.settled(transfer, { waitMs: 10_000 });
  assert.equal(view.state, 'done');
  assert.equal(readFileSync(join(world.phoneFolder, 'Documents/a.txt'), 'utf8'), 'edited');
  assert.deepEqual(readdirSync(join(world.phoneFolder, 'Documents')), ['a.txt']);
  assert.equal(world.engine.transferRow(transfer)?.options.verify, 'full');
  await shown(world, ([one]) => (one?.changed === false ? one : undefined));

  // and once more, from what the phone has now
  writeFileSync(path, 'edited again');
  await shown(world, ([one]) => (one?.changed === true ? one : undefined));
  const second = await world.engine.execute('saveBack', { copy });
  assert.equal((await world.engine.settled(second.transfer, { waitMs: 10_000 })).state, 'done');
  assert.equal(readFileSync(join(world.phoneFolder, 'Documents/a.txt'), 'utf8'), 'edited again');
});

test('a file that was changed on the phone meanwhile is not replaced: a person is asked', async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 3000, Date.UTC(2024, 1, 2));
  await world.start();
  const { copy, path } = await fetch(world, '/a.txt', true);
  writeFileSync(path, 'edited here');
  writeFileSync(join(world.phoneFolder, 'a.txt'), 'edited there');
  await shown(world, ([one]) => (one?.changed === true ? one : undefined));
  const asked = new Promise((resolve) =>
    world.engine.onNotice((notice) => notice.kind === 'question' && resolve(notice.transfer.questions[0])),
  );
  const { transfer } = await world.engine.execute('saveBack', { copy });
  const item = (await asked) as ItemView;
  assert.equal(item.question?.kind, 'conflict');
  assert.equal(readFileSync(join(world.phoneFolder, 'a.txt'), 'utf8'), 'edited there');
  await answer(world.engine, item, 'keep-both');
  await world.engine.settled(transfer, { waitMs: 10_000 });
  assert.equal(readFileSync(join(world.phoneFolder, 'a (2).txt'), 'utf8'), 'edited here');
  const now = await shown(world, ([one]) => (one?.place.path === '/a (2).txt' ? one : undefined));
  assert.equal(now.changed, false, 'the copy belongs to the file that it was saved as');
});

test(
  'a phone that nothing identifies is not waited for once it has gone, locked or not',
  { timeout: 60_000 },
  async (t) => {
    const world = begin(t, { serial: '' });
    world.onPhone('DCIM/a.jpg', 5_000);
    await world.start();
    const fetching = world.engine.execute('fetchCopy', { place: world.place('/DCIM/a.jpg'), edit: false });
    world.phone.lock();
    await shown(world, ([copy]) => (copy?.state === 'away' ? copy : undefined));
    await world.phone.unplug();
    await assert.rejects(fetching, (error: unknown) => isPhoneError(error) && error.kind === 'disconnected');
  },
);

test(
  'a phone that is locked is asked again now and then, and the file comes once it is unlocked',
  { timeout: 60_000 },
  async (t) => {
    const world = begin(t);
    world.onPhone('DCIM/a.jpg', 5_000);
    await world.start();
    const fetching = fetch(world, '/DCIM/a.jpg');
    world.phone.lock();
    await shown(world, ([copy]) => (copy?.state === 'away' ? copy : undefined));
    world.phone.unlock();
    assert.deepEqual(readFileSync((await fetching).path), readFileSync(join(world.phoneFolder, 'DCIM/a.jpg')));
  },
);

test('an unplug while it is saved back leaves the old file', { timeout: 60_000 }, async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 3000, Date.UTC(2024, 1, 2));
  const before = readFileSync(join(world.phoneFolder, 'a.txt'));
  await world.start();
  const { copy, path } = await fetch(world, '/a.txt', true);
  writeFileSync(path, Buffer.alloc(3 * MIB, 7));
  await shown(world, ([one]) => (one?.changed === true ? one : undefined));
  world.faults('unplug@op=SendObject');
  const { transfer } = await world.engine.execute('saveBack', { copy });
  await world.engine.settled(transfer, { waitMs: 100 });
  assert.deepEqual(readFileSync(join(world.phoneFolder, 'a.txt')), before);
  assert.equal(snapshot(world).copies[0]?.changed, false, 'it is on its way');
  world.phone.plug();
  assert.equal((await world.engine.settled(transfer, { waitMs: 20_000 })).state, 'done');
  assert.equal(statSync(join(world.phoneFolder, 'a.txt')).size, 3 * MIB);
});

test('an edit that was not saved back outlives the program, and is what is opened again', async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 3000, Date.UTC(2024, 1, 2));
  await world.start();
  const { copy, path } = await fetch(world, '/a.txt', true);
  writeFileSync(path, 'edited');
  await world.restart();
  await world.start();
  await shown(world, ([one]) => (one?.changed === true ? one : undefined));
  await world.engine.execute('clearCopies', undefined);
  const again = await fetch(world, '/a.txt', true);
  assert.equal(again.copy, copy);
  assert.equal(readFileSync(again.path, 'utf8'), 'edited');
});

test(
  'after the phone’s language has changed an edited copy is still the one, and is saved back',
  { timeout: 60_000 },
  async (t) => {
    const world = begin(t, { capacity: 64e9 });
    world.onPhone('a.txt', 2000, Date.UTC(2024, 1, 2));
    await world.start();
    const first = await fetch(world, '/a.txt', true);
    writeFileSync(first.path, 'mine');
    await world.engine.stop();
    world.phone = new VirtualPhone({
      directory: world.phoneFolder,
      capacity: 64e9,
      serial: 'WORLD',
      name: 'World phone',
      storageName: 'Interner gemeinsamer Speicher',
    });
    world.usePhone();
    await world.start();
    const again = await fetch(world, '/a.txt', true);
    assert.equal(again.copy, first.copy);
    assert.equal(readFileSync(again.path, 'utf8'), 'mine');
    await shown(world, ([one]) => (one?.changed === true ? one : undefined));
    const { transfer } = await world.engine.execute('saveBack', { copy: again.copy });
    assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done');
    assert.equal(readFileSync(join(world.phoneFolder, 'a.txt'), 'utf8'), 'mine');
  },
);

test('giving up edits deletes the copy as it was seen, and nothing that was saved since', async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 3000, Date.UTC(2024, 1, 2));
  await world.start();
  const first = await fetch(world, '/a.txt', true);
  writeFileSync(first.path, 'edited');
  await shown(world, ([one]) => (one?.changed === true ? one : undefined));
  writeFileSync(first.path, 'edited once more');
  utimesSync(first.path, 1, 1);
  assert.deepEqual(await world.engine.execute('discardCopy', { copy: first.copy }), { discarded: false });
  assert.equal(readFileSync(first.path, 'utf8'), 'edited once more');
  await shown(world, ([one]) => (one?.size === 16 ? one : undefined));
  assert.deepEqual(await world.engine.execute('discardCopy', { copy: first.copy }), { discarded: true });
  assert.deepEqual(filesIn(world.copies), []);
  assert.deepEqual(snapshot(world), { copies: [] });
});

/** Waits until what a program saved was noticed, and saves it back. */
const saveBack = async (world: World, copy: CopyView['id']) => {
  await shown(world, ([one]) => (one?.changed === true ? one : undefined));
  return world.engine.execute('saveBack', { copy });
};

/** Above it, files are large: they have a temporary name while they are sent. */
const WHOLE_BELOW = MIB;

for (const [phone, options] of [
  ['without edit operations', { profile: 'android-no-edit' }],
  ['without dates', { quirks: [['no-dates', 1]] }],
  ['with neither', { profile: 'android-no-edit', quirks: [['no-dates', 1]] }],
] as const)
  for (const [file, before, after] of [
    ['small', 3000, 4000],
    ['large', 2 * MIB + 11, 3 * MIB + 5],
  ] as const) {
    const name = `a ${file} file is saved back to a phone ${phone}`;
    const opened = async (t: TestContext) => {
      const world = begin(t, options, { limits: { wholeBelow: WHOLE_BELOW } });
      world.onPhone('Documents/a.bin', before, Date.UTC(2024, 1, 2));
      const there = join(world.phoneFolder, 'Documents/a.bin');
      await world.start();
      return { world, there, old: readFileSync(there), ...(await fetch(world, '/Documents/a.bin', true)) };
    };

    test(`${name}: the old one stays until the new one is complete`, { timeout: 60_000 }, async (t) => {
      const { world, there, old, copy, path } = await opened(t);
      const edited = bytesFor('edited', after);
      writeFileSync(path, edited);
      const inPlace = file === 'large' && phone === 'without dates';
      world.faults(`unplug@op=${inPlace ? 'SendPartialObject' : 'SendObject'}:1:data`);
      const { transfer } = await saveBack(world, copy);
      await world.engine.settled(transfer, { waitMs: 300 });
      assert.ok(readFileSync(there).equals(old));
      world.phone.plug();
      assert.equal((await world.engine.settled(transfer, { waitMs: 20_000 })).state, 'done');
      assert.ok(readFileSync(there).equals(edited));
      assert.deepEqual(readdirSync(dirname(there)), ['a.bin']);
      assert.equal(world.engine.transferRow(transfer)?.options.verify, 'full');
      // once it is noted what the phone has now
      await shown(world, ([one]) => (one?.changed === false && one.fetched === after ? one : undefined));

      // once more, with another content of the very same size
      const again = bytesFor('again', after);
      writeFileSync(path, again);
      utimesSync(path, 1_700_000_000, 1_700_000_000);
      const second = await saveBack(world, copy);
      assert.equal((await world.engine.settled(second.transfer, { waitMs: 20_000 })).state, 'done');
      assert.ok(readFileSync(there).equals(again));
      assert.deepEqual(readdirSync(dirname(there)), ['a.bin']);
    });

    // what decides is the same for both
    if (file === 'large') continue;
    test(`${name}: not over one of the same size that was changed there`, { timeout: 60_000 }, async (t) => {
      const { world, there, copy, path } = await opened(t);
      writeFileSync(path, bytesFor('edited', after));
      const theirs = bytesFor('theirs', before);
      writeFileSync(there, theirs);
      utimesSync(there, 1_800_000_000, 1_800_000_000);
      const asked = new Promise<string>((resolve) =>
        world.engine.onNotice((notice) => {
          if (notice.kind === 'question') resolve(notice.transfer.questions[0]?.question?.kind ?? '');
        }),
      );
      const { transfer } = await saveBack(world, copy);
      assert.equal(await asked, 'conflict');
      assert.ok(readFileSync(there).equals(theirs));
      await world.engine.execute('cancel', { transfer });
      await world.engine.settled(transfer, { waitMs: 10_000 });
      assert.ok(readFileSync(there).equals(theirs));
      assert.deepEqual(readdirSync(dirname(there)), ['a.bin']);
    });
  }

test('a phone that cannot rename keeps its file, and the reason is told', async (t) => {
  const world = begin(t, { profile: 'camera' }, { limits: { wholeBelow: WHOLE_BELOW } });
  world.onPhone('a.bin', 2 * MIB, Date.UTC(2024, 1, 2));
  const old = readFileSync(join(world.phoneFolder, 'a.bin'));
  await world.start();
  const { copy, path } = await fetch(world, '/a.bin', true);
  writeFileSync(path, bytesFor('edited', 3000));
  const { transfer } = await saveBack(world, copy);
  assert.equal((await world.engine.settled(transfer, { waitMs: 20_000 })).state, 'failed');
  const [item] = world.store.itemsIn(transfer, ['failed'], 1);
  assert.ok(item?.state.kind === 'failed');
  assert.deepEqual(describeInEnglish(item.state.problem), {
    what: 'This phone cannot rename files, so “a.bin” cannot be replaced without being deleted first. The old file was left as it is.',
    remedy: 'Delete the old file on the phone first, or save the new one under another name.',
  });
  assert.ok(readFileSync(join(world.phoneFolder, 'a.bin')).equals(old));
  assert.deepEqual(readdirSync(world.phoneFolder), ['a.bin']);
  await shown(world, ([one]) => (one?.changed === true ? one : undefined));
});
