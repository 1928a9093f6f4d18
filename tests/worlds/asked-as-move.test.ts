import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Direction } from '../../shared/domain.ts';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { requestOfSet } from './request-set.ts';
import { until } from './until.ts';
import { begin, type World } from './world.ts';

/** A copy that is asked for again as a move while it is under way: what was copied before goes from its source as well. */

const MIB = 1024 * 1024;
const FILES = { 'a.txt': 1000, 'b.bin': 3 * MIB, 'c.txt': 0, 'z.bin': 20 * MIB };

interface Asked {
  readonly world: World;
  readonly source: (name: string) => string;
  readonly copy: (name: string) => string;
  /** What the report says of each file. */
  readonly told: ReadonlyMap<string, string>;
}

/** `set` is copied up to a part of its last file, then `meanwhile`, then it is asked for as a move and comes to its end. */
async function asMove(
  t: TestContext,
  direction: Direction,
  meanwhile: (asked: Omit<Asked, 'told'>) => void = () => undefined,
  phone: Partial<VirtualPhoneOptions> = {},
): Promise<Asked> {
  const world = begin(t, { rate: 20 * MIB, ...phone }, { limits: { wholeBelow: MIB } });
  const here = (name: string): string => join(world.here, direction === 'upload' ? 'set' : 'in/set', name);
  const onPhone = (name: string): string => join(world.phoneFolder, 'DCIM/set', name);
  const [source, copy] = direction === 'upload' ? [here, onPhone] : [onPhone, here];
  for (const [name, size] of Object.entries(FILES))
    if (direction === 'upload') world.local(`set/${name}`, size, 1_700_000_000_000);
    else world.onPhone(`DCIM/set/${name}`, size, 1_700_000_000_000);
  await world.start();
  const request = requestOfSet(world, direction);
  const asked = (move: boolean): ReturnType<typeof request> => request({ onConflict: 'skip', move });
  const { transfer } = await asked(false);
  await until(() => world.engine.view(transfer).bytesConfirmed > 8 * MIB);
  await world.phone.unplug();
  await until(() => world.engine.devices.every(({ state }) => state.kind === 'gone'));
  meanwhile({ world, source, copy });
  world.phone.plug();
  await until(() => world.engine.devices[0]?.state.kind === 'ready');
  assert.deepEqual(await asked(true), { transfer, continued: true });
  const view = await world.engine.settled(transfer, { waitMs: 0, signal: AbortSignal.timeout(20_000) });
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  const { lines } = await world.engine.execute('report', { transfer, format: 'json' });
  return { world, source, copy, told: new Map(lines.map(({ name, detail }) => [name, detail ?? ''])) };
}

for (const direction of ['upload', 'download'] as const) {
  test(`every original goes: ${direction}`, async (t) => {
    const { source, copy, told } = await asMove(t, direction);
    for (const [name, size] of Object.entries(FILES)) {
      assert.equal(existsSync(source(name)), false, `${name}: ${told.get(`set/${name}`) ?? ''}`);
      assert.equal(readFileSync(copy(name)).byteLength, size);
      assert.match(told.get(`set/${name}`) ?? '', /^the original was deleted/);
    }
  });

  test(`an original whose copy was written to stays, and the report says why: ${direction}`, async (t) => {
    let original: Buffer | undefined;
    const { source, copy, told } = await asMove(t, direction, (asked) => {
      appendFileSync(asked.copy('a.txt'), 'x');
      original = readFileSync(asked.source('a.txt'));
    });
    assert.deepEqual(readFileSync(source('a.txt')), original);
    assert.equal(readFileSync(copy('a.txt')).byteLength, 1001);
    assert.match(told.get('set/a.txt') ?? '', /^the original was not deleted: .*differs/);
    assert.equal(existsSync(source('b.bin')), false);
  });

  test(`an original that was written to stays: ${direction}`, async (t) => {
    const { source } = await asMove(t, direction, (asked) => {
      appendFileSync(asked.source('a.txt'), 'x');
    });
    assert.equal(readFileSync(source('a.txt')).byteLength, 1001);
    assert.equal(existsSync(source('b.bin')), false);
  });
}

test('on a phone that tells every file as empty, all of the copies is read', async (t) => {
  const { source, copy } = await asMove(t, 'upload', undefined, { quirks: [['zero-sizes', 1]] });
  for (const [name, size] of Object.entries(FILES)) {
    assert.equal(existsSync(source(name)), false, name);
    assert.equal(readFileSync(copy(name)).byteLength, size);
  }
});
