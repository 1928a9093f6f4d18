import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { PhoneError } from '../../shared/errors.ts';
import { driven } from './driven.ts';
import { begin, bytesFor, type World } from './world.ts';

/** What other programs do to files of a phone that tells every file as empty. */

const WHEN = Date.UTC(2026, 4, 14);
const MIB = 1024 * 1024;
const UNTOLD: Partial<VirtualPhoneOptions> = { quirks: [['zero-sizes', 1]] };
const UNDATED: Partial<VirtualPhoneOptions> = {
  quirks: [
    ['zero-sizes', 1],
    ['no-dates', 1],
  ],
};
const isKind =
  (kind: string) =>
  (error: unknown): boolean =>
    error instanceof PhoneError && error.kind === kind;

async function write(world: World, path: string, bytes: Uint8Array, known = true): Promise<void> {
  const file = await world.engine.files.write(world.place(path), { size: known ? bytes.byteLength : undefined });
  try {
    await file.write(bytes);
    await file.finish();
  } finally {
    await file.abandon();
  }
}

describe('a file that is written', () => {
  for (const profile of ['android', 'android-no-edit'] as const)
    for (const size of [0, 1_000, 3 * MIB, 9 * MIB + 7])
      test(`${size} bytes to ${profile}`, async (t) => {
        const world = begin(t, { ...UNTOLD, profile });
        world.onPhone('old.bin', 5_000, WHEN);
        await world.start();
        const bytes = bytesFor('new', size);
        for (const known of [true, false]) {
          await write(world, '/old.bin', bytes, known);
          assert.ok(readFileSync(join(world.phoneFolder, 'old.bin')).equals(bytes));
        }
      });

  test('one that lost bytes on the way is not called written', async (t) => {
    const world = begin(t, UNTOLD);
    world.onPhone('old.bin', 5_000, WHEN);
    await world.start();
    const file = await world.engine.files.write(world.place('/new.bin'), { size: 9 * MIB });
    await file.write(bytesFor('new', 9 * MIB));
    const [temporary] = readdirSync(world.phoneFolder).filter((one) => one.includes('.replug-'));
    assert.ok(temporary !== undefined);
    const path = join(world.phoneFolder, temporary);
    const on = openSync(path, 'r+');
    writeSync(on, Buffer.alloc(100), 0, 100, 0);
    closeSync(on);
    await assert.rejects(file.finish(), isKind('mismatch'));
    await file.abandon();
    assert.equal(existsSync(join(world.phoneFolder, 'new.bin')), false);
  });
});

describe('what is replaced, where no date tells either', () => {
  const begun = async (t: TestContext): Promise<World> => {
    const world = begin(t, UNDATED);
    world.onPhone('old.bin', 300_000);
    await world.start();
    return world;
  };

  test('a file that was edited while another was written over it stays', async (t) => {
    const world = await begun(t);
    const file = await world.engine.files.write(world.place('/old.bin'), { size: 10 });
    await file.write(new Uint8Array(10));
    const edited = bytesFor('edited', 300_000);
    writeFileSync(join(world.phoneFolder, 'old.bin'), edited);
    await assert.rejects(file.finish(), isKind('exists'));
    await file.abandon();
    assert.deepEqual(readFileSync(join(world.phoneFolder, 'old.bin')), edited);
  });

  test('one that is as it was is replaced', async (t) => {
    const world = await begun(t);
    await write(world, '/old.bin', Buffer.alloc(10, 7));
    assert.deepEqual(readFileSync(join(world.phoneFolder, 'old.bin')), Buffer.alloc(10, 7));
  });
});

for (const options of [UNTOLD, UNDATED])
  for (const profile of ['android', 'android-no-edit'] as const)
    test(`moved to a card, all of a file is there, and only then its original goes: ${profile}, ${String(options.quirks?.length)} quirks`, async (t) => {
      const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
      t.after(() => {
        rmSync(card, { recursive: true, force: true });
      });
      const world = begin(t, { ...options, profile, sdDirectory: card });
      for (const name of ['a.bin', 'tree/b.bin']) world.onPhone(name, name === 'a.bin' ? 3 * MIB : 70_000, WHEN);
      world.onPhone('tree/empty', 0, WHEN);
      await world.start();
      const storage = world.engine.devices[0]?.storages.find((one) => one.key !== world.place('/').storage);
      assert.ok(storage !== undefined);
      const { files } = world.engine;
      for (const name of ['a.bin', 'tree']) {
        const to = { ...world.place(`/${name}`), storage: storage.key };
        await files.copy(world.place(`/${name}`), { ...to, path: world.place(`/copy of ${name}`).path });
        await files.move(world.place(`/${name}`), to);
      }
      for (const where of ['', 'copy of '])
        for (const [name, size] of [
          ['a.bin', 3 * MIB],
          ['tree/b.bin', 70_000],
        ] as const)
          assert.deepEqual(readFileSync(join(card, where + name)), bytesFor(name, size), where + name);
      assert.equal(readFileSync(join(card, 'tree/empty')).byteLength, 0);
      for (const name of ['a.bin', 'tree']) assert.equal(existsSync(join(world.phoneFolder, name)), false, name);
    });

test('a program that opens a file gets all of it', async (t) => {
  const { call } = await driven(t, UNTOLD, (world) => {
    world.onPhone('a.bin', 3 * MIB, WHEN);
    world.onPhone('empty', 0, WHEN);
  });
  const answer = await call('GET', 'a.bin');
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, bytesFor('a.bin', 3 * MIB));
  assert.equal((await call('GET', 'empty')).body.byteLength, 0);
});
