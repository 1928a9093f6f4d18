import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { baseNameOf, localPath, type Device, type LocalPath, type TransferId } from '../../shared/domain.ts';
import { stemOf } from '../../shared/media-kinds.ts';
import type { PhotoCounts, PhotoPart, PhotoShot } from '../../shared/photos.ts';
import { localNameOf, tryNames, type Engine, type ItemsRequest, type SecondPlace } from '../engine/index.ts';
import type { Origin } from './dates.ts';
import { ORIGIN } from './record.ts';
import { checkTemplate, PhotoTargets } from './template.ts';

/** An import as a transfer of the engine: which files, and where each goes. */

/** What an import asks of the engine. */
export type ImportEngine = Pick<Engine, 'disk' | 'enqueueItems' | 'tidyTrials'>;

/** What is to be imported, and how. */
export interface ImportPlanParts {
  readonly engine: ImportEngine;
  readonly platform: NodeJS.Platform;
  readonly device: Device;
  readonly to: LocalPath;
  readonly folders: string;
  readonly names: string;
  /** With the origin of each. */
  readonly shots: readonly { readonly shot: PhotoShot; readonly origin: Origin }[];
  /** Which parts are taken. */
  readonly takes: (part: PhotoPart) => boolean;
  /** Where copies of a part were saved before. */
  readonly copiesOf: (part: PhotoPart) => readonly LocalPath[];
  /** Places that an import under way is going to fill. */
  readonly reserved: readonly LocalPath[];
}

/** A file and where it is to go. */
export interface PlannedFile {
  readonly shot: PhotoShot;
  readonly part: PhotoPart;
  /** Below the destination, with `/`. */
  readonly target: string;
}

/** Gives each file its place; the oldest shot first, so that counters count in time. Throws `bad-request` for a template. */
export async function planImport(parts: ImportPlanParts): Promise<readonly PlannedFile[]> {
  const { engine, platform, device, to, folders, names, takes, reserved } = parts;
  checkTemplate(folders);
  checkTemplate(names);
  if (!parts.shots.some(({ shot }) => shot.parts.some(takes))) return [];
  const { names: disk, isLeft } = await tryNames(engine.disk, to, platform, randomBytes(4).toString('hex'));
  // its disk went meanwhile, and comes back with what it was tried with
  if (isLeft) engine.tidyTrials(to, true);
  const below = Map.groupBy(reserved, (target) => path.dirname(target));
  const targets = new PhotoTargets(
    { folders, names, legal: (name) => localNameOf(name, disk), foldsCase: disk.insensitive },
    async (folder) => {
      const at = path.join(to, ...folder.split('/'));
      const there = await engine.disk.readdir(at).catch(() => []);
      return [...there, ...(below.get(at) ?? []).map((target) => path.basename(target))];
    },
  );
  const planned: PlannedFile[] = [];
  for (const { shot, origin } of parts.shots.toReversed()) {
    const taken = shot.parts.filter(takes);
    if (taken.length === 0) continue;
    const names = taken.map((part) => baseNameOf(part.path));
    const others = shot.parts.filter((part) => !takes(part));
    const places =
      (await placesBeside(parts, targets, others, names)) ??
      (await targets.give(names, { taken: shot.taken, camera: origin.camera ?? device.model }));
    for (const [index, part] of taken.entries()) planned.push({ shot, part, target: places[index] ?? '' });
  }
  return planned;
}

/**
 * Places beside the copy of another part of the shot, under its name: a raw file that came later than its picture stays with
 * it. `undefined` where there is no such copy, or a name is taken.
 */
async function placesBeside(
  { engine, to, copiesOf }: Pick<ImportPlanParts, 'engine' | 'to' | 'copiesOf'>,
  targets: PhotoTargets,
  others: readonly PhotoPart[],
  names: readonly string[],
): Promise<readonly string[] | undefined> {
  for (const other of others) {
    const stem = stemOf(baseNameOf(other.path));
    if (names.some((name) => stemOf(name) !== stem)) continue;
    for (const copy of copiesOf(other)) {
      const folder = path.relative(to, path.dirname(copy)).split(path.sep).join('/');
      if (path.isAbsolute(folder) || folder.startsWith('..')) continue;
      if ((await engine.disk.lstat(copy).catch(() => undefined))?.isFile() !== true) continue;
      const given = await targets.giveBeside(folder, stemOf(path.basename(copy)), names);
      if (given !== undefined) return given;
    }
  }
  return undefined;
}

/** Figures of planned files. */
export const countsOf = (files: readonly Pick<PlannedFile, 'shot' | 'part'>[]): PhotoCounts => ({
  shots: new Set(files.map(({ shot }) => shot.id)).size,
  files: files.length,
  bytes: files.reduce((sum, { part }) => sum + part.size, 0),
});

/** Names were free when they were given; what has one by now is somebody else's. */
export const IMPORT_OPTIONS = { onConflict: 'keep-both', onName: 'legal', large: 'resumable', move: false } as const;

/** Queues the files as one transfer; `undefined` where there are none. Rejects as `enqueueItems` does. */
export async function enqueueImport(
  {
    engine,
    device,
    to,
    mount,
    second,
  }: Pick<ImportPlanParts, 'engine' | 'device' | 'to'> & {
    readonly mount: string | undefined;
    readonly second: SecondPlace | undefined;
  },
  files: readonly PlannedFile[],
): Promise<TransferId | undefined> {
  const [first] = files;
  if (first === undefined) return undefined;
  const stats = await engine.disk.stat(to).catch(() => undefined);
  const name = baseNameOf(first.part.path);
  const request: ItemsRequest = {
    direction: 'download',
    device: device.key,
    storage: first.part.storage,
    destination: to,
    destinationExists: stats?.isDirectory() === true,
    mount,
    title: files.length === 1 ? name : `${name} + ${files.length - 1}`,
    origin: ORIGIN,
    second,
    items: files.map(({ part, target }) => ({
      kind: 'file',
      name: target,
      local: localPath(path.join(to, ...target.split('/'))),
      storage: part.storage,
      phone: part.path,
      size: part.size,
      modified: part.modified,
    })),
    options: IMPORT_OPTIONS,
  };
  return engine.enqueueItems(request);
}
