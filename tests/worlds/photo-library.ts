import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { nodeDisk, type Disk } from '../../electron/engine/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { PhotoWorld } from './photo-world.ts';
import { bytesFor } from './world.ts';

/** A large library under other names, and a phone of which most is known. */

const DATE = Date.UTC(2020, 0, 1, 12);
const MOST = 48 * 1024;

/** The computer's files, with how much is read of each. */
function countingDisk(): { readonly disk: Disk; readonly read: Map<string, number> } {
  const read = new Map<string, number>();
  const disk: Disk = {
    ...nodeDisk,
    open: async (path, how, permissions) => {
      const file = await nodeDisk.open(path, how, permissions);
      return new Proxy(file, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          if (name !== 'read') return value.bind(target) as unknown;
          return async (...given: Parameters<typeof file.read>) => {
            const answer = await target.read(...given);
            read.set(path, (read.get(path) ?? 0) + answer.bytesRead);
            return answer;
          };
        },
      });
    },
  };
  return { disk, read };
}

/** A file with a beginning of its own and a hole behind it; many have the same size. */
function picture(path: string, index: number): void {
  const file = openSync(path, 'w');
  writeSync(file, bytesFor(`picture ${index}`, 64));
  ftruncateSync(file, 60_000 + (index % 20_000));
  closeSync(file);
  utimesSync(path, DATE / 1000 + index, DATE / 1000 + index);
}

/** Sizes of the case. */
export interface LibraryCase {
  readonly library: number;
  readonly phone: number;
  readonly known: number;
}

/** What it cost, for the documents. */
export interface LibraryCost {
  readonly lookMs: number;
  readonly againMs: number;
  readonly phoneBytes: number;
  readonly localBytes: number;
}

/** Goes through the case, and fails where a promise is broken. */
export async function knownPhone({ library, phone, known }: LibraryCase): Promise<LibraryCost> {
  const { disk, read } = countingDisk();
  const world = new PhotoWorld({}, { disk });
  try {
    const folder = world.folderHere('library');
    for (let index = 0; index < library; index += 1) {
      const year = join(folder, `album ${index % 50}`);
      if (index < 50) mkdirSync(year, { recursive: true });
      picture(join(year, `holiday ${index}.jpg`), index);
    }
    const camera = join(world.phoneFolder, 'DCIM/Camera');
    mkdirSync(camera, { recursive: true });
    const onPhone = (index: number): string => join(camera, `IMG_${String(index).padStart(5, '0')}.jpg`);
    for (let index = 0; index < phone; index += 1)
      if (index < known) {
        copyFileSync(join(folder, `album ${index % 50}`, `holiday ${index}.jpg`), onPhone(index));
        utimesSync(onPhone(index), DATE / 1000 + index * 7, DATE / 1000 + index * 7);
      } else picture(onPhone(index), library + index);
    await world.start();
    const wish = { library: [folder] };

    const started = performance.now();
    const before = world.phone.bytesMoved;
    await world.look(wish);
    const lookMs = performance.now() - started;
    const phoneBytes = world.phone.bytesMoved - before;
    assert.equal(world.photos.shots(world.device, { states: ['new'] }).length, phone - known);
    assert.equal(world.photos.shots(world.device, { states: ['in-library'] }).length, known);
    // samples of each, and what listing them takes
    assert.ok(phoneBytes <= phone * (MOST + 1_024), `${phoneBytes} bytes`);
    assert.equal(world.phone.timesSeen(Operation.GetObject), 0);
    for (const [path, bytes] of read) assert.ok(bytes <= MOST, `${path}: ${bytes}`);
    const localBytes = [...read.values()].reduce((sum, bytes) => sum + bytes, 0);

    const view = await world.import();
    assert.equal(view?.counts.moved.files, phone - known);
    const again = performance.now();
    const moved = world.phone.bytesMoved;
    await world.look(wish);
    const againMs = performance.now() - again;
    assert.equal(world.photos.shots(world.device, { states: ['new'] }).length, 0);
    assert.equal(await world.import(), undefined);
    assert.ok(world.phone.bytesMoved - moved <= phone * 1_024, 'nothing is read the second time');

    // culled, and renamed on the phone
    rmSync(world.folderHere('photos'), { recursive: true });
    const some = Math.min(20, Math.floor(known / 2));
    for (let index = 0; index < some; index += 1) renameSync(onPhone(index), join(camera, `renamed ${index}.jpg`));
    for (let index = known; index < known + some && index < phone; index += 1)
      renameSync(onPhone(index), join(camera, `renamed ${index}.jpg`));
    assert.equal(await world.lookAndImport(wish), 0);
    return { lookMs, againMs, phoneBytes, localBytes };
  } finally {
    await world.end();
    await world.photos.stop();
  }
}
