import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readFileSync, statSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { begin, digestFile } from './world.ts';

/**
 * The phone's file is rewritten while a move reads it the second time, where it was compared already; size and date are
 * those of before. What a last look can see keeps the original.
 */

const MIB = 1024 * 1024;
const NAME = 'film.bin';

/** Other bytes at one place of the same file; its date is set back. */
function spoil(path: string, at: number): void {
  const { mtime } = statSync(path);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 'new'), 0, 4096, at);
  closeSync(file);
  utimesSync(path, mtime, mtime);
}

for (const [where, size, at] of [
  ['at its head', 40 * MIB, 0],
  ['at its tail', 40 * MIB, 40 * MIB - 4096],
  ['in the middle, all of which is read once more', MIB, MIB / 2],
] as const)
  test(`rewritten ${where} after it was compared: the original stays, and the report says so`, async (t) => {
    const world = begin(t);
    const original = world.onPhone(`DCIM/${NAME}`, size, 1_700_000_000_000);
    const copied = await digestFile(original);
    let rewritten: Buffer | undefined;
    // after the second reading, right before the last look at size and date
    let bytes = 0;
    world.phone.onOperation((code) => {
      bytes = world.phone.bytesMoved;
      if (rewritten !== undefined || bytes < 2 * size) return;
      if (code !== Operation.GetObjectInfo && code !== Operation.GetObjectPropList) return;
      spoil(original, at);
      rewritten = readFileSync(original);
    });
    await world.start();
    const view = await world.pull([`/DCIM/${NAME}`], 'in', { move: true });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    await world.engine.stop();
    assert.ok(rewritten !== undefined, `never rewritten: ${bytes} bytes`);
    assert.ok(readFileSync(original).equals(rewritten), 'the original is what was written to it');
    assert.equal(await digestFile(join(world.here, 'in', NAME)), copied);
    const { lines } = await world.engine.execute('report', { transfer: view.id, format: 'json' });
    assert.match(lines[0]?.detail ?? '', /^the original was not deleted: .*changed/);
  });

for (const size of [3 * MIB, 40 * MIB])
  test(`rewritten in the middle of ${size} bytes at a place that was compared, and the phone says so: it stays`, async (t) => {
    const world = begin(t);
    const original = world.onPhone(`DCIM/${NAME}`, size, 1_700_000_000_000);
    let rewritten: Buffer | undefined;
    await world.start();
    world.phone.onOperation(async () => {
      // all was read once, and the middle of it twice
      if (rewritten !== undefined || world.phone.bytesMoved < 1.7 * size) return;
      rewritten = readFileSync(original);
      rewritten.fill('new', size / 2, size / 2 + 4096);
      await world.phone.touchOverwrite(`/DCIM/${NAME}`, rewritten, { modified: 1_700_000_000_000 });
    });
    const view = await world.pull([`/DCIM/${NAME}`], 'in', { move: true });
    await world.engine.stop();
    assert.ok(rewritten !== undefined, `never rewritten: ${view.state}`);
    assert.ok(existsSync(original), 'the only one with these bytes');
    assert.ok(readFileSync(original).equals(rewritten));
    const { lines } = await world.engine.execute('report', { transfer: view.id, format: 'json' });
    assert.match(lines[0]?.detail ?? '', /^the original was not deleted: .*changed/);
  });

for (const size of [3 * MIB, 40 * MIB])
  test(`without a date, rewritten in the middle of ${size} bytes after it was compared: the original stays`, async (t) => {
    const world = begin(t, { quirks: [['no-dates', 1]] });
    const original = world.onPhone(`DCIM/${NAME}`, size, 1_700_000_000_000);
    const copied = await digestFile(original);
    let rewritten: Buffer | undefined;
    world.phone.onOperation((code) => {
      if (rewritten !== undefined || world.phone.bytesMoved < 2 * size) return;
      if (code !== Operation.GetObjectInfo && code !== Operation.GetObjectPropList) return;
      spoil(original, Math.floor(size * 0.4));
      rewritten = readFileSync(original);
    });
    await world.start();
    const view = await world.pull([`/DCIM/${NAME}`], 'in', { move: true });
    await world.engine.stop();
    assert.ok(rewritten !== undefined, `never rewritten: ${view.state}`);
    assert.ok(existsSync(original), 'the only one with these bytes');
    assert.ok(readFileSync(original).equals(rewritten));
    assert.equal(await digestFile(join(world.here, 'in', NAME)), copied);
    const { lines } = await world.engine.execute('report', { transfer: view.id, format: 'json' });
    assert.match(lines[0]?.detail ?? '', /^the original was not deleted: .*changed/);
  });

for (const quirks of [
  [['no-dates', 1]],
  [
    ['no-dates', 1],
    ['reads-32-bit', 1],
  ],
] as const)
  test(`without a date and unchanged, the original of a move goes (${quirks.join(', ')})`, async (t) => {
    const world = begin(t, { quirks: [...quirks] });
    const original = world.onPhone(`DCIM/${NAME}`, 3 * MIB, 1_700_000_000_000);
    await world.start();
    const view = await world.pull([`/DCIM/${NAME}`], 'in', { move: true });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    assert.equal(existsSync(original), false);
  });
