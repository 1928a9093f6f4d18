import path from 'node:path';
import { PhoneError, endsConnection, fail, problemOf, type Problem } from '../../shared/errors.ts';
import type { DeviceKey, LocalPath } from '../../shared/domain.ts';
import type { FreedShot, FreeReport, NotFreed, PhotoCounts, PhotoPart, PhotoShot } from '../../shared/photos.ts';
import { digestFile, makeDurable, type Engine, type FileStats } from '../engine/index.ts';
import { lookAtCopy } from './freeable.ts';
import { importsFrom, importsOf, keyOf } from './known.ts';
import type { PhotoImport, PhotoStore } from './photo-store.ts';

/**
 * Freeing the phone. A file goes only if a copy that was imported from this very phone is still where it was saved, with
 * the same size, date and content, and the phone's file is still what was imported. The copy is brought to its disk before:
 * a power cut must not take the only one that is left. Both sides are read right before; the
 * phone's file is looked at once more in the turn in which it is deleted (`destroy-on-phone.ts`).
 */

/** What freeing asks of the engine. */
export type FreeEngine = Pick<Engine, 'disk' | 'devices' | 'sample' | 'digest' | 'deleteSeen'>;

/** What freeing works with. */
export interface FreeParts {
  readonly engine: FreeEngine;
  readonly store: PhotoStore;
  readonly device: DeviceKey;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/** A proven copy, or why there is none. */
type Proof =
  | { readonly copy: LocalPath; readonly sha256: string | undefined }
  | { readonly why: NotFreed; readonly problem?: Problem | undefined };

type Unproved = Extract<Proof, { readonly why: NotFreed }>;

const isUnproved = (proof: Proof): proof is Unproved => 'why' in proof;

/** Deletes shots whose copies are proved, one after the other. Nothing rejects but a store that cannot be read: the report says it all. */
export async function freeShots(parts: FreeParts, shots: readonly PhotoShot[]): Promise<FreeReport> {
  const imports = Map.groupBy(importsFrom(parts.engine, parts.store, parts.device), ({ size }) => size);
  const results: FreedShot[] = [];
  let lost: Problem | undefined;
  for (const [index, shot] of shots.entries()) {
    parts.onProgress?.(index, shots.length);
    if (lost === undefined && parts.signal?.aborted === true)
      lost = new PhoneError({ kind: 'cancelled', operation: 'free', detail: '' }).problem;
    if (lost !== undefined) {
      const [{ path }] = shot.parts;
      results.push({ shot, freed: false, deleted: [], gone: [], why: 'failed', path, problem: lost });
      continue;
    }
    const result = await freeShot(parts, shot, (size) => imports.get(size) ?? []);
    if (result.problem !== undefined && endsConnection(result.problem.kind)) lost = result.problem;
    results.push(result);
  }
  return { ...countsOf(results), shots: results };
}

/** The parts of a shot that were left where they are. */
const leftOf = ({ shot, deleted, gone }: FreedShot): readonly PhotoPart[] =>
  shot.parts.filter((part) => !deleted.includes(part) && !gone.includes(part));

function countsOf(results: readonly FreedShot[]): Pick<FreeReport, 'freed' | 'gone' | 'kept'> {
  const sum = (
    isOne: (result: FreedShot) => boolean,
    partsOf: (result: FreedShot) => readonly PhotoPart[],
  ): PhotoCounts => {
    const files = results.flatMap(partsOf);
    return {
      shots: results.filter(isOne).length,
      files: files.length,
      bytes: files.reduce((all, { size }) => all + size, 0),
    };
  };
  const isKept = (result: FreedShot): boolean => leftOf(result).length > 0;
  return {
    freed: sum(
      ({ freed }) => freed,
      ({ deleted }) => deleted,
    ),
    gone: sum(
      (result) => !result.freed && !isKept(result),
      ({ gone }) => gone,
    ),
    kept: sum(isKept, leftOf),
  };
}

/** All parts are proved before the first goes; each is proved again right before it does. Never rejects. */
async function freeShot(
  parts: FreeParts,
  shot: PhotoShot,
  importsOfSize: (size: number) => readonly PhotoImport[],
): Promise<FreedShot> {
  const deleted: PhotoPart[] = [];
  const gone: PhotoPart[] = [];
  const notFreed = ({ path }: PhotoPart, { why, problem }: Unproved): FreedShot => ({
    shot,
    freed: false,
    deleted,
    gone,
    why,
    path,
    problem,
  });
  let at: PhotoPart = shot.parts[0];
  try {
    if (shot.parts.length > 1)
      for (const part of shot.parts) {
        at = part;
        const proof = await prove(parts, part, importsOfSize(part.size));
        if (!isUnproved(proof)) continue;
        if (proof.why !== 'gone') return notFreed(part, proof);
        // whether the others are there decides what is told of them
        gone.push(part);
      }
    const [first] = gone;
    if (first !== undefined) return notFreed(first, { why: 'gone' });
    for (const part of shot.parts) {
      at = part;
      const proof = await prove(parts, part, importsOfSize(part.size));
      if (isUnproved(proof)) {
        if (proof.why === 'gone') gone.push(part);
        return notFreed(part, proof);
      }
      const place = { device: parts.device, storage: part.storage, path: part.path };
      const answer = await parts.engine.deleteSeen(place, {
        size: part.size,
        modified: part.modified,
        sha256: proof.sha256,
      });
      if (answer === 'gone') gone.push(part);
      if (answer !== 'done') return notFreed(part, { why: answer === 'gone' ? 'gone' : 'phone-changed' });
      deleted.push(part);
    }
  } catch (error) {
    return notFreed(at, { why: 'failed', problem: problemOf(error, 'free') });
  }
  return { shot, freed: true, deleted, gone, why: undefined, path: shot.parts[0].path, problem: undefined };
}

/** Looks for a copy that is proved to hold what the phone's file holds now. Rejects as reading the phone does. */
async function prove({ engine, device }: FreeParts, part: PhotoPart, imports: readonly PhotoImport[]): Promise<Proof> {
  if (!imports.some(({ copies }) => copies.length > 0)) return { why: 'not-imported' };
  const place = { device, storage: part.storage, path: part.path };
  let sample: string;
  try {
    sample = await engine.sample(place);
  } catch (error) {
    const problem = problemOf(error, 'free');
    if (endsConnection(problem.kind)) throw error;
    return problem.kind === 'missing' ? { why: 'gone' } : { why: 'failed', problem };
  }
  let best: Proof = { why: imports.some((row) => keyOf(row) === keyOf(part)) ? 'phone-changed' : 'not-imported' };
  for (const row of importsOf(part, sample, imports))
    for (const copy of row.copies) {
      const looked = await lookAtCopy(engine, row, copy);
      if ('why' in looked) {
        best = looked;
        continue;
      }
      const isOwn =
        keyOf(row) === keyOf(part) &&
        row.modified !== undefined &&
        row.modified === part.modified &&
        copy.verified !== undefined &&
        copy.modified !== undefined;
      // where samples and dates are all there is, every byte of both sides decides
      const whole = isOwn && row.sha256 === undefined ? undefined : await digestFile(engine.disk, copy.path);
      if (row.sha256 !== undefined && whole !== row.sha256) {
        best = { why: 'copy-changed' };
        continue;
      }
      if (!isOwn && (await engine.digest(place)) !== whole) {
        best = { why: 'phone-changed' };
        continue;
      }
      // an import leaves it to the system when a copy reaches the disk: now it is the only one
      await keepForGood(engine, copy.path);
      const again = await engine.disk.lstat(copy.path).catch(() => undefined);
      if (again === undefined || !isSameFile(again, looked.stats)) {
        best = { why: again === undefined ? 'copy-missing' : 'copy-changed' };
        continue;
      }
      return { copy: copy.path, sha256: whole };
    }
  return best;
}

/** Brings a copy to its disk, with its name and those of its folders. Rejects with `local-io` where no disk promises that. */
async function keepForGood({ disk }: Pick<Engine, 'disk'>, copy: LocalPath): Promise<void> {
  if (!(await makeDurable(disk, copy, path.parse(copy).root)))
    throw fail('local-io', 'sync', 'the disk does not promise to keep the copy through a power cut', { subject: copy });
}

const isSameFile = (one: FileStats, other: FileStats): boolean =>
  one.isFile() &&
  one.dev === other.dev &&
  one.ino === other.ino &&
  one.size === other.size &&
  one.mtimeMs === other.mtimeMs &&
  one.ctimeMs === other.ctimeMs;
