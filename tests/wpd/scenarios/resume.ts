import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LARGEST_CHUNK } from '../../../electron/engine/transfer/chunk-size.ts';
import { Operation } from '../../../electron/mtp/wire/index.ts';
import { Desk, within } from '../desk.ts';
import type { Scenario } from './index.ts';

type Direction = 'push' | 'pull';

const MIB = 1_048_576;
/** Interruptions of one transfer, in the ring and with `--long`. */
const UNPLUGS = { sample: 8, long: 200 };
const KILLS = { sample: 2, long: 10 };
/** Bytes of a fetched file that are read again for each resume besides a chunk: what shows that it is the same file. */
const COMPARED = MIB;

/** Numbers from a seed, so that a failure can be had again. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
}

/** The command, the file it makes, and what is left of the way there. */
function transfer(desk: Desk, direction: Direction): { readonly args: readonly string[]; readonly copy: string } {
  return direction === 'push'
    ? {
        args: ['push', desk.windowsPath('film.mp4'), '/Download'],
        copy: path.join(desk.storage, 'Download/film.mp4'),
      }
    : {
        args: ['pull', '/Download/film.mp4', desk.windowsPath('back')],
        copy: path.join(desk.local, 'back/film.mp4'),
      };
}

/** Nothing that a transfer makes on the way is left on the phone or on the computer. */
async function assertNothingLeft(desk: Desk): Promise<void> {
  for (const folder of [desk.storage, desk.local]) {
    const names = await readdir(folder, { recursive: true });
    assert.deepEqual(
      names.filter((name) => /replug/iu.test(path.basename(name))),
      [],
    );
  }
}

/**
 * The same bytes, nothing left, and at most one chunk moved again for each interruption. Chunks to the phone are looked at
 * one by one; gives the figures.
 */
async function assertWhole(
  desk: Desk,
  {
    direction,
    copy,
    content,
    moved,
    times,
  }: Readonly<Record<'moved' | 'times', number>> & {
    readonly direction: Direction;
    readonly copy: string;
    readonly content: Buffer;
  },
): Promise<string> {
  assert.ok(content.equals(await readFile(copy)), 'the same bytes');
  await assertNothingLeft(desk);
  desk.assertClean();
  const again = moved - content.byteLength;
  assert.ok(again <= times * (LARGEST_CHUNK + COMPARED), `${again} bytes moved again for ${times} interruptions`);
  let begun = 0;
  let furthest = 0;
  let most = 0;
  for (const { operation, parameters } of desk.service.log) {
    if (operation !== Operation.SendPartialObject) continue;
    const [, low = 0, high = 0, size = 0] = parameters;
    const offset = low + high * 0x1_0000_0000;
    assert.ok(offset >= begun, `the chunk at ${offset} was confirmed: the last begun was at ${begun}`);
    most = Math.max(most, furthest - offset);
    begun = offset;
    furthest = Math.max(furthest, offset + size);
  }
  const each = direction === 'push' ? `, at most ${(most / MIB).toFixed(1)} at once` : '';
  return `${(content.byteLength / MIB).toFixed(0)} MiB, ${times} interruptions, ${(again / MIB).toFixed(1)} MiB again${each}`;
}

const unplugged = (direction: Direction, seed: number): Scenario => ({
  name: `resume/unplugs-${direction}`,
  what: `the cable is pulled again and again while one file is ${direction === 'push' ? 'sent' : 'fetched'}`,
  run: async (windows, long) => {
    const times = long ? UNPLUGS.long : UNPLUGS.sample;
    const desk = await Desk.set(windows);
    const random = seeded(seed);
    let pulled = 0;
    let since = 0;
    let next = 30 + random(100);
    try {
      const content = await desk.file('film.mp4', (24 + times * 5) * MIB + 12_345);
      if (direction === 'pull') await desk.replug(['push', desk.windowsPath('film.mp4'), '/Download']);
      const { args, copy } = transfer(desk, direction);
      const before = desk.service.bytes;
      desk.service.log.length = 0;
      desk.service.mode = {
        optimal: 65_536,
        // opening and looking around are calls as well: it happens anywhere
        onCall: async () => {
          since += 1;
          if (pulled >= times || since < next) return;
          pulled += 1;
          since = 0;
          next = 5 + random(100);
          await desk.phone.unplug();
          setTimeout(() => desk.phone.plug(), 50);
        },
      };
      const running = await desk.start(...args, '--wait', '60');
      const { code, stdout, stderr } = await within(120_000 + times * 10_000, running, direction);
      assert.equal(code, 0, `after ${pulled} unplugs: ${stdout}${stderr}`);
      assert.equal(pulled, times, 'every unplug happened');
      return await assertWhole(desk, { direction, copy, content, moved: desk.service.bytes - before, times });
    } finally {
      await desk.clear();
    }
  },
});

const killed = (direction: Direction, seed: number): Scenario => ({
  name: `resume/kills-${direction}`,
  what: `the program is killed again and again while one file is ${direction === 'push' ? 'sent' : 'fetched'}`,
  run: async (windows, long) => {
    const times = long ? KILLS.long : KILLS.sample;
    const desk = await Desk.set(windows, { optimal: 65_536 }, { rate: 40 * MIB });
    const random = seeded(seed);
    try {
      const content = await desk.file('film.mp4', (24 + times * 12) * MIB + 12_345);
      if (direction === 'pull') await desk.replug(['push', desk.windowsPath('film.mp4'), '/Download']);
      const { args, copy } = transfer(desk, direction);
      const before = desk.service.bytes;
      desk.service.log.length = 0;
      for (let kill = 0; kill < times; kill += 1) {
        const until = desk.service.bytes + 2 * MIB + random(10 * MIB);
        const running = await desk.start(...(kill === 0 ? args : ['resume']));
        let ended = false;
        void running.done.then(() => (ended = true));
        while (desk.service.bytes < until && !ended) await sleep(5);
        assert.ok(!ended, `it was still moving bytes at kill ${kill + 1}: ${(await settled(running, ended)) ?? ''}`);
        await running.kill();
      }
      await desk.replug(['resume']);
      return await assertWhole(desk, { direction, copy, content, moved: desk.service.bytes - before, times });
    } finally {
      await desk.clear();
    }
  },
});

/** What a program that has ended wrote. */
async function settled(running: { readonly done: Promise<{ stdout: string; stderr: string }> }, ended: boolean) {
  if (!ended) return undefined;
  const { stdout, stderr } = await running.done;
  return stdout + stderr;
}

export const resume: readonly Scenario[] = [
  unplugged('push', 11),
  unplugged('pull', 23),
  killed('push', 37),
  killed('pull', 41),
];
