import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { CallOptions, ObjectHandle, PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import { OpenFile, type OpenOptions, type Source } from './phone-file.ts';
import { LARGEST_WHOLE } from './read-range.ts';
import { FIRST_WINDOW, LARGEST_REUSED, LARGEST_WINDOW, afterJump } from './window-size.ts';
import { FileWindows, Turn, WindowCache } from './windows.ts';

const MIB = 1024 * 1024;

interface Asked {
  readonly offset: number;
  readonly length: number;
  readonly options: CallOptions;
  /** Its turn comes. */
  run(): void;
}

/** A phone that answers each request when the test says so; byte n of every file is n % 251. */
class SlowPhone {
  readonly asked: Asked[] = [];
  readonly capabilities: { partialRead: 64 | 'none' };
  whole = 0;

  constructor(partialRead: 64 | 'none' = 64) {
    this.capabilities = { partialRead };
  }

  readChunk(_object: unknown, offset: number, length: number, options: CallOptions): Promise<Uint8Array[]> {
    return new Promise((resolve, reject) => {
      this.asked.push({
        offset,
        length,
        options,
        run: () => {
          if (options.signal?.aborted === true) reject(fail('cancelled', 'wait for the phone'));
          else resolve([bytesAt(offset, length)]);
        },
      });
    });
  }
  readWhole({ size }: { readonly size: number }, onPiece: (bytes: Uint8Array) => void): Promise<number> {
    this.whole += 1;
    onPiece(bytesAt(0, size));
    return Promise.resolve(size);
  }
  giveBack(): void {
    // nobody counts them here
  }
}

const bytesAt = (offset: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (offset + index) % 251);

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function fileOn(phone: SlowPhone, size: number, windows: FileWindows, options: OpenOptions = {}): OpenFile {
  const object: PhoneObject = {
    handle: 7 as ObjectHandle,
    name: 'a.bin',
    kind: 'file',
    size,
    modified: 1_000,
    parent: 'root',
    format: 0x3000,
  };
  const connection = { phone, alive: true, tree: { changesOf: () => 0 } } as unknown as Connection;
  const source: Source = { connection, object, windows, changes: 0 };
  return new OpenFile(
    source,
    { now: () => 0, again: () => assert.fail('nothing broke'), closed: () => undefined },
    options,
  );
}

test('a long stream whose memory is used again keeps three windows, and the same memory', async () => {
  const phone = new SlowPhone();
  const cache = new WindowCache();
  const file = fileOn(phone, 24 * MIB, new FileWindows(cache), { reuse: true });
  const blocks = new Set<ArrayBufferLike>();
  let most = 0;
  let done = 0;
  const answer = (): void => {
    for (; done < phone.asked.length; done += 1) phone.asked[done]?.run();
  };
  const pieces = file.stream(0, 24 * MIB);
  for (let at = 0, next = pieces.next(); ; next = pieces.next()) {
    await settle();
    answer();
    const { value, done: isOver } = await next;
    if (isOver === true) break;
    assert.deepEqual(value.subarray(0, 100), bytesAt(at, 100));
    assert.deepEqual(value.subarray(-100), bytesAt(at + value.byteLength - 100, 100));
    at += value.byteLength;
    most = Math.max(most, cache.bytes);
    if (value.byteLength > LARGEST_REUSED / 2) blocks.add(value.buffer);
  }
  assert.ok(phone.asked.every(({ length }) => length <= LARGEST_REUSED));
  assert.ok(most <= 3 * LARGEST_REUSED, `${most}`);
  assert.ok(blocks.size <= 4, `${blocks.size} blocks`);
});

describe('one request ahead', () => {
  /** A file after two windows in a row; a third is asked for ahead. */
  async function reading() {
    const phone = new SlowPhone();
    const windows = new FileWindows(new WindowCache());
    const file = fileOn(phone, 64 * MIB, windows);
    const first = file.read(0, FIRST_WINDOW);
    phone.asked[0]?.run();
    await first;
    const second = file.read(FIRST_WINDOW, FIRST_WINDOW);
    phone.asked[1]?.run();
    await second;
    const [, , ahead] = phone.asked;
    assert.ok(ahead !== undefined && phone.asked.length === 3);
    return { phone, windows, file, ahead };
  }

  test('takes turns with transfers', async () => {
    const { phone, ahead } = await reading();
    assert.equal(phone.asked[0]?.options.priority, 'browse');
    assert.equal(ahead.options.priority, 'bulk');
  });

  test('is asked for again, and first, once somebody waits for it', async () => {
    const { phone, file, ahead } = await reading();
    const third = file.read(ahead.offset, 10);
    const sooner = phone.asked.find(({ offset, options }) => offset === ahead.offset && options.priority === 'browse');
    assert.ok(sooner !== undefined);
    ahead.run();
    sooner.run();
    assert.deepEqual(await third, bytesAt(ahead.offset, 10));
    assert.equal(ahead.options.signal?.aborted, true, 'it is read once');
  });

  test('is waited for where it is on the wire', async () => {
    const { phone, file, ahead } = await reading();
    ahead.run();
    const third = file.read(ahead.offset, 10);
    assert.deepEqual(await third, bytesAt(ahead.offset, 10));
    assert.equal(phone.asked.filter(({ offset }) => offset === ahead.offset).length, 1);
  });

  test('a jump takes it back', async () => {
    const { file, ahead } = await reading();
    void file.read(32 * MIB, 10).catch(() => undefined);
    assert.equal(ahead.options.signal?.aborted, true);
    file.close();
  });

  test('closing takes it back', async () => {
    const { file, ahead } = await reading();
    file.close();
    assert.equal(ahead.options.signal?.aborted, true);
  });

  test('who waited for one that another reader took back gets the new one', async () => {
    const { phone, windows, ahead } = await reading();
    const bulk = fileOn(phone, 64 * MIB, windows, { priority: 'bulk' }).read(ahead.offset, 10);
    const browse = fileOn(phone, 64 * MIB, windows).read(ahead.offset, 10);
    for (let run = 0; run < phone.asked.length; run += 1) {
      phone.asked[run]?.run();
      await settle();
    }
    assert.deepEqual(await bulk, bytesAt(ahead.offset, 10));
    assert.deepEqual(await browse, bytesAt(ahead.offset, 10));
  });
});

describe('a phone that reads no parts', () => {
  test('gives small files whole, once', async () => {
    const phone = new SlowPhone('none');
    const file = fileOn(phone, MIB, new FileWindows(new WindowCache()));
    assert.deepEqual(await file.read(1000, 10), bytesAt(1000, 10));
    assert.deepEqual(await file.read(MIB - 10, 100), bytesAt(MIB - 10, 10));
    assert.equal(phone.whole, 1);
  });

  test('large ones cannot be read at any place', async () => {
    const file = fileOn(new SlowPhone('none'), LARGEST_WHOLE + 1, new FileWindows(new WindowCache()));
    await assert.rejects(file.read(0, 10), (error) => isPhoneError(error) && error.kind === 'unsupported');
  });
});

test('without reading ahead nothing but what is asked for is read', async () => {
  const phone = new SlowPhone();
  const file = fileOn(phone, MIB, new FileWindows(new WindowCache()), { readAhead: false, priority: 'bulk' });
  for (const [index, offset] of [0, 100, 200].entries()) {
    const read = file.read(offset, 100);
    phone.asked[index]?.run();
    await read;
  }
  assert.deepEqual(
    phone.asked.map(({ offset, length }) => [offset, length]),
    [
      [0, 100],
      [100, 100],
      [200, 100],
    ],
  );
});

test('windows after a jump start at whole multiples, and end before what is in memory', () => {
  assert.deepEqual(afterJump(FIRST_WINDOW + 5, 10, 0, Infinity), { start: FIRST_WINDOW, length: FIRST_WINDOW });
  assert.deepEqual(afterJump(FIRST_WINDOW - 1, 2, 0, Infinity), { start: 0, length: 2 * FIRST_WINDOW });
  assert.deepEqual(afterJump(100, 10, 90, 105), { start: 90, length: 15 });
  assert.deepEqual(afterJump(0, 100 * MIB, 0, Infinity), { start: 0, length: LARGEST_WINDOW });
});

test('the least recently used windows go; those under way stay', async () => {
  const cache = new WindowCache(300);
  const windows = new FileWindows(cache);
  const load = (offset: number): void => {
    windows.load({ offset, length: 100, ahead: false }, () => Promise.resolve(new Uint8Array(100)));
  };
  for (const offset of [0, 100, 200]) load(offset);
  await settle();
  windows.at(0);
  load(300);
  assert.equal(windows.at(150), undefined);
  assert.ok(windows.at(50) !== undefined && windows.at(350) !== undefined);
  assert.equal(cache.bytes, 300);
  windows
    .load({ offset: 1000, length: 500, ahead: false }, (turn) => {
      assert.ok(turn instanceof Turn);
      return Promise.reject(new Error('the phone is gone'));
    })
    .bytes.catch(() => undefined);
  await settle();
  assert.equal(windows.at(1000), undefined, 'one that failed is forgotten');
  windows.clear();
  assert.equal(cache.bytes, 0);
});
