import assert from 'node:assert/strict';
import { test } from 'node:test';
import { animatedWebp, readAnimatedWebp } from './animated-webp.ts';

const still = (name: string, content: string): Buffer => {
  const pixels = Buffer.from(content);
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(pixels.length, 4);
  const body = Buffer.concat([Buffer.from('WEBP'), head, pixels, Buffer.alloc(pixels.length % 2)]);
  const riff = Buffer.alloc(8);
  riff.write('RIFF', 'latin1');
  riff.writeUInt32LE(body.length, 4);
  return Buffer.concat([riff, body]);
};
const frame = { image: still('VP8 ', 'odd'), x: 0, y: 0, width: 10, height: 4, duration: 100 };

test('frames keep their place, size and time, and chunks of odd length are padded', () => {
  const made = animatedWebp(20, 8, [frame, { ...frame, x: 10, y: 4, duration: 2500, image: still('VP8L', 'even') }]);
  assert.deepEqual(readAnimatedWebp(made), { width: 20, height: 8, durations: [100, 2500] });
  assert.equal(made.length % 2, 0);
  assert.equal(made.indexOf('odd\0') > 0 && made.indexOf('even') > 0, true);
});

test('what is no WebP, lies outside or between two pixels is refused', () => {
  assert.throws(() => animatedWebp(20, 8, [{ ...frame, image: Buffer.from('GIF89a, and more') }]), /not a WebP/);
  assert.throws(() => animatedWebp(20, 8, [{ ...frame, image: still('EXIF', 'x') }]), /no pixels/);
  assert.throws(() => animatedWebp(20, 8, [{ ...frame, x: 12 }]), /outside/);
  assert.throws(() => animatedWebp(20, 8, [{ ...frame, y: 1 }]), /even/);
  assert.throws(() => readAnimatedWebp(still('VP8 ', 'x')), /not an animated/);
  assert.throws(() => readAnimatedWebp(animatedWebp(20, 8, [frame]).subarray(0, 60)), /complete/);
});
