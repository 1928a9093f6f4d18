import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPhoneError } from '../../shared/errors.ts';
import { exampleOf } from './example.ts';
import { checkTemplate, PhotoTargets, type TemplateFacts } from './template.ts';

const FACTS: TemplateFacts = { taken: new Date(2024, 2, 3, 14, 5, 6).getTime(), camera: 'Pixel 8' };

function targets(
  folders: string,
  names: string,
  there: Readonly<Record<string, readonly string[]>> = {},
): PhotoTargets {
  return new PhotoTargets(
    { folders, names, legal: (name) => name.replaceAll(/[:?]/g, '_'), foldsCase: true },
    async (folder) => there[folder] ?? [],
  );
}

test('every word is filled in, and what it stands for makes no folder', async () => {
  const all = targets('{year}/{month}/{day} {camera}', '{date}_{time}_{name}');
  assert.deepEqual(await all.give(['IMG_1.JPG'], { ...FACTS, camera: 'a/b\\..' }), [
    '2024/03/03 a_b_../2024-03-03_140506_IMG_1.JPG',
  ]);
  assert.deepEqual(await targets('../../{year}/./x', '{name}').give(['a.jpg'], FACTS), ['2024/x/a.jpg']);
  assert.deepEqual(await targets('', '..{name}:').give(['a.jpg'], FACTS), ['..a_.jpg']);
  assert.deepEqual(await targets('{year}/{month}', '{date}').give(['a.jpg'], { ...FACTS, taken: undefined }), [
    'undated/undated.jpg',
  ]);
});

test('parts of a shot get one number; what has a stem already is not joined', async () => {
  const one = targets('x', '{name}', { x: ['img_1.heic'] });
  assert.deepEqual(await one.give(['IMG_1.JPG', 'IMG_1.DNG', 'IMG_1.JPG.xmp'], FACTS), [
    'x/IMG_1 (2).JPG',
    'x/IMG_1 (2).DNG',
    'x/IMG_1 (2).JPG.xmp',
  ]);
  assert.deepEqual(await one.give(['IMG_1.JPG', 'IMG_1.MP4'], FACTS), ['x/IMG_1 (3).JPG', 'x/IMG_1 (3).MP4']);
});

test('the counter is the first free number, one for a shot', async () => {
  const counted = targets('', '{year}-{counter}', { '': ['2024-0001.jpg', '2024-0003.mp4'] });
  assert.deepEqual(await counted.give(['a.jpg', 'a.dng'], FACTS), ['2024-0002.jpg', '2024-0002.dng']);
  assert.deepEqual(await counted.give(['b.jpg'], FACTS), ['2024-0004.jpg']);
  // two lenses have two stems, and a template without names would make one of them
  assert.deepEqual(await counted.give(['V_00_1.insv', 'V_10_1.insv'], FACTS), ['2024-0005.insv', '2024-0005_2.insv']);
});

test('an unknown word is refused, and an example is shown', () => {
  assert.throws(
    () => checkTemplate('{year}/{mouth}'),
    (error) => isPhoneError(error) && error.kind === 'bad-request',
  );
  assert.equal(
    exampleOf(undefined, { folders: '{year}/{month}', names: '{date} {name}' }),
    '2026/05/2026-05-02 IMG_20260502_201531.jpg',
  );
});
