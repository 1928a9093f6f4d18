import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Operation, Response } from '../../../electron/mtp/wire/index.ts';
import { contents, Desk, within } from '../desk.ts';
import { HR, type ServiceMode } from '../service.ts';
import type { Scenario } from './index.ts';

/** Calls of the driver by the letters of `Service`, each with operations of which one is the call's. */
type Phase = readonly [kind: string, ...operations: number[]];

const { GetPartialObject64, SendPartialObject } = Operation;
/** Where a phone can be pulled while a file is sent, and while one is fetched; each before the call and after it. */
const PHASES: Readonly<Record<'push' | 'pull', readonly Phase[]>> = {
  push: [
    ['V'],
    ['X'],
    ['R'],
    ['r'],
    ['E'],
    ['W', Operation.SendObjectInfo],
    ['w', Operation.SendObjectInfo],
    ['E', Operation.SendObjectInfo],
    ['X', Operation.BeginEditObject],
    ['W', SendPartialObject],
    ['w', SendPartialObject],
    ['E', SendPartialObject],
    ['X', Operation.EndEditObject],
    ['W', Operation.SetObjectPropValue],
  ],
  pull: [
    ['R', GetPartialObject64],
    ['r', GetPartialObject64],
    ['E', GetPartialObject64],
  ],
};

/** The same of the content interface: lists and properties, a new file, its bytes and its end; a stream, its bytes and its end. */
const CONTENT_PHASES: typeof PHASES = {
  push: [['k'], ['p'], ['c'], ['w'], ['T']],
  pull: [['s'], ['r'], ['Z']],
};

/** Pulls the cable in each phase in turn, before the call and after it. */
function pulls(desk: Desk, phases: readonly Phase[], mode: ServiceMode): { readonly left: () => readonly string[] } {
  const rest = phases.flatMap((phase) =>
    // once the phone has the last byte of a whole file, it has the file: the call that ends it is not made again
    [...(phase[0] === 'T' ? [] : [true]), false].map((before) => ({ phase, before })),
  );
  const meet = (before: boolean) => async (kind: string, operation: number) => {
    const next = rest[0];
    if (next === undefined || next.before !== before) return;
    const [wanted, ...operations] = next.phase;
    if (kind !== wanted || (operations.length > 0 && !operations.includes(operation))) return;
    rest.shift();
    await desk.phone.unplug();
    setTimeout(() => desk.phone.plug(), 50);
  };
  desk.service.mode = { ...mode, optimal: 65_536, onCall: meet(true), afterCall: meet(false) };
  return {
    left: () => rest.map(({ phase, before }) => `${before ? 'before' : 'after'} ${phase.join(' ')}`),
  };
}

const removal = (
  direction: 'push' | 'pull',
  { name, phases, bytes, mode }: Readonly<{ name: string; phases: typeof PHASES; bytes: number; mode: ServiceMode }>,
): Scenario => ({
  name: `removal${name}-${direction}`,
  what: `the phone is gone before and after each kind of call while a file is ${direction === 'push' ? 'sent' : 'fetched'}`,
  // whole files are sent in more kinds of calls than they are fetched
  isLong: name !== '' && direction === 'pull',
  run: async (windows) => {
    const desk = await Desk.set(windows, mode);
    try {
      const content = await desk.file('film.mp4', bytes);
      if (direction === 'pull') await desk.replug(['push', desk.windowsPath('film.mp4'), '/Download']);
      const { left } = pulls(desk, phases[direction], mode);
      const args =
        direction === 'push'
          ? ['push', desk.windowsPath('film.mp4'), '/Download']
          : ['pull', '/Download/film.mp4', desk.windowsPath('back')];
      const running = await desk.start(...args, '--wait', '60');
      const { code, stdout, stderr } = await within(180_000, running, direction);
      assert.equal(code, 0, `${stdout}${stderr}\nleft: ${left().join(', ')}`);
      assert.deepEqual(left(), [], 'each phase was met');
      const copies =
        direction === 'push'
          ? await contents(path.join(desk.storage, 'Download'))
          : await contents(path.join(desk.local, 'back'));
      assert.deepEqual([...copies.keys()], ['film.mp4']);
      assert.ok(copies.get('film.mp4')?.equals(content), 'the same bytes');
      desk.assertClean();
    } finally {
      await desk.clear();
    }
  },
});

const IN_CHUNKS = { name: '', phases: PHASES, bytes: 40 * 1_048_576 + 7, mode: {} };
const WHOLE = {
  name: '-whole',
  phases: CONTENT_PHASES,
  bytes: 3 * 1_048_576 + 7,
  mode: { refuse: () => HR.notImplemented },
};

export const troubles: readonly Scenario[] = [
  removal('push', IN_CHUNKS),
  removal('pull', IN_CHUNKS),
  removal('push', WHOLE),
  removal('pull', WHOLE),
  {
    name: 'no-context',
    what: 'a refusal with a response and no context is the phone’s answer: none of the data is sent',
    run: async (windows) => {
      const desk = await Desk.set(windows);
      try {
        const content = await desk.file('photo', 20 * 1_048_576);
        const once = (...operations: readonly number[]) => {
          const waiting = new Set(operations);
          desk.service.mode = {
            withoutContext: (operation) => (waiting.delete(operation) ? Response.DeviceBusy : undefined),
          };
          return waiting;
        };
        const push = once(Operation.GetObjectPropList, Operation.SendObjectInfo, SendPartialObject);
        await desk.replug(['push', desk.windowsPath('photo'), '/Download']);
        assert.deepEqual(await readFile(path.join(desk.storage, 'Download/photo')), content);
        assert.deepEqual([...push], []);
        const pull = once(GetPartialObject64);
        await desk.replug(['pull', '/Download/photo', desk.windowsPath('back')]);
        assert.deepEqual(await readFile(path.join(desk.local, 'back/photo')), content);
        assert.deepEqual([...pull], []);
        // a refusal that stays is told in the phone's terms
        desk.service.mode = {
          withoutContext: (operation) => (operation === Operation.SendObjectInfo ? Response.StoreFull : undefined),
        };
        await desk.file('second', 70_000);
        const running = await desk.start('push', desk.windowsPath('second'), '/Download');
        const { code, stdout, stderr } = await within(60_000, running, 'push');
        assert.notEqual(code, 0, stdout);
        assert.match(stdout + stderr, /full|space/iu);
        desk.assertClean();
      } finally {
        await desk.clear();
      }
    },
  },
];
