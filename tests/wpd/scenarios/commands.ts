import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { contents, Desk } from '../desk.ts';
import type { Scenario } from './index.ts';

/** Names that one side or the other may stumble over, and sizes around every edge. */
const FILES: readonly (readonly [name: string, bytes: number])[] = [
  ['empty', 0],
  ['one', 1],
  ['grüße 你好 🎉.txt', 500],
  ['a  double space.bin', 511],
  ['512', 512],
  ['65524', 65_524],
  ['65536.dat', 65_536],
  ['million', 1_048_576],
  ['million and one', 1_048_577],
  ['large.mp4', 17 * 1_048_576 + 13],
  ['folder/inner.jpg', 70_000],
  ['folder/deeper/inner too', 3],
];

export const commands: readonly Scenario[] = [
  {
    name: 'in-process',
    what: 'the stand-in is found without the registry, as it must be where programs run as administrator',
    isUnregistered: true,
    run: async (windows) => {
      const desk = await Desk.set(windows);
      try {
        const devices = await desk.replug(['devices']);
        assert.match(devices, /Pixel 9 \(Google Pixel 9\), serial R58M123ABC.*: ready/u);
        desk.assertClean();
      } finally {
        await desk.clear();
      }
    },
  },
  {
    name: 'commands',
    what: 'devices, ls, push, pull, mkdir, mv, rm: byte by byte',
    run: async (windows) => {
      const desk = await Desk.set(windows);
      try {
        const devices = await desk.replug(['devices']);
        assert.match(devices, /Pixel 9 \(Google Pixel 9\), serial R58M123ABC.*: ready/u);
        for (const [name, bytes] of FILES) await desk.file(path.join('tree', name), bytes);
        await desk.replug(['push', desk.windowsPath('tree'), '/Download', '--verify', 'full']);
        const sent = await contents(path.join(desk.local, 'tree'));
        assert.deepEqual(await contents(path.join(desk.storage, 'Download/tree')), sent);

        await desk.replug(['mkdir', '/Download/new folder']);
        assert.ok(existsSync(path.join(desk.storage, 'Download/new folder')));
        await desk.replug(['mv', '/Download/tree/large.mp4', '/Download/new folder']);
        const moved = await readFile(path.join(desk.storage, 'Download/new folder/large.mp4'));
        assert.deepEqual(moved, sent.get('large.mp4'));
        await desk.replug(['mv', '/Download/tree/one', '/Download/tree/eins']);
        await desk.replug(['rm', '/Download/tree/empty']);
        const listing = await desk.replug(['ls', '/Download/tree']);
        assert.match(listing, /grüße 你好 🎉\.txt/u);
        assert.doesNotMatch(listing, /empty|large/u);

        await desk.replug(['pull', '/Download', desk.windowsPath('back'), '--verify', 'full']);
        const back = await contents(path.join(desk.local, 'back'));
        assert.deepEqual(back, await contents(path.join(desk.storage)).then((all) => within(all, 'Download')));
        desk.assertClean();
      } finally {
        await desk.clear();
      }
    },
  },
];

/** Of all files those below one folder, by their path from its parent. */
const within = (all: ReadonlyMap<string, Buffer>, folder: string): ReadonlyMap<string, Buffer> =>
  new Map([...all].filter(([name]) => name.startsWith(`${folder}/`)));
