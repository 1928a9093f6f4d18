import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Operation } from '../../../electron/mtp/wire/index.ts';
import { Desk, within } from '../desk.ts';
import { Window } from '../window.ts';
import type { Scenario } from './index.ts';

/** From the second chunk of a file on, every call is busy, until it is told otherwise. */
function busyFromSecondChunk(desk: Desk): { readonly isBusy: () => boolean } {
  let chunks = 0;
  let isBusy = false;
  desk.service.mode = {
    optimal: 65_536,
    before: (operation) => {
      if (operation !== Operation.SendPartialObject) return;
      chunks += 1;
      if (chunks !== 2) return;
      desk.service.mode = { busyEvery: 1 };
      isBusy = true;
    },
  };
  return { isBusy: () => isBusy };
}

export const busy: readonly Scenario[] = [
  {
    name: 'busy/first-plug',
    what: 'a phone that another program keeps busy from the start: said in words meanwhile, and used when it is free',
    run: async (windows) => {
      const desk = await Desk.set(windows, { busyEvery: 1 });
      try {
        const running = await desk.start('--json', 'serve');
        const window = await Window.of(running);
        const devices = window.stream('devices');
        const { devices: all } = await devices.until(
          'that another program has it',
          (so) => so.at(-1)?.devices[0]?.state.kind === 'held',
        );
        const state = all[0]?.state;
        assert.ok(state?.kind === 'held');
        assert.deepEqual([state.fault?.id, state.opening], ['phone-shared', true]);
        desk.service.mode = {};
        await devices.until('the phone', (so) => so.at(-1)?.devices[0]?.state.kind === 'ready');
        window.close();
        await running.kill();
        desk.assertClean();
      } finally {
        await desk.clear();
      }
    },
  },
  {
    name: 'busy/cancelled',
    what: 'a transfer that is cancelled while the driver is busy ends at once; what it left goes once the driver answers',
    run: async (windows) => {
      const desk = await Desk.set(windows);
      try {
        await desk.file('film.mp4', 40 * 1_048_576 + 7);
        const running = await desk.start('--json', 'serve');
        const window = await Window.of(running);
        const devices = window.stream('devices');
        const told = await devices.until('the phone', (all) => all.at(-1)?.devices[0]?.state.kind === 'ready');
        const [phone] = told.devices;
        const to = { device: phone?.key, storage: phone?.storages[0]?.key, path: '/Download' };
        const { isBusy } = busyFromSecondChunk(desk);
        await window.command('upload', { sources: [desk.windowsPath('film.mp4')], to });
        for (let looks = 0; !isBusy(); looks += 1) {
          assert.ok(looks < 3_000, 'a second chunk was sent');
          await sleep(20);
        }
        const transfers = window.stream('transfers');
        const { transfers: all } = await transfers.until('it', (so) => (so.at(-1)?.transfers.length ?? 0) > 0);
        await window.command('cancel', { transfer: all[0]?.id });
        await transfers.until('that it is cancelled', (so) => so.at(-1)?.transfers[0]?.state === 'cancelled');
        await devices.until('that another program has it', (so) => so.at(-1)?.devices[0]?.state.kind === 'held');
        desk.service.mode = {};
        for (let looks = 0; (await readdir(path.join(desk.storage, 'Download'))).length > 0; looks += 1) {
          assert.ok(looks < 600, 'what it had sent is removed');
          await sleep(100);
        }
        window.close();
        await running.kill();
        desk.assertClean();
      } finally {
        await desk.clear();
      }
    },
  },
  {
    name: 'busy/for-good',
    what: 'a driver that is busy for a minute is told as such; what was sent stays, and goes on later',
    isLong: true,
    run: async (windows) => {
      const desk = await Desk.set(windows);
      try {
        const content = await desk.file('film.mp4', 40 * 1_048_576 + 7);
        const { isBusy } = busyFromSecondChunk(desk);
        const running = await desk.start('push', desk.windowsPath('film.mp4'), '/Download', '--wait', '1');
        const { code, stdout, stderr } = await within(400_000, running, 'push');
        assert.ok(isBusy());
        assert.notEqual(code, 0, stdout);
        assert.match(stdout + stderr, /Another program on this computer[^]*keeps the phone busy/u);
        desk.service.mode = {};
        await desk.replug(['resume']);
        assert.ok(content.equals(await readFile(path.join(desk.storage, 'Download/film.mp4'))));
        desk.assertClean();
      } finally {
        await desk.clear();
      }
    },
  },
];
