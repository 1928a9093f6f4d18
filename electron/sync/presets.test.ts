import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { presetPairs } from './presets.ts';

const screenshots = async (on: Readonly<Record<string, 'full' | 'empty'>>): Promise<string | undefined> => {
  const pairs = await presetPairs('/home/me', 'Phone', (path) =>
    Promise.resolve(on[path] === undefined ? undefined : { isEmpty: on[path] === 'empty' }),
  );
  return pairs.find(({ kind }) => kind === 'screenshots')?.phone;
};

test('a preset is about the folder that the phone has', async () => {
  const [own, beside] = ['/Pictures/Screenshots', '/DCIM/Screenshots'];
  assert.equal(await screenshots({}), own);
  assert.equal(await screenshots({ [beside]: 'full' }), beside);
  assert.equal(await screenshots({ [beside]: 'empty' }), beside);
  assert.equal(await screenshots({ [own]: 'empty', [beside]: 'full' }), beside);
  assert.equal(await screenshots({ [own]: 'full', [beside]: 'full' }), own);
});

test('a phone may have any name: its folder here is a plain one', async () => {
  for (const [name, folder] of [
    ['../..', '_'],
    ['a/b:c', 'a_b_c'],
    ['...', 'Phone'],
    ['', 'Phone'],
  ] as const) {
    const [camera] = await presetPairs('/home/me', name, () => Promise.resolve(undefined));
    assert.equal(camera?.local, join('/home/me/Pictures', folder, 'Camera'), name);
  }
});

test('copies of camera pictures that are removed stay away, others are made again', async () => {
  const pairs = await presetPairs('/home/me', 'Phone', () => Promise.resolve(undefined));
  const camera = pairs.filter(({ kind }) => kind === 'camera');
  assert.deepEqual(
    camera.map(({ removed }) => removed),
    ['stay-away'],
  );
  assert.ok(pairs.every(({ kind, removed }) => (removed === 'stay-away') === (kind === 'camera')));
});
