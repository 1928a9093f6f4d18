import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PhotoWorld } from './photo-world.ts';

/**
 * Seeded histories of somebody who takes, edits, renames, copies and deletes pictures on both sides, imports and frees.
 * Oracle: a multiset of contents. Replug itself never removes the last copy of a content.
 */

/** Mulberry32: the same numbers for the same seed everywhere. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

const DATE = Date.UTC(2024, 2, 3, 12, 5, 6) / 1000;
/** Below and above what is sampled; few, so that sizes meet. */
const SIZES = [900, 900, 40_000, 70_000, 200_000, 200_000];

/** What one history did. */
export interface Told {
  readonly freed: number;
  readonly kept: number;
  readonly imported: number;
}

/** Plays one history. Throws with the seed where a content was lost by Replug. */
export async function playHistory(seed: number, steps: number): Promise<Told> {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T | undefined => list[random(list.length)];
  const world = new PhotoWorld();
  const [phone, here] = [join(world.phoneFolder, 'DCIM'), world.folderHere('photos')];
  mkdirSync(phone, { recursive: true });
  let made = 0;
  const told = { freed: 0, kept: 0, imported: 0 };
  const log: string[] = [];
  const take = (): void => {
    made += 1;
    const size = pick(SIZES) ?? 900;
    const bytes = Buffer.alloc(size, made % 251);
    bytes.writeUInt32LE(made, random(3) === 0 ? Math.floor(size / 3) : 0);
    const name = `${pick(['IMG_1', 'IMG_2', 'IMG_3', `IMG_${made}`]) ?? ''}.${pick(['jpg', 'dng', 'mp4']) ?? ''}`;
    const path = join(phone, pick(['Camera', 'Other']) ?? '', name);
    if (existsSync(path)) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    utimesSync(path, DATE + random(3), DATE + random(3));
  };
  /** Somebody changes a file: some bytes anywhere, its length, its date or not. */
  const edit = (path: string): void => {
    const { mtimeMs, size } = statSync(path);
    const bytes = readFileSync(path);
    switch (random(4)) {
      case 0:
        writeFileSync(path, bytes.subarray(0, Math.max(1, size - 1 - random(size))));
        break;
      case 1:
        writeFileSync(path, Buffer.concat([bytes, Buffer.from([random(256)])]));
        break;
      default: {
        made += 1;
        // where samples see it; on the computer also where they do not
        const at = path.startsWith(here) ? random(size) : pick([0, Math.floor(size / 2), size - 4]);
        bytes.writeUInt32LE((made * 2_654_435_761) >>> 0, Math.max(0, Math.min(at ?? 0, size - 4)));
        writeFileSync(path, bytes);
      }
    }
    if (random(2) === 0) utimesSync(path, mtimeMs / 1000, mtimeMs / 1000);
  };
  const anything = (folder: string): string | undefined => pick(filesIn(folder));
  const person = (): void => {
    const side = random(2) === 0 ? phone : here;
    const path = anything(side);
    switch (random(7)) {
      case 0:
      case 1:
        return take();
      case 2:
        if (path !== undefined && statSync(path).size > 8) edit(path);
        return;
      case 3:
        if (path !== undefined && !existsSync(`${path}.moved.jpg`)) renameSync(path, `${path}.moved.jpg`);
        return;
      case 4:
        if (path !== undefined) rmSync(path);
        return;
      case 5: {
        // another file takes the place of one, with its size and date if they allow it
        const other = anything(side);
        if (path === undefined || other === undefined || other === path) return;
        const { mtimeMs } = statSync(path);
        renameSync(other, path);
        if (random(2) === 0) utimesSync(path, mtimeMs / 1000, mtimeMs / 1000);
        return;
      }
      default:
        if (path !== undefined && !existsSync(`${path}.copy.jpg`))
          writeFileSync(`${path}.copy.jpg`, readFileSync(path));
    }
  };
  const contents = (): ReadonlySet<string> => new Set([...filesIn(phone), ...filesIn(here)].map(digestOf));
  try {
    for (let count = 0; count < 4; count += 1) take();
    await world.start();
    for (let step = 0; step < steps; step += 1) {
      for (let count = random(4); count > 0; count -= 1) person();
      const before = contents();
      const isFreeing = random(3) > 0;
      await world.look();
      if (isFreeing) {
        // whatever is shown is asked to go, not only what is said to have a copy
        const ids = world.photos.shots(world.device).map(({ id }) => id);
        // and somebody may be at work between the look and the deletion
        if (random(3) === 0) {
          const path = anything(random(2) === 0 ? phone : here);
          if (path !== undefined && statSync(path).size > 8) edit(path);
        }
        const known = contents();
        const report = await world.photos.free(world.device, ids);
        told.freed += report.freed.shots;
        told.kept += report.kept.shots;
        log.push(`free ${JSON.stringify(report.shots.map(({ path, freed, why }) => [path, freed, why]))}`);
        const left = contents();
        for (const content of known)
          if (!left.has(content)) throw new Error(`seed ${seed}, step ${step}: a content is gone\n${log.join('\n')}`);
        continue;
      }
      const view = await world.import();
      told.imported += view?.counts.moved.files ?? 0;
      const left = contents();
      for (const content of before)
        if (!left.has(content)) throw new Error(`seed ${seed}, step ${step}: an import lost a content`);
    }
    return told;
  } finally {
    await world.end();
    await world.photos.stop();
  }
}
