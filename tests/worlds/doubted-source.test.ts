import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { localPath, type TransferId } from '../../shared/domain.ts';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { until } from './until.ts';
import { begin, type World } from './world.ts';

/** A file of the phone that is written over, at its size, while it is fetched, and whose date does not show it for certain. */

const MIB = 1024 * 1024;
const DATE = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;
/** Far from all samples and joints. */
const AT = 5 * MIB + 300_000;
const NEWER = 'A NEWER VERSION';

/** A download of 24 MiB of which half has come, and the phone's file. */
async function halfCome(
  t: TestContext,
  options: Partial<VirtualPhoneOptions> = {},
): Promise<{ world: World; path: string; transfer: TransferId }> {
  const world = begin(t, { rate: 20 * MIB, ...options });
  const path = world.onPhone('DCIM/base.db', 24 * MIB, DATE);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [world.place('/DCIM/base.db')],
    to: localPath(join(world.here, 'in')),
    options: { onConflict: 'skip' },
  });
  await until(() => world.engine.view(transfer).bytesConfirmed > 12 * MIB);
  return { world, path, transfer };
}

/** Some bytes are others from now on, and the date is an hour later. */
function anHourLater(path: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, NEWER, AT);
  closeSync(file);
  utimesSync(path, (DATE + HOUR) / 1000, (DATE + HOUR) / 1000);
}

async function isOneVersion(world: World, path: string, transfer: TransferId): Promise<void> {
  const view = await world.engine.settled(transfer, { waitMs: 0, signal: AbortSignal.timeout(20_000) });
  assert.equal(view.state, 'done', JSON.stringify(view.problem));
  assert.ok(readFileSync(join(world.here, 'in/base.db')).equals(readFileSync(path)), 'it is no mixture');
}

test('between two plugs, with a date that is an hour later, as after a journey', async (t) => {
  const { world, path, transfer } = await halfCome(t);
  await world.phone.unplug();
  await until(() => world.engine.devices.every(({ state }) => state.kind === 'gone'));
  anHourLater(path);
  world.phone.plug();
  await isOneVersion(world, path, transfer);
});

test('in the midst of it, with such a date', async (t) => {
  const { world, path, transfer } = await halfCome(t);
  anHourLater(path);
  await isOneVersion(world, path, transfer);
});

for (const [what, options] of [
  ['within the second of its date', {}],
  ['on a phone that tells no dates', { quirks: [['no-dates', 1]] }],
] as const)
  test(`in the midst of it, ${what}: the phone says that it changed`, async (t) => {
    const { world, path, transfer } = await halfCome(t, options);
    const bytes = readFileSync(path);
    bytes.write(NEWER, AT);
    await world.phone.touchOverwrite('/DCIM/base.db', bytes, { modified: DATE });
    await isOneVersion(world, path, transfer);
  });
