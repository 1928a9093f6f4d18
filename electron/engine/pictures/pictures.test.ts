import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { PhonePlace } from '../../../shared/domain.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import { embeddedIn, withOrientation } from './embedded.ts';
import { pictureHead } from './formats.ts';
import { PictureTurns } from './picture-turns.ts';
import { Pictures } from './pictures.ts';
import { exif, jpeg, png, tiffOf } from '../../../tests/support/sample-pictures.ts';

describe('the head of a picture', () => {
  test('type and size of each kind that a window draws', () => {
    assert.deepEqual(pictureHead(jpeg(640, 480)), { type: 'jpeg', width: 640, height: 480 });
    assert.deepEqual(pictureHead(png(7, 9)), { type: 'png', width: 7, height: 9 });
    const gif = Buffer.from('GIF89a\x20\x01\x10\0', 'latin1');
    assert.deepEqual(pictureHead(gif), { type: 'gif', width: 288, height: 16 });
    const lossy = Buffer.from('RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\0', 'latin1');
    assert.deepEqual(pictureHead(lossy), { type: 'webp', width: 320, height: 240 });
    const lossless = Buffer.from('RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x3f\xc1\x3b\0', 'latin1');
    assert.deepEqual(pictureHead(lossless), { type: 'webp', width: 320, height: 240 });
    const extended = Buffer.from('RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x3f\x01\0\xef\0\0', 'latin1');
    assert.deepEqual(pictureHead(extended), { type: 'webp', width: 320, height: 240 });
  });

  test('a small file that claims a huge picture is none, nor is a lossless JPEG, nor anything else', () => {
    assert.equal(pictureHead(png(30_000, 30_000)), undefined);
    assert.equal(pictureHead(jpeg(65_535, 65_535)), undefined);
    assert.equal(pictureHead(png(0, 10)), undefined);
    assert.equal(pictureHead(jpeg(640, 480, { frame: 0xc3 })), undefined);
    for (const text of [
      '',
      '\xff\xd8',
      'GIF89a',
      'RIFF\0\0\0\0WEBPVP8 ',
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'BM',
    ])
      assert.equal(pictureHead(Buffer.from(text, 'latin1')), undefined, text);
  });
});

describe('pictures inside a picture', () => {
  const small = jpeg(160, 120);

  for (const little of [true, false])
    test(`the EXIF thumbnail and how it is turned, ${little ? 'little' : 'big'}-endian`, () => {
      const file = jpeg(4000, 3000, { segments: [exif({ thumbnail: small, orientation: 6, little })] });
      const found = embeddedIn(file, file.length);
      assert.equal(found.orientation, 6);
      const [one] = found.pictures;
      assert.ok(one !== undefined && found.pictures.length === 1);
      assert.deepEqual(file.subarray(one.offset, one.offset + one.length), small);
    });

  test('found although the head ends right behind it; not when the head ends before its directory', () => {
    const file = Buffer.concat([jpeg(4000, 3000, { segments: [exif({ thumbnail: small })] }), Buffer.alloc(100_000)]);
    const [whole] = embeddedIn(file, file.length).pictures;
    assert.ok(whole !== undefined);
    assert.deepEqual(embeddedIn(file.subarray(0, whole.offset + whole.length), file.length).pictures, [whole]);
    assert.deepEqual(embeddedIn(file.subarray(0, 30), file.length).pictures, []);
  });

  test('a thumbnail that points out of its own segment is none', () => {
    const block = exif({ thumbnail: small, lengthOf: small.length + 1 });
    const file = jpeg(4000, 3000, { segments: [block] });
    assert.deepEqual(embeddedIn(file, file.length).pictures, []);
  });

  test('the larger preview behind the picture itself (multi-picture format)', () => {
    const entry = (kind: number, size: number, offset: number): readonly number[] => [kind, size, offset, 0];
    const table = [entry(0x030000, 1000, 0), entry(0x010002, 5000, 70_000), entry(0x020002, 9000, 80_000)].flat();
    const tiff = tiffOf({ directories: [[{ tag: 0xb002, type: 7, count: 48, value: 26 }]], data: table });
    const file = jpeg(4000, 3000, { segments: [Buffer.concat([Buffer.from('\xff\xe2\0\0MPF\0', 'latin1'), tiff])] });
    const start = file.indexOf('MPF\0', 0, 'latin1') + 4;
    assert.deepEqual(embeddedIn(file, 200_000).pictures, [{ offset: start + 70_000, length: 5000 }]);
    assert.deepEqual(embeddedIn(file, 70_000).pictures, [], 'beyond the end of the file');
  });

  test('the previews of a raw file; the sensor’s own data is none', () => {
    const strips = (photometric: number, offset: number, length: number) => [
      { tag: 0x0103, type: 3, count: 1, value: 7 },
      { tag: 0x0106, type: 3, count: 1, value: photometric },
      { tag: 0x0111, type: 4, count: 1, value: offset },
      { tag: 0x0117, type: 4, count: 1, value: length },
    ];
    const tiff = tiffOf({
      directories: [
        [...strips(6, 9_000, 40_000), { tag: 0x0112, type: 3, count: 1, value: 8 }],
        strips(32803, 100_000, 900_000),
        [
          { tag: 0x0201, type: 4, count: 1, value: 60_000 },
          { tag: 0x0202, type: 4, count: 1, value: 3_000 },
        ],
      ],
    });
    assert.deepEqual(embeddedIn(tiff, 2_000_000), {
      orientation: 8,
      pictures: [
        { offset: 60_000, length: 3_000 },
        { offset: 9_000, length: 40_000 },
      ],
    });
  });

  test('directories that point at each other end', () => {
    const tiff = tiffOf({ directories: [[{ tag: 0x014a, type: 4, count: 0xffffffff, value: 8 }], []], ring: true });
    assert.deepEqual(embeddedIn(tiff, tiff.length), { pictures: [], orientation: 1 });
  });

  test('a picture is turned by a note of its own, once', () => {
    const turned = withOrientation(small, 6);
    assert.deepEqual(pictureHead(turned), pictureHead(small));
    assert.equal(embeddedIn(turned, turned.length).orientation, 6);
    assert.equal(withOrientation(turned, 3), turned, 'what has a note keeps it');
    assert.equal(withOrientation(small, 1), small);
    assert.equal(withOrientation(small, 9), small);
  });
});

/** Time that only sleeping moves on. */
class SleptClock {
  time = 0;
  readonly now = (): number => 0;
  readonly monotonic = (): number => this.time;
  readonly sleep = async (ms: number): Promise<void> => {
    this.time += ms;
    // whoever else is awake goes first
    await new Promise((resolve) => setImmediate(resolve));
  };
}

describe('turns of pictures', () => {
  const connection = { key: 'maker#1' } as unknown as Connection;
  const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('one at a time, who asked last first; while a transfer wants the phone with a pause after each', async () => {
    const clock = new SleptClock();
    const sleeps: (() => void)[] = [];
    let isBusy = true;
    const line = new PictureTurns(
      { monotonic: clock.monotonic, sleep: () => new Promise((wake) => sleeps.push(wake)) },
      () => isBusy,
    );
    const asked: number[] = [];
    const ask = (which: number): Promise<number> => line.take(connection, async () => asked.push(which));
    const all = [ask(1), ask(2), ask(3)];
    await all[0];
    await turns();
    assert.deepEqual(asked, [1], 'the others wait for the pause');
    isBusy = false;
    sleeps.shift()?.();
    await Promise.all(all);
    assert.deepEqual(asked, [1, 3, 2], 'without a pause once nothing moves');
    assert.equal(sleeps.length, 0);
    await ask(4);
    assert.equal(asked.at(-1), 4);
  });

  for (const [of, each] of [
    ['a fast phone', 1],
    ['a phone', 25],
    ['a slow phone', 400],
  ] as const)
    test(`while files move, pictures of ${of} take a fiftieth of its time, and at most two come in a second`, async () => {
      const clock = new SleptClock();
      const line = new PictureTurns(clock, () => true);
      let worked = 0;
      let made = 0;
      const window = async (): Promise<void> => {
        while (clock.time < 100_000)
          await line.take(connection, async (onTurn) => {
            clock.time += each;
            worked += each;
            made += 1;
            onTurn(each);
            await turns();
          });
      };
      await Promise.all([window(), window(), window()]);
      // what was waiting when the time was over came, too
      assert.ok(worked <= 0.02 * clock.time + each, `${worked} of ${clock.time} ms`);
      assert.ok(made <= clock.time / 500 + 1, `${made} in ${clock.time} ms`);
      assert.ok(made >= Math.min(100_000 / 510, 100_000 / (50 * each)) - 1, `${made} are too few`);
    });

  test('one that fails is followed by the next, after its pause', async () => {
    const clock = new SleptClock();
    const line = new PictureTurns(clock, () => true);
    await assert.rejects(
      line.take(connection, async (onTurn) => {
        onTurn(100);
        await turns();
        throw new Error('the phone refused');
      }),
    );
    assert.equal(await line.take(connection, async () => clock.time), 4_900);
  });
});

test('pictures stand back for others, and for two of them until both have ended', async () => {
  const ends: (() => void)[] = [];
  const asked: number[] = [];
  const phone = {
    identity: { serial: '' },
    capabilities: { thumbnails: true, partialRead: 'none' },
    thumbnail: (handle: number) => {
      asked.push(handle);
      return Promise.resolve(jpeg(16, 16));
    },
  };
  const connection = { key: 'maker#1', phone } as unknown as Connection;
  const sleeps: (() => void)[] = [];
  const pictures = new Pictures({
    find: ({ path }) => {
      const object = { name: 'a.jpg', kind: 'file', size: 9, handle: Number(path.slice(1)) } as unknown as PhoneObject;
      return Promise.resolve({ connection, object });
    },
    reading: { openFound: () => assert.fail('nothing is read') },
    cache: undefined,
    clock: { now: () => 0, monotonic: () => 0, sleep: () => new Promise((wake) => sleeps.push(wake)) },
    busy: () => false,
  });
  const ask = (handle: number) => pictures.thumbnail({ path: `/${handle}` } as PhonePlace);
  const turns = () => new Promise((resolve) => setImmediate(resolve));
  const others = [1, 2].map(() =>
    pictures.standBackFor(connection.key, () => new Promise<void>((end) => ends.push(end))),
  );
  const failed = pictures.standBackFor(connection.key, () => Promise.reject(new Error('went wrong')));
  await assert.rejects(failed, /went wrong/);
  const all = [ask(1), ask(2)];
  await all[0];
  for (const end of ends) {
    await turns();
    assert.deepEqual(asked, [1]);
    end();
    await turns();
    sleeps.shift()?.();
  }
  await Promise.all([...others, ...all]);
  assert.deepEqual(asked, [1, 2]);
});

describe('any bytes at all', () => {
  const seeds = [
    jpeg(4000, 3000, { segments: [exif({ thumbnail: jpeg(160, 120), orientation: 6 })] }),
    jpeg(4000, 3000, { segments: [exif({ thumbnail: jpeg(160, 120), little: false })] }),
    png(10, 10),
    exif({ thumbnail: jpeg(160, 120) }).subarray(10),
    Buffer.from('RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x3f\x01\0\xef\0\0', 'latin1'),
  ];
  const change = fc.record({ at: fc.nat(400), value: fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xd8, 0xe1, 0xff) });
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 4 }), fc.nat(900))
    .map(([seed, changes, cut]) => {
      const bytes = Buffer.from(seed);
      for (const { at, value } of changes) bytes[at % bytes.length] = value;
      return bytes.subarray(0, Math.max(0, bytes.length - (cut > 600 ? cut - 600 : 0)));
    });
  const anything = fc.oneof(fc.uint8Array({ maxLength: 600 }), { arbitrary: mutated, weight: 3 });

  test('give a value, and never a picture outside of the file', () => {
    fc.assert(
      fc.property(anything, fc.nat(2_000), (bytes, size) => {
        const head = pictureHead(bytes);
        assert.ok(head === undefined || (head.width > 0 && head.height > 0 && head.width * head.height <= 64_000_000));
        const { pictures, orientation } = embeddedIn(bytes, size);
        assert.ok(pictures.length <= 40);
        assert.ok(orientation >= 1 && orientation <= 8);
        for (const { offset, length } of pictures) assert.ok(offset > 0 && length > 0 && offset + length <= size);
        assert.ok(withOrientation(bytes, orientation).byteLength >= bytes.byteLength);
      }),
      { numRuns: 20_000, seed: 20_261_120 },
    );
  });
});
