import { defined } from '../../shared/defined.ts';
import type { PhotoCounts } from '../../shared/photos.ts';
import type { PhotoCommands } from '../engine/bridge-host.ts';
import { daysOf } from './days.ts';
import { countsOf } from './phone-session.ts';
import type { Photos } from './photos.ts';
import { exampleOf } from './example.ts';

const all = (): boolean => true;

/** The contract's commands of photos, answered by `Photos`: what a window asks. */
export function photoCommands(photos: Photos): Required<PhotoCommands> {
  return {
    photosLook: async ({ device }) => {
      await photos.look(device);
      photos.date(device);
    },
    photosDays: async ({ device, filter }) => {
      const shots = photos.shots(device, filter);
      return { days: daysOf(shots), counts: countsOf(shots, all) };
    },
    photosShots: async ({ device, filter, offset, limit }) => {
      const shots = photos.shots(device, filter);
      return { total: shots.length, shots: shots.slice(offset, offset + limit) };
    },
    photosIds: async ({ device, filter }) => ({ ids: photos.shots(device, filter).map(({ id }) => id) }),
    photosImport: async ({ device, ...wish }) => {
      const { transfer, secondTransfer, counts } = await photos.import(device, defined(wish));
      return { transfer, second: secondTransfer, counts };
    },
    photosExample: async ({ device, folders, names }) => ({
      path: exampleOf(device === undefined ? undefined : photos.shots(device)[0], { folders, names }),
    }),
    photosSettings: async ({ to, also, ...change }) => {
      if (also !== undefined) await photos.saveSecond(also === '' ? undefined : also);
      return photos.saveSettings({
        ...defined(change),
        ...(to === undefined ? {} : { to: to === '' ? undefined : to }),
      });
    },
    photosAutomatic: async ({ device, on }) => photos.setAutomatic(device, on),
    photosNotNow: async ({ device }) => photos.notNow(device),
    photosFreeable: async ({ device, ...limits }) => {
      const shots = await photos.freeable(device, limits);
      const counts: PhotoCounts = countsOf(
        shots.map(({ shot }) => shot),
        all,
      );
      return { counts, shots };
    },
    photosFree: ({ device, shots }) => photos.free(device, shots),
  };
}
