import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { LookSnapshot } from '../../shared/opening.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { World } from './world.ts';

/** Files of a phone that are looked at in a window. */

const MIB = 1024 * 1024;

async function begin(t: TestContext, phone: ConstructorParameters<typeof World>[0] = {}): Promise<World> {
  const world = new World(phone);
  t.after(() => world.end());
  await Promise.resolve();
  return world;
}

/** What is shown in the end, and how to leave it. */
function look(world: World, path: string): Promise<{ readonly seen: LookSnapshot; readonly end: () => void }> {
  return new Promise((resolve) => {
    const end = world.engine.watch('look', { place: world.place(path) }, (seen) => {
      if (seen.kind !== 'opening') setImmediate(() => resolve({ seen, end }));
    });
  });
}
const addressOf = (seen: LookSnapshot): string => {
  if (!('address' in seen)) assert.fail(seen.kind);
  return `/${seen.address}`;
};

test('a picture is served in ranges from an address of its own, until it is left', async (t) => {
  const world = await begin(t);
  const file = world.onPhone('DCIM/a.jpg', 20 * MIB, Date.UTC(2024, 1, 2));
  await world.start();
  const { seen, end } = await look(world, '/DCIM/a.jpg');
  assert.ok(seen.kind === 'picture' && seen.size === 20 * MIB && seen.modified === Date.UTC(2024, 1, 2));
  const served = world.engine.opening.lookedAt(addressOf(seen));
  assert.equal(served?.type, 'image/jpeg');
  const bytes: Uint8Array[] = [];
  for await (const piece of served?.stream(5 * MIB, 3 * MIB) ?? []) bytes.push(Uint8Array.from(piece));
  assert.deepEqual(Buffer.concat(bytes), readFileSync(file).subarray(5 * MIB, 8 * MIB));
  assert.equal(world.engine.openFiles, 1);
  end();
  assert.equal(world.engine.openFiles, 0);
  assert.equal(world.engine.opening.lookedAt(addressOf(seen)), undefined);
});

test('leaving ends the reading under way', async (t) => {
  const world = await begin(t, { rate: 8_000_000 });
  world.onPhone('a.mp4', 60 * MIB);
  await world.start();
  const { seen, end } = await look(world, '/a.mp4');
  const served = world.engine.opening.lookedAt(addressOf(seen));
  let got = 0;
  await assert.rejects(async () => {
    for await (const piece of served?.stream(0, 60 * MIB) ?? []) {
      got += piece.byteLength;
      if (got > MIB) end();
    }
  });
  assert.ok(got < 40 * MIB);
  assert.equal(world.engine.openFiles, 0);
  const reads = world.phone.timesSeen(Operation.GetPartialObject64);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(world.phone.timesSeen(Operation.GetPartialObject64), reads, 'nothing more is asked for');
});

test('a look that was left before it had opened leaves nothing open', async (t) => {
  const world = await begin(t);
  world.onPhone('a.mp4', MIB);
  await world.start();
  const told: string[] = [];
  world.engine.watch('look', { place: world.place('/a.mp4') }, ({ kind }) => told.push(kind))();
  await world.engine.execute('refresh', { place: world.place('/') });
  const { end } = await look(world, '/a.mp4');
  end();
  assert.deepEqual(told, ['opening']);
  assert.equal(world.engine.openFiles, 0);
});

test('of a text the first 256 KiB, with its encoding', async (t) => {
  const world = await begin(t);
  writeFileSync(join(world.phoneFolder, 'a.txt'), 'ä'.repeat(200_000));
  writeFileSync(join(world.phoneFolder, 'b.log'), Buffer.from('\ufeffHello', 'utf16le'));
  writeFileSync(join(world.phoneFolder, 'page.html'), '<script>alert(1)</script>');
  writeFileSync(join(world.phoneFolder, 'empty.txt'), '');
  await world.start();
  const { seen: long, end } = await look(world, '/a.txt');
  assert.ok(long.kind === 'text' && !long.whole && long.encoding === 'UTF-8');
  assert.equal(long.text, 'ä'.repeat(128 * 1024));
  end();
  const { seen: short } = await look(world, '/b.log');
  assert.ok(short.kind === 'text' && short.whole && short.text === 'Hello' && short.encoding === 'UTF-16 LE');
  const { seen: html } = await look(world, '/page.html');
  assert.ok(html.kind === 'text' && html.text === '<script>alert(1)</script>');
  const { seen: empty } = await look(world, '/empty.txt');
  assert.ok(empty.kind === 'text' && empty.text === '' && empty.whole);
});

test('of anything else the facts, for one small read', async (t) => {
  const world = await begin(t);
  world.onPhone('a.zip', 9 * MIB);
  await world.start();
  const { seen } = await look(world, '/a.zip');
  assert.deepEqual([seen.kind, 'size' in seen && seen.size], ['facts', 9 * MIB]);
  assert.ok(world.phone.timesSeen(Operation.GetPartialObject64) <= 1);
});

test('a file that is not there, and a folder, are told as that', async (t) => {
  const world = await begin(t);
  world.onPhone('DCIM/a.jpg', 10);
  await world.start();
  const { seen } = await look(world, '/b.jpg');
  assert.ok(seen.kind === 'failed' && seen.problem.kind === 'missing');
  const { seen: folder } = await look(world, '/DCIM');
  assert.ok(folder.kind === 'failed' && folder.problem.kind === 'bad-request');
  assert.equal(world.engine.openFiles, 0);
});
