import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Operation } from '../../../electron/mtp/wire/index.ts';
import { VirtualPhone } from '../../../electron/virtual/index.ts';
import type { DevicesSnapshot } from '../../../shared/snapshots.ts';
import { Desk, within } from '../desk.ts';
import { Window } from '../window.ts';
import type { Scenario } from './index.ts';

type Hang = 'until-cancel' | 'for-good';

const EXIT = path.resolve(import.meta.dirname, '../on-windows/exit.ts');

const named = (told: readonly DevicesSnapshot[], name: string): DevicesSnapshot['devices'][number] | undefined =>
  told.at(-1)?.devices.find((one) => one.name === name);

/** Makes one call hang: the one that is `count`-th of `operation` on the desk's phone. */
function hangOnce(desk: Desk, how: Hang, operation: number, count: number): { readonly hangs: () => boolean } {
  let met = 0;
  desk.service.mode = {
    hang: (phone, kind, of) => {
      if (phone !== desk.phone || kind !== 'R' || of !== operation) return undefined;
      met += 1;
      return met === count ? how : undefined;
    },
  };
  return { hangs: () => met >= count };
}

const besides = (how: Hang, what: string): Scenario => ({
  name: `hang/${how}`,
  what,
  run: async (windows) => {
    const desk = await Desk.set(windows);
    const second = new VirtualPhone({
      directory: path.join(desk.local, '../second'),
      createDefaultFolders: true,
      serial: 'SECOND1',
      maker: 'Google',
      name: 'Pixel 8',
    });
    try {
      // the first of them is a probe's
      const { hangs } = hangOnce(desk, how, Operation.GetDeviceInfo, 2);
      const running = await desk.start('--json', 'serve');
      const window = await Window.of(running);
      const devices = window.stream('devices');
      const isReady = (name: string) => (told: readonly DevicesSnapshot[]) => named(told, name)?.state.kind === 'ready';
      for (let looks = 0; !hangs(); looks += 1) {
        assert.ok(looks < 3_000, `no call hangs: ${JSON.stringify([devices.so, desk.service.log])}`);
        await sleep(20);
      }
      // another phone is plugged in, opened and listed while the call hangs
      desk.service.phones.push(second);
      const other = named([await devices.until('the other phone', isReady('Pixel 8'))], 'Pixel 8');
      const place = { device: other?.key, storage: other?.storages[0]?.key, path: '/Download' };
      const folder = window.stream('folder', { place });
      await folder.until('the other phone’s folder', (told) => told.at(-1)?.state === 'complete');
      assert.ok(!isReady('Pixel 9')(devices.so), 'the first still hangs');
      // its limit runs out: it is told as not responding, its call cancelled or its thread given up
      await devices.until('that it does not respond', (told) =>
        told.some((one) => named([one], 'Pixel 9')?.state.kind === 'recovering'),
      );
      await devices.until('both phones', (told) => isReady('Pixel 9')(told) && isReady('Pixel 8')(told));
      assert.ok(desk.service.cancels > 0, 'it was cancelled from another thread');
      await desk.phone.unplug();
      await devices.until('that it is unplugged', (told) => !isReady('Pixel 9')(told));
      assert.ok(isReady('Pixel 8')(devices.so), 'the other phone stays');
      desk.phone.plug();
      await devices.until('the phone again', isReady('Pixel 9'));
      window.close();
      await running.kill();
      desk.assertClean();
    } finally {
      await desk.clear();
      await second.dispose();
    }
  },
});

export const hangs: readonly Scenario[] = [
  besides('until-cancel', 'a call that hangs is cancelled from another thread; the other phone goes on'),
  besides(
    'for-good',
    'a call that cannot be cancelled costs its thread; the other phone goes on, and this one comes back',
  ),
  {
    name: 'hang/end',
    what: 'a call that never comes back does not keep the program from ending',
    isLong: true,
    run: async (windows) => {
      const desk = await Desk.set(windows);
      try {
        const { hangs } = hangOnce(desk, 'for-good', Operation.GetDeviceInfo, 2);
        await desk.phone.touchFile('/Download/here', 'here');
        // opened again by another thread, and listed; the one that hangs is still there in the end
        const listing = await desk.replug(['ls', '/Download', '--wait', '60']);
        assert.ok(hangs());
        assert.match(listing, /here/u);
        desk.assertClean();
      } finally {
        await desk.clear();
      }
    },
  },
  {
    name: 'hang/exit',
    what: 'a program that ends while a call hangs is gone at once, with its own exit code',
    run: async (windows) => {
      const desk = await Desk.set(windows);
      try {
        desk.service.mode = { hang: (_phone, kind) => (kind === 'X' ? 'for-good' : undefined) };
        const running = await desk.script(windows.path(EXIT), windows.program, '7');
        const { code, stdout, stderr } = await within(60_000, running, 'exit');
        assert.deepEqual([code, stdout.trim()], [7, 'ends'], stderr);
        desk.assertClean();
      } finally {
        await desk.clear();
      }
    },
  },
];
