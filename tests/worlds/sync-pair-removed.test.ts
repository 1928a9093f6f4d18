import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginSync, DATE, DAY } from './sync-world.ts';
import { until } from './until.ts';

const MIB = 1024 * 1024;

for (const direction of ['to-computer', 'to-phone'] as const)
  test(`a pair that is removed leaves nothing to be copied, and what is copied stays: ${direction}`, async (t) => {
    const world = beginSync(t, { rate: 20 * MIB });
    const isToPhone = direction === 'to-phone';
    if (isToPhone) world.onPhone('Docs/its.txt', 100, DATE);
    for (const [name, size, modified] of [
      ['a.txt', 1_000, DATE + DAY],
      ['big.bin', 30 * MIB, DATE],
    ] as const)
      if (isToPhone) world.local(`docs/${name}`, size, modified);
      else world.onPhone(`Docs/${name}`, size, modified);
    await world.start();
    const { device } = world.place('/');
    const pair = world.pair('/Docs', 'docs', { direction });
    const running = world.run(pair, { waitMs: 0 });
    const transfer = () => world.engine.transfersFrom(`sync:${pair.id}`)[0]?.id;
    const moved = (): number => {
      const id = transfer();
      return id === undefined ? 0 : world.engine.view(id).bytesConfirmed;
    };
    await until(() => moved() > 4 * MIB);
    await world.phone.unplug();
    assert.equal((await running).run.state, 'interrupted');
    const id = transfer();
    assert.ok(id !== undefined);
    await world.sync.removePair(pair.id);
    world.phone.plug();
    await until(() => world.engine.devices[0]?.state.kind === 'ready' && world.store.leftovers(device).length === 0);
    const { counts, finishedAt } = world.engine.view(id);
    assert.notEqual(finishedAt, undefined);
    assert.equal(counts.cancelled, 1);
    const names = await (isToPhone ? world.phoneNames('Docs') : world.names('docs'));
    assert.deepEqual(names, isToPhone ? ['a.txt', 'its.txt'] : ['a.txt']);
    assert.deepEqual(world.sync.pairs(), []);
  });
