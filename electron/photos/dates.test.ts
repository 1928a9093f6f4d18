import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bestDate, dateInName, originInHead, readOrigin } from './dates.ts';

const local = (...parts: [number, number, number, number?, number?, number?]): number => {
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts;
  return new Date(year, month - 1, day, hour, minute, second).getTime();
};

/** A TIFF with these texts in its main directory and in that of EXIF, in either byte order. */
function tiff(little: boolean, main: readonly [number, string][], exif: readonly [number, string][]): Buffer {
  const bytes = Buffer.alloc(2_000);
  const u16 = (at: number, value: number): unknown =>
    little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const u32 = (at: number, value: number): unknown =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  bytes.write(little ? 'II' : 'MM', 0, 'latin1');
  u16(2, 42);
  u32(4, 8);
  let free = 600;
  const directory = (at: number, texts: readonly [number, string][], more: readonly [number, number][]): void => {
    u16(at, texts.length + more.length);
    let entry = at + 2;
    for (const [tag, text] of texts) {
      u16(entry, tag);
      u16(entry + 2, 2);
      u32(entry + 4, text.length + 1);
      u32(entry + 8, free);
      bytes.write(`${text}\0`, free, 'latin1');
      free += text.length + 1;
      entry += 12;
    }
    for (const [tag, value] of more) {
      u16(entry, tag);
      u16(entry + 2, 4);
      u32(entry + 4, 1);
      u32(entry + 8, value);
      entry += 12;
    }
  };
  directory(8, main, [[0x8769, 300]]);
  directory(300, exif, []);
  return bytes;
}

function jpeg(exif: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(exif.length + 8, 4);
  return Buffer.concat([head, Buffer.from('Exif\0\0', 'latin1'), exif, Buffer.from([0xff, 0xd9])]);
}

test('date and camera of a picture, in both byte orders and in each wrapping', () => {
  const wanted = { taken: local(2024, 3, 3, 14, 5, 6), camera: 'Pixel 8' };
  for (const little of [true, false]) {
    const exif = tiff(little, [[0x0110, 'Pixel 8']], [[0x9003, '2024:03:03 14:05:06']]);
    assert.deepEqual(originInHead(jpeg(exif)), wanted);
    assert.deepEqual(originInHead(exif), wanted);
    const heic = Buffer.concat([
      Buffer.from('\0\0\0\x18ftypheic', 'latin1'),
      Buffer.alloc(900),
      Buffer.from('Exif\0\0'),
      exif,
    ]);
    assert.deepEqual(originInHead(heic), wanted);
  }
});

test('a zone that is told counts; a date that no calendar has does not', () => {
  const at = (text: string, zone?: string): number | undefined =>
    originInHead(
      jpeg(tiff(true, [], [[0x9003, text], ...(zone === undefined ? [] : [[0x9011, zone] as [number, string]])])),
    ).taken;
  assert.equal(at('2024:03:03 14:05:06', '+02:00'), Date.UTC(2024, 2, 3, 12, 5, 6));
  assert.equal(at('2024:03:03 14:05:06', '-03:30'), Date.UTC(2024, 2, 3, 17, 35, 6));
  assert.equal(at('2024:03:03 14:05:06', '+99:00'), local(2024, 3, 3, 14, 5, 6));
  for (const none of [
    '0000:00:00 00:00:00',
    '2024:02:31 01:02:03',
    '2024:13:01 01:02:03',
    '1970:01:01 00:00:00',
    'yesterday',
  ])
    assert.equal(at(none), undefined, none);
});

/** A film: `ftyp`, data, then the header, as phones write it; `large` with a length of 64 bits. */
function film(seconds: number, large: boolean): Buffer {
  const box = (kind: string, body: Buffer, wide = false): Buffer => {
    const head = Buffer.alloc(wide ? 16 : 8);
    head.writeUInt32BE(wide ? 1 : body.length + 8, 0);
    head.write(kind, 4, 'latin1');
    if (wide) head.writeBigUInt64BE(BigInt(body.length + 16), 8);
    return Buffer.concat([head, body]);
  };
  const header = Buffer.alloc(100);
  header.writeUInt32BE(seconds, 4);
  return Buffer.concat([
    box('ftyp', Buffer.alloc(16)),
    box('mdat', Buffer.alloc(300_000), large),
    box('moov', box('mvhd', header)),
  ]);
}

test('a film tells its date wherever its header is, and some bytes are read for it', async () => {
  const taken = Date.UTC(2024, 2, 3, 12, 5, 6);
  for (const large of [false, true]) {
    const bytes = film(taken / 1000 + 2_082_844_800, large);
    let read = 0;
    const origin = await readOrigin('VID.mp4', bytes.length, async (offset, length) => {
      read += length;
      return bytes.subarray(offset, offset + length);
    });
    assert.deepEqual(origin, { taken, camera: undefined });
    assert.ok(read < 1_000, String(read));
  }
  assert.equal((await readOrigin('VID.mp4', 1e6, async () => film(0, false))).taken, undefined);
});

test('any bytes at all give a value, after a bounded number of reads', async () => {
  const seeds = [
    jpeg(tiff(true, [[0x0110, 'X']], [[0x9003, '2024:03:03 14:05:06']])),
    film(4e9, true),
    tiff(false, [], []),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds, Buffer.alloc(0)),
      fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 40 }),
      fc.nat(2 ** 40),
      fc.constantFrom('a.jpg', 'a.heic', 'a.mp4', 'a.dng', 'a.insv', 'a.png'),
      async (seed, changes, size, name) => {
        const bytes = Buffer.from(seed);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        let reads = 0;
        let all = 0;
        const { taken } = await readOrigin(name, size, async (offset, length) => {
          reads += 1;
          all += length;
          return bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length));
        });
        assert.ok(taken === undefined || (Number.isFinite(taken) && taken > 0));
        assert.ok(reads <= 33 && all <= 48 * 1024, `${reads} ${all}`);
      },
    ),
    { numRuns: 500 },
  );
});

test('dates in names', () => {
  const cases: Readonly<Record<string, number | undefined>> = {
    'IMG_20240203_040506.jpg': local(2024, 2, 3, 4, 5, 6),
    'PXL_20240203_040506789.jpg': Date.UTC(2024, 1, 3, 4, 5, 6),
    '20240203_040506_001.jpg': local(2024, 2, 3, 4, 5, 6),
    'Screenshot_2024-02-03-04-05-06-12_abc.png': local(2024, 2, 3, 4, 5, 6),
    'Screenshot 2024-02-03 at 04.05.06.png': local(2024, 2, 3, 4, 5, 6),
    'IMG-20240203-WA0007.jpg': local(2024, 2, 3),
    'VID_20240231_040506.mp4': undefined,
    'IMG_0001.JPG': undefined,
    '20241.jpg': undefined,
    '1700000000000.jpg': undefined,
  };
  for (const [name, date] of Object.entries(cases)) assert.equal(dateInName(name), date, name);
});

test('its own date comes before that of its name, and that before the phone’s', () => {
  const phone = local(2025, 1, 1, 5);
  assert.deepEqual(bestDate('IMG_20240203_040506.jpg', phone, 5), { taken: 5, from: 'picture' });
  assert.deepEqual(bestDate('IMG_20240203_040506.jpg', phone, undefined), {
    taken: local(2024, 2, 3, 4, 5, 6),
    from: 'name',
  });
  assert.deepEqual(bestDate('a.jpg', phone, undefined), { taken: phone, from: 'phone' });
  // a day in the name says less than the phone's date of that day
  const sameDay = local(2024, 2, 3, 17);
  assert.deepEqual(bestDate('IMG-20240203-WA0007.jpg', sameDay, undefined), { taken: sameDay, from: 'phone' });
  assert.deepEqual(bestDate('a.jpg', undefined, undefined), { taken: undefined, from: 'phone' });
});
