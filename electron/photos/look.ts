import { createHash } from 'node:crypto';
import { ROOT, baseNameOf, joinPhonePath, type DeviceKey, type PhonePath } from '../../shared/domain.ts';
import { endsConnection, fail, problemOf, type Problem } from '../../shared/errors.ts';
import type { PhotoLook, PhotoShot } from '../../shared/photos.ts';
import type { Engine } from '../engine/index.ts';
import { bestDate, readOrigin, type Origin } from './dates.ts';
import type { PhoneFile } from './photo-store.ts';
import { countsIn, entersFolder, isBelowAny, isMedia } from './which-files.ts';

/** A look at a phone's photos: its folders listed, and what new files say of themselves read. */

/** What a look asks of the engine. */
export type LookEngine = Pick<Engine, 'devices' | 'scan' | 'openFile' | 'isMoving' | 'digest'>;

/** How a look is to go. */
export interface LookOptions {
  readonly messengers: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onLook?: ((look: PhotoLook) => void) | undefined;
}

/** All photos, videos and parts of them that a phone has. */
export interface Listing {
  readonly files: readonly PhoneFile[];
  /** Folders that could not be listed: what is missing may be in them. Or that the phone tells no sizes: then nothing is. */
  readonly problems: readonly Problem[];
}

/**
 * Lists all storages of a phone. Rejects with `disconnected` where it is not ready, when the connection ends, and with
 * `cancelled`; a storage that goes meanwhile is a problem of the listing.
 */
export async function listPhotos(engine: LookEngine, key: DeviceKey, options: LookOptions): Promise<Listing> {
  const device = engine.devices.find((one) => one.key === key);
  if (device?.state.kind !== 'ready') throw fail('disconnected', 'photos', '', { subject: device?.name });
  const files: PhoneFile[] = [];
  const toldEmpty: PhoneFile[] = [];
  const problems: Problem[] = [];
  let folders = 0;
  for (const { key: storage } of device.storages) {
    const hidden = new Set<PhonePath>();
    const found: PhoneFile[] = [];
    try {
      for await (const folder of engine.scan(
        { device: key, storage, path: ROOT },
        { signal: options.signal, enter: (path) => entersFolder(path, options.messengers) },
      )) {
        folders += 1;
        if (folder.problem !== undefined) problems.push(folder.problem);
        // what is not described may be a photo
        else if (folder.unreadable > 0)
          problems.push({
            kind: 'confused',
            operation: 'list',
            detail: `${folder.unreadable} objects cannot be described`,
            subject: folder.path,
          });
        if (folder.entries.some(({ name }) => name.toLowerCase() === '.nomedia')) hidden.add(folder.path);
        if (folder.path !== ROOT && countsIn(folder.path, options.messengers))
          for (const { kind, name, size, modified } of folder.entries)
            if (kind === 'file' && isMedia(name)) {
              const file = { storage, path: joinPhonePath(folder.path, name), size, modified };
              if (size > 0) found.push(file);
              else toldEmpty.push(file);
            }
        options.onLook?.({ kind: 'listing', folders, files: files.length + found.length });
      }
    } catch (error) {
      const problem = problemOf(error, 'photos');
      if (endsConnection(problem.kind) || problem.kind === 'cancelled' || problem.kind === 'internal') throw error;
      problems.push(problem);
    }
    // two objects of one name cannot be told apart by their path
    const once = new Map(found.filter(({ path }) => !isBelowAny(path, hidden)).map((file) => [file.path, file]));
    files.push(...once.values());
  }
  if (files.length === 0 && (await isSomethingIn(engine, key, toldEmpty)))
    problems.push({
      kind: 'unsupported',
      operation: 'photos',
      detail: `all ${toldEmpty.length} files are told as empty, and are not`,
      subject: device.name,
      fault: { id: 'sizes-untold' },
      advice: { id: 'sizes-untold' },
    });
  return { files, problems };
}

/** SHA-256 of nothing. */
const NOTHING = createHash('sha256').digest('hex');

/**
 * Whether a file that is told as empty has something in it: some phones say so of every file. By its size a file is known again,
 * so of such a phone nothing can be offered. One that can be read tells. Rejects when the connection ends.
 */
async function isSomethingIn(engine: LookEngine, device: DeviceKey, files: readonly PhoneFile[]): Promise<boolean> {
  const [file] = files;
  if (file === undefined) return false;
  try {
    return (await engine.digest({ device, storage: file.storage, path: file.path })) !== NOTHING;
  } catch (error) {
    if (endsConnection(problemOf(error, 'photos').kind)) throw error;
    return false;
  }
}

/** What a file of a phone says of itself; nothing where it cannot be read. Rejects when the connection ends. */
export async function originOf(engine: LookEngine, device: DeviceKey, file: PhoneFile): Promise<Origin> {
  try {
    const open = await engine.openFile(
      { device, storage: file.storage, path: file.path },
      { priority: 'bulk', readAhead: false, keep: false, patienceMs: 0 },
    );
    try {
      return await readOrigin(baseNameOf(file.path), open.size, (offset, length) => open.read(offset, length));
    } finally {
      open.close();
    }
  } catch (error) {
    if (endsConnection(problemOf(error, 'photos').kind)) throw error;
    return { taken: undefined, camera: undefined };
  }
}

/** The date of a file before anybody has looked into it. */
export const dateAtFirst = ({ path, modified }: PhoneFile): ReturnType<typeof bestDate> =>
  bestDate(baseNameOf(path), modified, undefined);

/** A shot with the date that its picture says. */
export function dated(shot: PhotoShot, origin: Origin): PhotoShot {
  const [first] = shot.parts;
  const { taken, from } = bestDate(baseNameOf(first.path), first.modified, origin.taken);
  return { ...shot, taken, takenFrom: from };
}
