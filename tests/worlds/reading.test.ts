import assert from 'node:assert/strict';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { PhoneFile } from '../../electron/engine/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { PhoneError, type PhoneErrorKind } from '../../shared/errors.ts';
import { begin, bytesFor, type World } from './world.ts';

/** A phone's file, read at any place: what it costs, and what an unplug in the middle does. */

const KIB = 1024;
const MIB = 1024 * KIB;
const WHEN = Date.UTC(2026, 4, 14);

const reads = (world: World): number => world.phone.timesSeen(Operation.GetPartialObject64);

async function opened(
  t: TestContext,
  size: number,
): Promise<{ readonly world: World; readonly file: PhoneFile; readonly bytes: Buffer }> {
  const world = begin(t);
  world.onPhone('film.mkv', size, WHEN);
  await world.start();
  const file = await world.engine.openFile(world.place('/film.mkv'));
  t.after(() => {
    file.close();
  });
  return { world, file, bytes: bytesFor('film.mkv', size) };
}

const isKind =
  (...kinds: readonly PhoneErrorKind[]) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof PhoneError, String(error));
    assert.ok(kinds.includes(error.kind), error.message);
    return true;
  };

function assertBytes(actual: Uint8Array, expected: Uint8Array, message?: string): void {
  assert.ok(Buffer.compare(actual, expected) === 0, message ?? `${actual.byteLength} other bytes than expected`);
}

async function streamed(file: PhoneFile, offset: number, length: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.stream(offset, length)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('reading a file of the phone', () => {
  test('any range, as it is in the file, and shorter only at its end', async (t) => {
    const { file, bytes } = await opened(t, 3 * MIB + 17);
    assert.equal(file.name, 'film.mkv');
    assert.equal(file.size, bytes.length);
    assert.equal(file.modified, WHEN);
    for (const [offset, length] of [
      [0, 1],
      [0, bytes.length],
      [bytes.length - 5, 100],
      [bytes.length, 10],
      [bytes.length + 10, 10],
      [64 * KIB - 1, 2],
      [1_000_000, 1_500_000],
      [7, 0],
    ] as const)
      assertBytes(await file.read(offset, length), bytes.subarray(offset, offset + length), `${offset}+${length}`);
    assertBytes(await streamed(file, 123, 2 * MIB), bytes.subarray(123, 123 + 2 * MIB));
    for (const offset of [-1, 0.5, Number.NaN]) await assert.rejects(file.read(offset, 1), isKind('bad-request'));
  });

  test('a jump reads one small window, and what is in memory is not asked for again', async (t) => {
    const { world, file, bytes } = await opened(t, 16 * MIB);
    assertBytes(await file.read(5 * MIB + 3, 100), bytes.subarray(5 * MIB + 3, 5 * MIB + 103));
    assert.equal(reads(world), 1);
    await file.read(5 * MIB + 50, 1000);
    await file.read(5 * MIB, 3);
    assert.equal(reads(world), 1);
    file.close();
    const again = await world.engine.openFile(world.place('/film.mkv'));
    await again.read(5 * MIB, 10);
    assert.equal(reads(world), 1, 'also by whoever opens it later');
    again.close();
  });

  test('jumps here and there read nothing ahead', async (t) => {
    const { world, file, bytes } = await opened(t, 16 * MIB);
    for (let at = 15; at >= 0; at -= 1)
      assertBytes(await file.read(at * MIB, 64), bytes.subarray(at * MIB, at * MIB + 64));
    assert.equal(reads(world), 16);
  });

  test('sequential reading takes few and large requests, and keeps little in memory', async (t) => {
    const { world, file, bytes } = await opened(t, 48 * MIB);
    assertBytes(await streamed(file, 0, bytes.length), bytes);
    // 64 KiB, doubled up to 4 MiB, then 4 MiB each
    assert.ok(reads(world) <= 6 + 12 + 2, `${reads(world)} requests`);
  });

  test('a reader that leaves in the middle has read one window too many at most', async (t) => {
    const { world, file } = await opened(t, 48 * MIB);
    let got = 0;
    for await (const piece of file.stream(0, 48 * MIB)) {
      got += piece.byteLength;
      if (got > 8 * MIB) break;
    }
    file.close();
    const before = reads(world);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(reads(world), before);
    assert.equal(world.engine.openFiles, 0);
  });

  test('memory that is used again is another reader’s never', async (t) => {
    const { world, file, bytes } = await opened(t, 40 * MIB);
    const place = world.place('/film.mkv');
    const [one, two] = await Promise.all([
      world.engine.files.open(place, { reuse: true }),
      world.engine.files.open(place, { reuse: true }),
    ]);
    const compared = async (reader: PhoneFile, from: number): Promise<void> => {
      let at = from;
      for await (const piece of reader.stream(from, bytes.length)) {
        assertBytes(piece, bytes.subarray(at, at + piece.byteLength), `at ${at}`);
        await new Promise((resolve) => setImmediate(resolve));
        assertBytes(piece, bytes.subarray(at, at + piece.byteLength), `later, at ${at}`);
        at += piece.byteLength;
      }
      assert.equal(at, bytes.length);
      reader.close();
    };
    const whole = streamed(file, 0, bytes.length);
    await Promise.all([compared(one, 0), compared(two, 3 * MIB)]);
    assertBytes(await whole, bytes);
  });

  test('two readers of one file, at once', async (t) => {
    const { world, file, bytes } = await opened(t, 24 * MIB);
    const other = await world.engine.openFile(world.place('/film.mkv'));
    const [one, two, three] = await Promise.all([
      streamed(file, 0, bytes.length),
      streamed(other, 4 * MIB, 20 * MIB),
      other.read(10, 9 * MIB),
    ]);
    assertBytes(one, bytes);
    assertBytes(two, bytes.subarray(4 * MIB));
    assertBytes(three, bytes.subarray(10, 10 + 9 * MIB));
    other.close();
  });

  test('a window beyond 4 GiB', async (t) => {
    const world = begin(t);
    const path = join(world.phoneFolder, 'huge.bin');
    const huge = openSync(path, 'w');
    ftruncateSync(huge, 5 * 1024 * MIB);
    const spots = [0, 4 * 1024 * MIB - 9, 4 * 1024 * MIB, 5 * 1024 * MIB - 9];
    for (const at of spots) writeSync(huge, String(at % 99_991).padStart(5), at);
    closeSync(huge);
    await world.start();
    const file = await world.engine.openFile(world.place('/huge.bin'));
    assert.equal(file.size, 5 * 1024 * MIB);
    for (const at of spots)
      assert.equal(
        Buffer.from(await file.read(at, 5))
          .toString()
          .slice(0, 5),
        String(at % 99_991).padStart(5),
      );
    file.close();
  });

  test('closed in the middle: reads end, and none begins', async (t) => {
    const { file } = await opened(t, 16 * MIB);
    const reading = file.read(0, 16 * MIB);
    file.close();
    file.close();
    await assert.rejects(reading, isKind('cancelled'));
    await assert.rejects(file.read(0, 1), isKind('cancelled'));
  });

  test('folders and what is not there', async (t) => {
    const world = begin(t);
    mkdirSync(join(world.phoneFolder, 'DCIM'));
    await world.start();
    await assert.rejects(world.engine.openFile(world.place('/DCIM')), isKind('bad-request'));
    await assert.rejects(world.engine.openFile(world.place('/none')), isKind('missing'));
    assert.equal(world.engine.openFiles, 0);
  });
});

describe('beside a transfer', () => {
  test('a read goes on while an upload runs, and both arrive', async (t) => {
    const { world, file, bytes } = await opened(t, 16 * MIB);
    const source = world.local('up.bin', 64 * MIB);
    const push = world.push([source], '/');
    assertBytes(await streamed(file, 0, bytes.length), bytes);
    assert.equal((await push).state, 'done');
    assertBytes(readFileSync(join(world.phoneFolder, 'up.bin')), readFileSync(source));
  });
});

describe('the phone is unplugged while a file is read', () => {
  test('reading waits, and goes on in the same file', async (t) => {
    const { world, file, bytes } = await opened(t, 32 * MIB);
    const reading = streamed(file, 0, bytes.length);
    await file.read(20 * MIB, 10);
    void world.phone.unplug();
    setTimeout(() => {
      void world.phone.plug();
    }, 100);
    assertBytes(await reading, bytes);
  });

  test('at any byte of it', async (t) => {
    for (let round = 0; round < 12; round += 1) {
      const { world, file, bytes } = await opened(t, 6 * MIB);
      world.faults(`unplug@bytes=${String(1 + Math.floor((round / 12) * 6 * MIB))}`, 'replug@ms=20');
      assertBytes(await streamed(file, 0, bytes.length), bytes);
      file.close();
    }
  });

  for (const [what, change] of [
    [
      'another size',
      (path: string) => {
        writeFileSync(path, bytesFor('other', 9 * MIB));
        utimesSync(path, WHEN / 1000, WHEN / 1000);
      },
    ],
    [
      'another date',
      (path: string) => {
        utimesSync(path, WHEN / 1000 + 60, WHEN / 1000 + 60);
      },
    ],
  ] as const)
    test(`it came back with ${what}: that is said`, async (t) => {
      const { world, file } = await opened(t, 8 * MIB);
      await file.read(0, 10);
      void world.phone.unplug();
      change(join(world.phoneFolder, 'film.mkv'));
      void world.phone.plug();
      await assert.rejects(file.read(7 * MIB, 10), isKind('source-changed'));
    });

  test('it came back without the file', async (t) => {
    const { world, file } = await opened(t, 8 * MIB);
    void world.phone.unplug();
    rmSync(join(world.phoneFolder, 'film.mkv'));
    void world.phone.plug();
    await assert.rejects(file.read(MIB, 10), isKind('missing'));
  });

  test('it does not come back: after ten seconds that is said', async (t) => {
    let now = 0;
    const world = begin(
      t,
      {},
      {
        clock: {
          now: () => Date.now(),
          monotonic: () => now,
          sleep: async (ms) => {
            now += ms;
            await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 1)));
          },
        },
      },
    );
    world.onPhone('film.mkv', MIB, WHEN);
    await world.start();
    const file = await world.engine.openFile(world.place('/film.mkv'));
    void world.phone.unplug();
    const before = now;
    await assert.rejects(file.read(0, 10), isKind('disconnected'));
    assert.ok(now - before >= 10_000, String(now - before));
    await assert.rejects(world.engine.openFile(world.place('/film.mkv'), { patienceMs: 0 }), isKind('disconnected'));
    file.close();
  });

  test('closing ends the wait', async (t) => {
    const { world, file } = await opened(t, MIB);
    void world.phone.unplug();
    const reading = file.read(0, 10);
    setTimeout(() => {
      file.close();
    }, 20);
    await assert.rejects(reading, isKind('cancelled'));
  });

  test('replaced on the phone while it is plugged in', async (t) => {
    const { world, file } = await opened(t, 8 * MIB);
    await file.read(0, 10);
    await world.phone.touchFile('film.mkv', bytesFor('other', 7 * MIB));
    await assert.rejects(file.read(6 * MIB, 10), isKind('source-changed'));
  });

  test('written to on the phone while it is read: no answer mixes both', async (t) => {
    const { world, file } = await opened(t, 8 * MIB);
    await file.read(0, 10);
    await world.phone.touchOverwrite('film.mkv', bytesFor('other', 8 * MIB));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await assert.rejects(file.read(6 * MIB, 10), isKind('source-changed'));
    await assert.rejects(file.read(0, 10), isKind('source-changed'));
  });
});
