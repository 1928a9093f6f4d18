import path from 'node:path';
import { PhoneError, endsConnection, fail, problemOf, type Problem } from '../../shared/errors.ts';
import type { DeviceKey, LocalPath } from '../../shared/domain.ts';
import type { FreedShot, FreeReport, KeptOnPhone, PhotoPart, PhotoShot } from '../../shared/photos.ts';
import { digestFile, makeDurable, type Engine, type FileStats } from '../engine/index.ts';
import { lookAtCopy } from './freeable.ts';
import { importsOf, keyOf } from './known.ts';
import type { PhotoImport, PhotoStore } from './photo-store.ts';

/**
 * Freeing the phone. A file goes only if a copy that was imported from this very phone is still where it was saved, with
 * the same size, date and content, and the phone's file is still what was imported. The copy is brought to its disk before:
 * a power cut must not take the only one that is left. Both sides are read right before; the
 * phone's file is looked at once more in the turn in which it is deleted (`destroy-on-phone.ts`).
 */

/** What freeing asks of the engine. */
export type FreeEngine = Pick<Engine, 'disk' | 'sample' | 'digest' | 'deleteSeen'>;

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
  | { readonly why: KeptOnPhone; readonly problem?: Problem | undefined };

const isKept = (proof: Proof): proof is Extract<Proof, { readonly why: KeptOnPhone }> => 'why' in proof;

/** Deletes shots whose copies are proved, one after the other. Nothing rejects but a store that cannot be read: the report says it all. */
export async function freeShots(parts: FreeParts, shots: readonly PhotoShot[]): Promise<FreeReport> {
  const imports = Map.groupBy(parts.store.imports(parts.device), ({ size }) => size);
  const results: FreedShot[] = [];
  let lost: Problem | undefined;
  for (const [index, shot] of shots.entries()) {
    parts.onProgress?.(index, shots.length);
    if (lost === undefined && parts.signal?.aborted === true)
      lost = new PhoneError({ kind: 'cancelled', operation: 'free', detail: '' }).problem;
    if (lost !== undefined) {
      results.push({ shot, freed: false, gone: [], why: 'failed', path: shot.parts[0].path, problem: lost });
      continue;
    }
    const result = await freeShot(parts, shot, (size) => imports.get(size) ?? []);
    if (result.problem !== undefined && endsConnection(result.problem.kind)) lost = result.problem;
    results.push(result);
  }
  const counts = (freed: boolean): FreeReport['freed'] => {
    const files = results.flatMap(({ shot, gone }) =>
      freed ? gone : shot.parts.filter((part) => !gone.includes(part)),
    );
    return {
      shots: results.filter((one) => one.freed === freed).length,
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
    };
  };
  return { freed: counts(true), kept: counts(false), shots: results };
}

/** All parts are proved before the first goes; each is proved again right before it does. Never rejects. */
async function freeShot(
  parts: FreeParts,
  shot: PhotoShot,
  importsOfSize: (size: number) => readonly PhotoImport[],
): Promise<FreedShot> {
  const gone: PhotoPart[] = [];
  const kept = (part: PhotoPart, { why, problem }: Extract<Proof, { readonly why: KeptOnPhone }>): FreedShot => ({
    shot,
    freed: false,
    gone,
    why,
    path: part.path,
    problem,
  });
  let at: PhotoPart = shot.parts[0];
  try {
    if (shot.parts.length > 1)
      for (const part of shot.parts) {
        at = part;
        const proof = await prove(parts, part, importsOfSize(part.size));
        if (isKept(proof)) return kept(part, proof);
      }
    for (const part of shot.parts) {
      at = part;
      const proof = await prove(parts, part, importsOfSize(part.size));
      if (isKept(proof)) return kept(part, proof);
      const place = { device: parts.device, storage: part.storage, path: part.path };
      const answer = await parts.engine.deleteSeen(place, {
        size: part.size,
        modified: part.modified,
        sha256: proof.sha256,
      });
      // gone already: nothing of it is left to be freed, and nothing was lost by it
      if (answer !== 'done' && answer !== 'gone') return kept(part, { why: 'phone-changed' });
      gone.push(part);
    }
  } catch (error) {
    return kept(at, { why: 'failed', problem: problemOf(error, 'free') });
  }
  return { shot, freed: true, gone, why: undefined, path: shot.parts[0].path, problem: undefined };
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
    return problem.kind === 'missing' ? { why: 'phone-changed' } : { why: 'failed', problem };
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
