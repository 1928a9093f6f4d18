import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { Event } from '../../../electron/mtp/wire/index.ts';
import type { DevicesSnapshot, FolderSnapshot } from '../../../shared/snapshots.ts';
import { Desk } from '../desk.ts';
import { Window } from '../window.ts';
import type { Scenario } from './index.ts';

/** Names in a folder, after all that was told of it. */
function namesIn(told: readonly FolderSnapshot[]): readonly string[] {
  const from = told.findLastIndex(({ reset }) => reset);
  return told.slice(Math.max(0, from)).flatMap(({ entries }) => entries.map(({ name }) => name));
}

const sizeIn = (told: readonly FolderSnapshot[], file: string): number | undefined =>
  told.flatMap(({ entries }) => entries).findLast(({ name }) => name === file)?.size;

const device = (told: readonly DevicesSnapshot[]): DevicesSnapshot['devices'][number] | undefined =>
  told.at(-1)?.devices[0];

export const events: readonly Scenario[] = [
  {
    name: 'events',
    what: 'what happens on the phone shows in the window: files, folders, a change, a card, the cable',
    run: async (windows) => {
      const desk = await Desk.set(windows, {}, { sdDirectory: 'card' });
      try {
        const running = await desk.start('--json', 'serve');
        const window = await Window.of(running);
        const devices = window.stream('devices');
        const ready = await devices.until('the phone', (told) => device(told)?.state.kind === 'ready');
        const phone = ready.devices[0];
        const storage = phone?.storages[0];
        assert.ok(phone !== undefined && storage !== undefined);
        assert.equal(phone.storages.length, 2);
        const place = { device: phone.key, storage: storage.key, path: '/Download' };
        const folder = window.stream('folder', { place });
        await folder.until('the folder', (told) => told.at(-1)?.state === 'complete');
        // what Windows' driver tells of objects
        await desk.phone.touchFile('/Download/new.txt', 'new');
        await folder.until('a new file', (told) => namesIn(told).includes('new.txt'));
        await desk.phone.touchFolder('/Download/folder');
        await folder.until('a new folder', (told) => namesIn(told).includes('folder'));
        await desk.phone.touchRemove('/Download/new.txt');
        await folder.until('that a file is gone', (told) => !namesIn(told).includes('new.txt'));
        await desk.phone.touchFile('/Download/grows', 'a');
        await folder.until('a small file', (told) => sizeIn(told, 'grows') === 1);
        const handle = desk.service.told.findLast(({ code }) => code === Event.ObjectAdded)?.parameters[0] ?? 0;
        await desk.phone.touchAppend('/Download/grows', Buffer.from('bcd'));
        await folder.until('that it has grown', (told) => sizeIn(told, 'grows') === 4);
        // what it passes on as the phone's own
        await appendFile(path.join(desk.storage, 'Download/grows'), 'efghi');
        desk.service.tell(desk.phone, Event.ObjectPropChanged, [handle]);
        await folder.until('that it has grown again', (told) => sizeIn(told, 'grows') === 9);
        // of storages, which are objects for it
        desk.phone.removeStorage(1);
        await devices.until('that the card is gone', (told) => device(told)?.storages.length === 1);
        desk.phone.insertStorage(1);
        await devices.until('the card', (told) => device(told)?.storages.length === 2);
        // and of the device itself
        await desk.phone.unplug();
        await devices.until('that the phone is gone', (told) => device(told)?.state.kind !== 'ready');
        desk.phone.plug();
        await devices.until('the phone again', (told) => device(told)?.state.kind === 'ready');
        window.close();
        await running.kill();
        desk.assertClean();
      } finally {
        await desk.clear();
      }
    },
  },
];
