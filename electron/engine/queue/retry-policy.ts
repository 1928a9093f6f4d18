import type { Problem } from '../../../shared/errors.ts';
import type { WaitingFor } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { Input } from '../model/item-state.ts';
import type { ItemRun } from '../model/item-run.ts';
import type { ItemRow } from '../model/transfer-store.ts';
import { LARGEST_CHUNK } from '../transfer/chunk-size.ts';

/** A wait before an item is tried again after an error, doubled each time. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Times that "exists" and "refused" are tried: after a fresh listing they are an answer, not an accident. */
const MOST_REFUSALS = 2;
const FAT_LARGEST_FILE = 0xffff_ffff;

/** What an error means for the item it came to: wait for something, try again later, or fail. */
export async function decideRetry(
  context: EngineContext,
  problem: Problem,
  run: ItemRun,
  connection: Connection,
): Promise<Input> {
  context.log(`${run.row.name}: ${problem.kind} in ${problem.operation}: ${problem.detail}`);
  const at = context.now();
  const wait = (what: WaitingFor): Input => ({ kind: 'waitFor', for: what, at });
  const failed: Input = { kind: 'failed', problem: { ...problem, subject: problem.subject ?? run.row.name } };
  const needed = run.row.size - run.row.confirmed;
  switch (problem.kind) {
    case 'disconnected':
      return wait({ kind: 'phone' });
    case 'silent':
    case 'confused':
      return pauseAfterMany(context, run, problem) ?? wait({ kind: 'phone' });
    case 'locked':
      return wait({ kind: 'unlock' });
    case 'full':
      return wait({ kind: 'space', needed: Number(problem.fix ?? needed), where: 'phone' });
    case 'local-full':
      return wait({ kind: 'space', needed: Number(problem.fix ?? needed), where: 'computer' });
    case 'source-missing':
      return wait({ kind: 'source' });
    case 'stalled':
    case 'refused': {
      connection.tree.forget();
      // a disk that fills up stalls both endpoints on Android, or answers a bare GeneralError, and says nothing else
      const free = await connection.phone.freeSpace(connection.tree.storage(run.row.storage).id).catch(() => undefined);
      const isUpload = run.transfer.direction === 'upload';
      if (isUpload && isAtFatLimit(run.row))
        return { kind: 'failed', problem: { ...problem, kind: 'too-large', subject: run.row.name } };
      context.space.forget();
      if (isUpload && free !== undefined && free < Math.max(needed, 1))
        return wait({ kind: 'space', needed, where: 'phone' });
      return tryLater(context, run, problem, failed);
    }
    case 'source-changed':
      // of an upload the one who writes to it is here, and is told
      return run.transfer.direction === 'upload' ? failed : tryLater(context, run, problem, failed);
    case 'busy':
    case 'stale':
    case 'not-a-folder':
    case 'exists':
      connection.tree.forget();
      return tryLater(context, run, problem, failed);
    case 'missing':
      connection.tree.forget();
      return run.row.attempts > 0 ? failed : tryLater(context, run, problem, failed);
    case 'unsupported':
      // corrected by the phone's first refusal: the next attempt goes another way
      return run.row.attempts > 1 ? failed : tryLater(context, run, problem, failed);
    default:
      return failed;
  }
}

function tryLater(context: EngineContext, run: ItemRun, { kind }: Problem, failed: Input): Input {
  const attempts = run.row.attempts + 1;
  run.update({ attempts });
  const isAnswer = kind === 'exists' || kind === 'refused' || kind === 'not-a-folder';
  if (attempts > (isAnswer ? MOST_REFUSALS : context.limits.mostAttempts)) return failed;
  // spread, so that what failed together is not tried together
  const ms = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1)) * (0.75 + context.random() / 2);
  const at = context.now();
  return { kind: 'waitFor', for: { kind: 'time', until: at + ms }, at };
}

/** Too many silences in a row on one item: it is paused, so that the others go on. */
function pauseAfterMany(context: EngineContext, run: ItemRun, problem: Problem): Input | undefined {
  const attempts = run.row.attempts + 1;
  run.update({ attempts });
  if (attempts <= context.limits.mostAttempts) return undefined;
  run.update({ attempts: 0 });
  context.log(`paused after ${attempts} failures in a row: ${problem.kind} ${problem.operation} ${problem.detail}`);
  return { kind: 'pause' };
}

/** Larger than FAT32 allows for one file, and stopped just there: nothing tells the file system of a memory card beforehand. */
const isAtFatLimit = ({ size, confirmed }: ItemRow): boolean =>
  size > FAT_LARGEST_FILE && confirmed <= FAT_LARGEST_FILE && confirmed + LARGEST_CHUNK > FAT_LARGEST_FILE;
