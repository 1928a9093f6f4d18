import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { World, bytesFor, digestFile, treeOf } from './world.ts';

/**
 * Unplugs and replugs the phone before, inside and after every operation of an upload and of a download. Whatever the
 * moment, the file arrives, nothing else is left behind, and an existing file is intact until its replacement is
 * complete.
 */

type Profile = 'android' | 'android-no-edit' | 'legacy-kernel';

const MIB = 1024 * 1024;
const PHASES = ['before', 'data', 'response'] as const;
const COMMON = [
  'GetStorageIDs',
  'GetStorageInfo',
  'GetObjectHandles',
  'GetObjectPropList',
  'GetObjectPropValue',
  'GetPartialObject64',
];

interface Scenario {
  readonly name: string;
  readonly operations: readonly string[];
  readonly occurrences: number;
  readonly run: (world: World) => Promise<{ readonly state: string; readonly detail: string }>;
  readonly setUp?: (world: World) => void;
  readonly check: (world: World) => Promise<void>;
  /** What must hold at every moment while the cable is out. */
  readonly meanwhile?: (world: World) => void;
}

const pushed = async (
  world: World,
  options: Parameters<World['push']>[2],
): Promise<{ readonly state: string; readonly detail: string }> => {
  const view = await world.push([join(world.here, 'file.bin') as never], '/Download', options);
  return {
    state: view.state,
    detail: JSON.stringify([view.waitingFor, view.problem, world.engine.devices[0]?.state, world.log]),
  };
};
const oldBytes = bytesFor('old', 3000);
const newOrOld = (world: World): void => {
  const folder = join(world.phoneFolder, 'Download');
  const complete = readFileSync(join(world.here, 'file.bin'));
  const file = join(folder, 'file.bin');
  const there = existsSync(file) ? readFileSync(file) : undefined;
  const whole = readdirSync(folder).some((name) => complete.equals(readFileSync(join(folder, name))));
  assert.ok(
    there?.equals(oldBytes) === true || whole,
    'neither the old version nor a complete new one is on the phone',
  );
};

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a large upload',
    operations: [
      ...COMMON,
      'SendObjectInfo',
      'SendObject',
      'BeginEditObject',
      'SendPartialObject',
      'EndEditObject',
      'SetObjectPropValue',
    ],
    occurrences: 3,
    setUp: (world) => void world.local('file.bin', 5 * MIB + 1),
    run: (world) => pushed(world, {}),
    check: async (world) => {
      assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download')), await only(world, 'file.bin'));
    },
  },
  {
    name: 'an upload that replaces',
    operations: [
      'SendObjectInfo',
      'SendObject',
      'SendPartialObject',
      'EndEditObject',
      'DeleteObject',
      'SetObjectPropValue',
      'GetObjectPropList',
    ],
    occurrences: 2,
    setUp: (world) => {
      world.local('file.bin', 5 * MIB);
      world.onPhone('Download/old', 3000);
      writeOld(world);
    },
    run: (world) => pushed(world, { onConflict: 'replace' }),
    meanwhile: newOrOld,
    check: async (world) => {
      assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download')), await only(world, 'file.bin'));
    },
  },
  {
    name: 'a small upload',
    operations: [...COMMON, 'SendObjectInfo', 'SendObject'],
    occurrences: 2,
    setUp: (world) => void world.local('file.bin', 70_000),
    run: (world) => pushed(world, {}),
    check: async (world) => {
      assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download')), await only(world, 'file.bin'));
    },
  },
  {
    name: 'a download',
    operations: COMMON,
    occurrences: 4,
    setUp: (world) => void world.onPhone('DCIM/file.bin', 5 * MIB + 1),
    run: async (world) => {
      const view = await world.pull(['/DCIM/file.bin'], 'in');
      return {
        state: view.state,
        detail: JSON.stringify([view.waitingFor, view.problem, world.engine.devices[0]?.state, world.log]),
      };
    },
    check: async (world) => {
      assert.deepEqual(await treeOf(join(world.here, 'in')), await treeOf(join(world.phoneFolder, 'DCIM')));
    },
  },
];

/** `onPhone` derives bytes from the name: written as "old", then renamed like the file that will replace it. */
function writeOld(world: World): void {
  const folder = join(world.phoneFolder, 'Download');
  renameSync(join(folder, 'old'), join(folder, 'file.bin'));
}
const only = async (world: World, name: string): Promise<Record<string, string>> => {
  const path = join(world.here, name);
  return { [name]: `${readFileSync(path).byteLength} ${await digestFile(path)}` };
};

/** Whether the phone was unplugged: false if the operation does not occur that often. */
async function play(scenario: Scenario, profile: Profile, fault: string): Promise<boolean> {
  let pulled = false;
  // files above 1 MiB are chunked, so that a small file shows all operations
  const world = new World(
    { profile },
    { limits: { wholeBelow: scenario.name === 'a small upload' ? 16 * MIB : 1 * MIB } },
  );
  try {
    scenario.setUp?.(world);
    await world.start();
    world.faults(fault, 'replug@ms=1');
    const broken: unknown[] = [];
    const stop = world.phone.onChange(() => {
      if (world.phone.isPlugged) return;
      pulled = true;
      try {
        scenario.meanwhile?.(world);
      } catch (error) {
        broken.push(error);
      }
    });
    const { state, detail } = await scenario.run(world);
    stop();
    assert.equal(state, 'done', detail);
    assert.deepEqual(broken, []);
    await scenario.check(world);
    return pulled;
  } catch (error) {
    throw new Error(
      `${scenario.name} on ${profile}, ${fault}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    await world.end();
  }
}

for (const profile of ['android', 'android-no-edit', 'legacy-kernel'] as const)
  for (const scenario of SCENARIOS) {
    const faults = scenario.operations.flatMap((operation) =>
      PHASES.flatMap((phase) =>
        Array.from({ length: scenario.occurrences }, (_, index) => `unplug@op=${operation}:${index + 1}:${phase}`),
      ),
    );
    test(`${scenario.name} on ${profile}: unplugged before, inside and after each operation`, async (t) => {
      const waiting = [...faults];
      const failures: string[] = [];
      let pulled = 0;
      const worker = async (): Promise<void> => {
        for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift())
          await play(scenario, profile, fault).then(
            (was) => (pulled += was ? 1 : 0),
            (error: unknown) => failures.push(error instanceof Error ? error.message : String(error)),
          );
      };
      await Promise.all(Array.from({ length: 8 }, worker));
      t.diagnostic(`${pulled} of ${faults.length} moments came`);
      assert.deepEqual(failures, []);
      assert.ok(pulled > 10, `only ${pulled} moments came`);
    });
  }
