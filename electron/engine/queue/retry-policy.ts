import type { Problem } from '../../../shared/errors.ts';
import type { WaitingFor } from '../../../shared/snapshots.ts';
import { evidenceOf } from '../../../shared/storages.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import { FAT_LARGEST_FILE } from '../devices/free-space.ts';
import type { ItemRun } from '../model/item-run.ts';
import type { Input } from '../model/item-state.ts';
import type { ItemRow } from '../model/transfer-store.ts';
import { LARGEST_CHUNK } from '../transfer/chunk-size.ts';

/** A wait before an item is tried again after an error, doubled each time. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Times that "exists" and "refused" are tried: after a fresh listing they are an answer, not an accident. */
const MOST_REFUSALS = 2;
/** Times that a phone is to be plugged in again before what blocks a name counts as no phantom. */
const MOST_REPLUGS = 2;
/** Times that a phone's file which changed meanwhile is fetched anew. */
const MOST_CHANGES = 4;

/** One error of one item. */
interface Failure {
  readonly context: EngineContext;
  readonly problem: Problem;
  readonly run: ItemRun;
  readonly connection: Connection;
}

/** What an error means for the item it came to: wait for something, try again later, or fail. Never rejects. */
export async function decideRetry(
  context: EngineContext,
  problem: Problem,
  run: ItemRun,
  connection: Connection,
): Promise<Input> {
  context.log(`${run.row.name}: ${problem.kind} in ${problem.operation}: ${problem.detail}`);
  const failure: Failure = { context, problem, run, connection };
  switch (problem.kind) {
    case 'disconnected':
      return wait(failure, { kind: 'phone' });
    case 'silent':
    case 'confused':
      return pauseAfterMany(failure) ?? wait(failure, { kind: 'phone' });
    case 'phantom':
      return plugAgain(failure);
    case 'locked':
    case 'storage-missing':
      return (await storageAway(failure)) ?? wait(failure, { kind: 'unlock' });
    case 'full':
      return noSpace(failure, 'phone');
    case 'local-full':
      return (await targetAway(failure)) ?? noSpace(failure, 'computer');
    case 'source-missing':
      return wait(failure, { kind: 'source' });
    case 'source-changed':
      // whoever is changing an upload's source is at this computer, so it is reported
      return run.transfer.direction === 'upload' ? failed(failure) : fetchAnew(failure);
    case 'local-missing':
      return (await targetAway(failure)) ?? tryLater(failure, MOST_REFUSALS);
    case 'local-io':
    case 'source-unreadable':
    case 'local-read-only':
      return (await sourceAway(failure)) ?? (await targetAway(failure)) ?? heldForAMoment(failure);
    case 'local-busy':
      return tryLater(failure);
    case 'store':
      // no fault of the file; the worker holds it until the database can be written again
      return waitMs(failure, FIRST_RETRY_MS);
    case 'stalled':
    case 'refused':
      return (await storageAway(failure)) ?? noReason(failure);
    case 'busy':
      return tryLater(failure);
    case 'exists':
      connection.tree.forget();
      return tryLater(failure, MOST_REFUSALS);
    case 'stale':
      return (await storageAway(failure)) ?? tryLater(failure);
    case 'not-a-folder':
      return (await storageAway(failure)) ?? tryLater(failure, MOST_REFUSALS);
    case 'missing':
      return (await storageAway(failure)) ?? tryLater(failure, 1);
    case 'unsupported':
      // corrected by the phone's first refusal: the next attempt goes another way
      return tryLater(failure, MOST_REFUSALS);
    default:
      return failed(failure);
  }
}

function wait({ context }: Failure, what: WaitingFor): Input {
  return { kind: 'waitFor', for: what, at: context.now() };
}

/** `until` and `at` are taken at one moment, so that their difference is the pause whatever the clock is set to later. */
function waitMs({ context }: Failure, ms: number): Input {
  const at = context.now();
  return { kind: 'waitFor', for: { kind: 'time', until: at + ms }, at };
}

function failed({ problem, run }: Failure, more: Partial<Problem> = {}): Input {
  return { kind: 'failed', problem: { ...problem, subject: problem.subject ?? run.row.name, ...more } };
}

/** Counts the attempt and waits longer each time; fails when `most` were made without progress. */
function tryLater(failure: Failure, most = failure.context.limits.mostAttempts, more: Partial<Problem> = {}): Input {
  const { context, run } = failure;
  const attempts = run.row.attempts + 1;
  run.update({ attempts });
  return attempts > most ? failed(failure, more) : waitMs(failure, pauseBefore(attempts, context.random()));
}

/** Milliseconds before attempt `attempts`; spread by `random` (0 to 1), so that what failed together is not tried together. */
const pauseBefore = (attempts: number, random: number): number =>
  Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1)) * (0.75 + random / 2);

/** A phone's file that changed while it was fetched. Chunks that arrive are no progress here and do not reset the count. */
function fetchAnew(failure: Failure): Input {
  const { context, run } = failure;
  const mismatches = run.row.mismatches + 1;
  if (mismatches > MOST_CHANGES) return failed(failure);
  run.update({ mismatches });
  return waitMs(failure, pauseBefore(mismatches, context.random()));
}

function plugAgain(failure: Failure): Input {
  const { run } = failure;
  const attempts = run.row.attempts + 1;
  run.update({ attempts });
  return attempts > MOST_REPLUGS ? failed(failure) : wait(failure, { kind: 'replug' });
}

/** Too many silences in a row on one item: it is paused, so that the others go on. */
function pauseAfterMany({ context, run, problem }: Failure): Input | undefined {
  const attempts = run.row.attempts + 1;
  run.update({ attempts });
  if (attempts <= context.limits.mostAttempts) return undefined;
  run.update({ attempts: 0 });
  context.log(`paused after ${attempts} failures in a row: ${problem.kind} ${problem.operation} ${problem.detail}`);
  return { kind: 'pause' };
}

/**
 * Something has no room. Where the figure of free space agrees, that is waited for. Where it says that there is enough
 * (a reserve, a quota) or says nothing, the attempts are counted: each may send a whole file for nothing.
 */
async function noSpace(failure: Failure, where: 'phone' | 'computer'): Promise<Input> {
  const { context, problem, run, connection } = failure;
  const { row } = run;
  if (problem.needed !== undefined) return wait(failure, { kind: 'space', needed: problem.needed, where });
  const needed = Math.max(1, row.size - row.confirmed);
  context.space.forget();
  const free = await (where === 'phone' ? freeOnPhone(failure) : context.space.onComputer(row.local)).catch(
    () => undefined,
  );
  if (!connection.alive) return wait(failure, { kind: 'phone' });
  if (free !== undefined && free < needed) return wait(failure, { kind: 'space', needed, where });
  const says = free === undefined ? 'gives no usable figure of its free space' : `reports ${free} bytes free`;
  return tryLater(failure, undefined, {
    detail: `${problem.detail === '' ? '' : `${problem.detail}; `}needs ${needed} bytes, ${says}`,
    advice: { id: where === 'phone' ? 'phone-takes-no-more' : 'disk-takes-no-more' },
  });
}

const freeOnPhone = ({ context, connection, run }: Failure): Promise<number | undefined> =>
  Promise.resolve().then(() => context.space.onPhone(connection, connection.tree.storage(run.row.storage)));

/** A disk that fills up stalls both endpoints on Android, or answers a bare GeneralError, and says nothing else. */
async function noReason(failure: Failure): Promise<Input> {
  const { context, run, connection } = failure;
  connection.tree.forget();
  context.space.forget();
  const isAnswer = failure.problem.kind === 'refused';
  const most = isAnswer ? MOST_REFUSALS : undefined;
  if (run.transfer.direction !== 'upload') return tryLater(failure, most);
  if (isAtFatLimit(run.row)) {
    context.space.noteLargest(run.transfer.device, run.row.storage, FAT_LARGEST_FILE);
    return failed(failure, { kind: 'too-large', subject: run.row.name });
  }
  const needed = run.row.size - run.row.confirmed;
  const free = await freeOnPhone(failure).catch(() => undefined);
  if (free !== undefined && free < Math.max(needed, 1)) return wait(failure, { kind: 'space', needed, where: 'phone' });
  return tryLater(failure, most);
}

/** Larger than FAT32 allows for one file, and stopped just there. */
const isAtFatLimit = ({ size, confirmed }: ItemRow): boolean =>
  size > FAT_LARGEST_FILE && confirmed <= FAT_LARGEST_FILE && confirmed + LARGEST_CHUNK > FAT_LARGEST_FILE;

/** A storage that is away, or all of them, are waited for. One that has come back goes by another id from then on. */
async function storageAway(failure: Failure): Promise<Input | undefined> {
  const { connection, run } = failure;
  const { tree } = connection;
  const { storage } = run.row;
  tree.forget();
  if (!connection.alive) return wait(failure, { kind: 'phone' });
  const before = tree.has(storage) ? tree.storage(storage).id : undefined;
  await connection.lookAgain();
  if (!connection.alive) return wait(failure, { kind: 'unlock' });
  // back already: that was no failure of the item
  if (tree.has(storage) && tree.storage(storage).id === before) return undefined;
  return wait(failure, { kind: 'storage', name: evidenceOf(storage)?.description });
}

/** The disk that a download goes to is waited for as the one that an upload comes from. */
async function targetAway(failure: Failure): Promise<Input | undefined> {
  const { context, run } = failure;
  if (run.transfer.direction !== 'download') return undefined;
  return (await context.targets.isAway(run.transfer)) ? wait(failure, { kind: 'target' }) : undefined;
}

/** A disk that is pulled out answers with all kinds of errors before its files are seen to be gone. */
async function sourceAway(failure: Failure): Promise<Input | undefined> {
  const { context, run } = failure;
  if (run.transfer.direction !== 'upload') return undefined;
  return context.disk.stat(run.row.local).then(
    () => undefined,
    (error: unknown) =>
      ['ENOENT', 'ENOTDIR', 'ENXIO', 'ENODEV', 'ESTALE'].includes((error as { readonly code?: string }).code ?? '')
        ? wait(failure, { kind: 'source' })
        : undefined,
  );
}

/** A virus scanner or an indexer has a file open right after it was written; Windows calls that "no permission". */
function heldForAMoment(failure: Failure): Input {
  const { problem, context } = failure;
  return problem.kind === 'local-io' || context.platform === 'win32'
    ? tryLater(failure, MOST_REFUSALS)
    : failed(failure);
}
