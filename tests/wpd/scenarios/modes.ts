import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Operation } from '../../../electron/mtp/wire/index.ts';
import { contents, Desk, within } from '../desk.ts';
import { HR, type ServiceMode } from '../service.ts';
import type { Windows } from '../windows.ts';
import type { Scenario } from './index.ts';

const ANDROIDS = [0x95c1, 0x95c2, 0x95c3, 0x95c4, 0x95c5];
const isAndroids = (operation: number): boolean => ANDROIDS.includes(operation);
const EDITS = ANDROIDS.slice(1);

/** Files of three sizes there and back, a folder, a new name, a deletion. */
async function roundTrip(windows: Windows, mode: ServiceMode, look?: (desk: Desk) => Promise<void>): Promise<void> {
  const desk = await Desk.set(windows, mode);
  try {
    for (const [name, bytes] of [
      ['nothing', 0],
      ['small ä', 70_001],
      ['middle', 1_300_000],
      ['large', 17 * 1_048_576 + 5],
    ] as const)
      await desk.file(path.join('tree', name), bytes);
    const sent = await contents(path.join(desk.local, 'tree'));
    await desk.replug(['push', desk.windowsPath('tree'), '/Download']);
    assert.deepEqual(await contents(path.join(desk.storage, 'Download/tree')), sent);
    await desk.replug(['mv', '/Download/tree/middle', '/Download/tree/renamed']);
    await desk.replug(['rm', '/Download/tree/nothing']);
    await desk.replug(['pull', '/Download/tree', desk.windowsPath('back')]);
    const back = await contents(path.join(desk.local, 'back/tree'));
    assert.deepEqual([...back.keys()].sort(), ['large', 'renamed', 'small ä']);
    assert.deepEqual(back.get('large'), sent.get('large'));
    assert.deepEqual(back.get('renamed'), sent.get('middle'));
    await look?.(desk);
    desk.assertClean();
  } finally {
    await desk.clear();
  }
}

const mode = (name: string, what: string, how: ServiceMode, look?: (desk: Desk) => Promise<void>): Scenario => ({
  name: `modes/${name}`,
  what,
  run: (windows) => roundTrip(windows, how, look),
});

const showsMode = (words: RegExp) => async (desk: Desk) => {
  const text = await desk.replug(['doctor']);
  assert.match(text, words);
  // the same phone as over USB elsewhere, whoever tells who it is
  assert.match(await desk.replug(['devices']), /Pixel 9 \(Google .*\), serial R58M123ABC/u);
};

/** Counts beside the bytes of a file that are sent are too large, until the driver is well again. */
const countsWrong = (name: string, how: ServiceMode, bytes: number): Scenario => ({
  name: `modes/${name}`,
  what: 'a driver that counts more bytes than it was given is not believed; what it took is sent again',
  isLong: how.refuse !== undefined,
  run: async (windows) => {
    const desk = await Desk.set(windows, how);
    try {
      const content = await desk.file('film', bytes);
      let met = 0;
      const onCall = (kind: string, operation: number): void => {
        const ofFile = how.refuse !== undefined || FILE_DATA.includes(operation);
        const isWrong = kind === 'w' && ofFile;
        if (isWrong) met += 1;
        desk.service.mode = { ...how, onCall, ...(isWrong && { wrongCounts: 3 }) };
      };
      desk.service.mode = { ...how, onCall };
      const running = await desk.start('push', desk.windowsPath('film'), '/Download');
      const { code, stdout } = await within(300_000, running, 'push');
      assert.notEqual(code, 0, stdout);
      assert.ok(met > 0);
      desk.service.mode = how;
      await desk.replug(['push', desk.windowsPath('film'), '/Download']);
      const there = await contents(path.join(desk.storage, 'Download'));
      assert.deepEqual([...there.keys()], ['film']);
      assert.ok(there.get('film')?.equals(content));
      desk.assertClean();
    } finally {
      await desk.clear();
    }
  },
});
const FILE_DATA: readonly number[] = [Operation.SendObject, Operation.SendPartialObject];

export const modes: readonly Scenario[] = [
  mode(
    'mixed',
    'standard operations with data refused: WPD’s content interface in their place, resume stays',
    { refuse: (operation) => (isAndroids(operation) ? undefined : HR.notSupported) },
    showsMode(/large files resume to and from it[^]*\(mixed\)/u),
  ),
  mode(
    'no-edits',
    'edit operations refused: large files go whole to the phone, and resume from it',
    { refuse: (operation) => (EDITS.includes(operation) ? HR.notSupported : undefined) },
    showsMode(/large files resume from it[^]*\(raw\)/u),
  ),
  mode(
    'whole',
    'every operation refused: the content interface alone, no resume, said beforehand',
    { refuse: () => HR.notImplemented },
    showsMode(/start over after an interruption[^]*\(whole\)/u),
  ),
  mode('busy', 'every seventh call is busy', { busyEvery: 7 }),
  ...[4 * 1024, 1024 * 1024, 16 * 1024 * 1024, 0xffff_ffff].map((optimal) =>
    mode(`optimum-${optimal}`, `the driver likes ${optimal} bytes best`, { optimal }),
  ),
  mode('short-reads', 'reads give less than was asked for', { shortReads: 10_000 }),
  {
    name: 'modes/wrong-counts',
    what: 'a driver that counts more bytes than it gives is not believed',
    run: async (windows) => {
      const desk = await Desk.set(windows);
      try {
        const content = await desk.file('photo', 400_000);
        await desk.replug(['push', desk.windowsPath('photo'), '/Download']);
        const before = (operation: number): void => {
          if (operation === Operation.GetObject || operation === Operation.GetPartialObject64)
            desk.service.mode = { wrongCounts: 3 };
        };
        desk.service.mode = { before };
        const running = await desk.start('pull', '/Download/photo', desk.windowsPath('back'));
        const result = await running.done;
        assert.notEqual(result.code, 0, result.stdout);
        assert.deepEqual(await readFile(path.join(desk.storage, 'Download/photo')), content);
      } finally {
        await desk.clear();
      }
    },
  },
  countsWrong('wrong-counts-sent', {}, 17 * 1_048_576 + 5),
  countsWrong('wrong-counts-sent-whole', { refuse: () => HR.notImplemented }, 400_000),
];
