import {
  baseNameOf,
  parentOf,
  type DeviceKey,
  type Instant,
  type ItemId,
  type StorageKey,
  type TransferId,
} from '../../../shared/domain.ts';
import { endsConnection, fail, problemOf } from '../../../shared/errors.ts';
import { isEnded } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import { removeCopies } from '../devices/copied-folder.ts';
import { destroyOnPhone } from '../devices/destroy-on-phone.ts';
import { asItIs, lookTwice, unlessGone } from '../devices/look-again.ts';
import type { PhoneObject, StorageId } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import { isAsSeen, type ObjectPlace } from '../devices/phone-evidence.ts';
import { isTemporaryName } from '../devices/temporary-name.ts';
import { settleWholeCopy } from '../devices/whole-copy.ts';
import { deleteLocal, isOwnName, type LocalEvidence } from '../local/destroy-local.ts';
import type { FileStats } from '../local/disk.ts';
import { lookAt, modifiedOf } from '../local/local-files.ts';
import type { ItemRun } from '../model/item-run.ts';
import type { Input } from '../model/item-state.ts';
import type { ItemRow, Leftover } from '../model/transfer-store.ts';
import { readerOf } from '../transfer/upload/upload-source.ts';
import { keepFormer, leftoverOf } from './note-leftover.ts';

/** Why something was kept, for the log; `later`: it may be removable another time. */
type Fate = 'removed' | 'later' | { readonly kept: string };

/**
 * What Replug made of items of one phone that will not be finished: noted in the store with what proves whose it is,
 * and removed when the phone is there. Nothing else deletes what Replug made and gave up, and nothing goes without
 * proof: what has its name by now may be the user's own.
 */
export class Leftovers {
  readonly #device: DeviceKey;
  readonly #context: EngineContext;
  /** The connection on which everything noted so far was looked at. */
  #sweptOn: Connection | undefined;
  /** Of those that could not be looked at: the transfers whose disk was away, and the storages that were. */
  readonly #awayDisks = new Set<TransferId>();
  readonly #awayStorages = new Set<StorageKey>();
  /** Items of which something complete was made, and that have not ended: what becomes of them decides whether it goes. */
  readonly #undecided = new Set<ItemId>();
  #isLooking = false;

  constructor(device: DeviceKey, context: EngineContext) {
    this.#device = device;
    this.#context = context;
  }

  /** Whether the connection was swept since it began, and since the last leftover was noted or decided on. */
  isSwept(connection: Connection): boolean {
    return this.#sweptOn === connection && ![...this.#undecided].some((id) => this.#hasEnded(id));
  }
  #hasEnded(id: ItemId): boolean {
    const row = this.#context.store.item(id);
    return row === undefined || isEnded(row.state.kind);
  }

  /** Leftovers were noted: they are looked at again. */
  noted(): void {
    this.#sweptOn = undefined;
  }

  /** Looks again at what lies on a disk or a storage that was away and is back. Answers at once: a disk may not. */
  lookForReturned({ tree }: Connection): void {
    if ([...this.#awayStorages].some((storage) => tree.has(storage))) this.noted();
    if (this.#isLooking || this.#awayDisks.size === 0) return;
    this.#isLooking = true;
    void this.#isOneBack()
      .then((isBack) => {
        if (isBack) this.noted();
      })
      .catch(() => undefined)
      .finally(() => {
        this.#isLooking = false;
      });
  }

  async #isOneBack(): Promise<boolean> {
    for (const id of this.#awayDisks) {
      const transfer = this.#context.store.transfer(id);
      if (transfer === undefined || !(await this.#context.targets.isAway(transfer))) return true;
    }
    return false;
  }

  /** Notes what an item that is worked on has made, and forgets it there, in one transaction with what `input` leads to. */
  note(run: ItemRun, input?: Input): void {
    keepFormer(this.#context.store, this.#device, run.row);
    run.abandon(leftoverOf(run.row, this.#device, run.transfer.direction), input);
    this.noted();
  }

  /** What was noted for this item is no leftover any more. */
  forget({ item, transfer }: Pick<Leftover, 'item' | 'transfer'>): void {
    this.#context.store.removeLeftover(item);
    // what was made for another program, through the drive, is of no transfer
    if (this.#context.store.transfer(transfer) !== undefined) this.#context.touch(transfer);
  }

  /**
   * Removes what is noted and proved; what is not is told in the log and left alone. What a cancelled item has made on
   * this very connection goes even if it is complete. Rejects only with what ends the connection.
   */
  async sweep(connection: Connection): Promise<void> {
    this.#sweptOn = connection;
    this.#awayDisks.clear();
    this.#awayStorages.clear();
    this.#undecided.clear();
    for (const leftover of this.#context.store.leftovers(this.#device)) {
      const before = idOf(connection, leftover.storage);
      try {
        const fate =
          leftover.direction === 'download'
            ? await this.#removeHere(leftover, connection)
            : await this.#removeFrom(connection, leftover);
        if (fate === 'later') continue;
        if (fate !== 'removed') this.#context.log(`not removed: ${leftover.name}: ${fate.kept}`);
        this.forget(leftover);
      } catch (error) {
        const problem = problemOf(error, 'clean');
        if (endsConnection(problem.kind)) throw fail(problem.kind, 'clean', problem.detail);
        const isStale = problem.kind === 'stale';
        if (problem.kind === 'storage-missing' || (isStale && (await hasGone(connection, leftover.storage, before))))
          this.#awayStorages.add(leftover.storage);
        else this.#context.log(`a leftover stays for now: ${leftover.name}: ${problem.detail}`);
      }
    }
  }

  async #removeFrom(connection: Connection, leftover: Leftover): Promise<Fate> {
    const remove = (): Promise<Fate> =>
      asItIs(
        () => connection.tree,
        () => this.#removeOnPhone(leftover, connection),
      );
    // its folder, which is looked for twice
    const fate = await lookTwice(connection, leftover.storage, () => unlessGone(remove()));
    return fate ?? 'removed';
  }

  async #removeOnPhone(leftover: Leftover, connection: Connection): Promise<Fate> {
    const { storage, folder, name, proof } = leftover;
    if (folder === undefined || proof === undefined) return { kept: 'nothing proves whose it is' };
    if (proof.kind === 'half-moved') return 'later';
    // another program writes it through Replug, and goes on after a replug
    if (this.#context.beingWritten.has(name)) return 'later';
    // a card that is away comes back with what is on it
    if (!connection.tree.has(storage)) {
      this.#awayStorages.add(storage);
      return 'later';
    }
    const target = { storage, folder, name };
    if (proof.kind === 'exclusive-name') {
      if (!isTemporaryName(name)) return { kept: 'others may use this name' };
      const { replaces, old } = proof;
      const isOld = old && ((there: PhoneObject) => Promise.resolve(isAsSeen(there, old)));
      if (replaces !== undefined) return fateOf(await settleWholeCopy(connection, target, replaces, isOld));
      return fateOf(await destroyOnPhone(connection, target, { kind: 'temporary' }));
    }
    if (proof.kind === 'copy-of') {
      const { source } = proof;
      return fateOf(await removeCopies(connection, target, source.device === leftover.device ? source : undefined));
    }
    const look = async (): Promise<PhoneObject | undefined> =>
      (await connection.tree.folder(storage, folder, { fresh: true })).exactly(name);
    const object = await lookTwice(connection, storage, look);
    if (object === undefined) return 'removed';
    const place = { ...target, handle: object.handle };
    const row = this.#context.store.item(leftover.item);
    const { kind } = row?.state ?? { kind: 'cancelled' };
    // tried again since, and what it makes then has this name as well
    if (row?.state.kind === 'done' && row.state.outcome.kind !== 'skipped') return { kept: 'its item is done by now' };
    if (row !== undefined && !isEnded(kind) && isMaking(row, name)) return 'later';
    // whatever made it, a complete copy is worth more than a tidy folder
    const isGivenUp = kind === 'cancelled' || kind === 'done';
    const isMadeNow = isGivenUp && connection.tree.madeBy(object.handle) === leftover.transfer;
    // nothing in an empty one says whose it is, and a handle tells only what was made on this connection
    if (!isMadeNow && (object.size >= proof.size || object.size === 0)) {
      if (row === undefined || isEnded(kind)) {
        const kept = object.size < proof.size ? 'an empty file may be another one' : 'it is complete, or another file';
        return unlessTaken(connection, place, proof, { kept });
      }
      // a cancel that is under way, for one
      this.#undecided.add(row.id);
      return 'later';
    }
    const file = await this.#context.disk.open(proof.source, 'read').catch(() => undefined);
    try {
      const stats = await file?.stat();
      if (file !== undefined && stats !== undefined && isSource(stats, proof)) {
        const source = readerOf(file, stats.size);
        return fateOf(await destroyOnPhone(connection, place, { kind: 'beginning-of', source, whole: isMadeNow }));
      }
    } finally {
      await file?.close();
    }
    // it may never come back
    return unlessTaken(connection, place, proof, file === undefined ? 'later' : { kept: 'its source has changed' });
  }

  async #removeHere(leftover: Leftover, connection: Connection): Promise<Fate> {
    let fate;
    try {
      fate = await this.#tryHere(leftover, connection);
    } catch (error) {
      if (endsConnection(problemOf(error, 'clean').kind)) throw error;
      // one that was pulled out answers with errors only
      if (await this.#isDiskAway(leftover)) return 'later';
      fate = await this.#tryHere(leftover, connection);
    }
    if (fate !== 'nothing') return fate;
    // with its disk it comes back, which it may have done between the two looks
    if (await this.#isDiskAway(leftover)) return 'later';
    return (await lookAt(this.#context.disk, leftover.name)) === undefined ? 'removed' : 'later';
  }

  async #isDiskAway(leftover: Leftover): Promise<boolean> {
    const transfer = this.#context.store.transfer(leftover.transfer);
    if (transfer === undefined || !(await this.#context.targets.isAway(transfer))) return false;
    this.#awayDisks.add(transfer.id);
    return true;
  }

  async #tryHere(leftover: Leftover, connection: Connection): Promise<Fate | 'nothing'> {
    const { name, proof } = leftover;
    const there = await lookAt(this.#context.disk, name);
    if (there === undefined) return 'nothing';
    if (proof === undefined || !there.isFile() || !isOwnName(name)) return { kept: 'nothing proves whose it is' };
    if (this.#isInUse(leftover)) return { kept: 'another file is being fetched into it' };
    const row = this.#context.store.item(leftover.item);
    if (row === undefined) return { kept: 'its source is not known' };
    // what the phone does not have any more may be nowhere else
    const object = await sourceOf(row, connection);
    if (object === 'away') {
      this.#awayStorages.add(row.storage);
      return 'later';
    }
    if (object === undefined && there.size > 0) return { kept: 'its source is not on the phone any more' };
    // in an empty one is nothing that could be nowhere else
    const evidence: LocalEvidence =
      object === undefined ? { kind: 'beginning', size: 0, modified: modifiedOf(there) } : { kind: 'own-name' };
    const destroyed = await deleteLocal(this.#context.disk, name, evidence);
    switch (destroyed.kind) {
      case 'kept':
        return { kept: destroyed.why };
      case 'done':
        return 'removed';
      case 'nothing':
        return 'nothing';
    }
  }

  /** Whether an item that will go on has noted the same part file as its own: another one, or this one at another try. */
  #isInUse(leftover: Leftover): boolean {
    return this.#context.store
      .transfers()
      .some((transfer) =>
        this.#context.store
          .withTemporary(transfer.id)
          .some((row) => isMaking(row, leftover.name) && (row.id !== leftover.item || !isEnded(row.state.kind))),
      );
  }
}

/** Whether a file still is the source that was noted. */
const isSource = (
  stats: FileStats,
  noted: { readonly size: number; readonly modified: Instant | undefined },
): boolean => stats.isFile() && stats.size === noted.size && modifiedOf(stats) === noted.modified;

/** Whether an item makes something of this name, or has begun to. */
const isMaking = ({ temporary, creation }: ItemRow, name: string): boolean => temporary === name && creation !== 'none';

async function isAway(connection: Connection, storage: StorageKey): Promise<boolean> {
  await connection.lookAgain();
  return !connection.tree.has(storage);
}

/** As `isAway`; also where it has come back meanwhile, with another id than `before`. */
const hasGone = async (connection: Connection, storage: StorageKey, before: StorageId | undefined): Promise<boolean> =>
  (await isAway(connection, storage)) || idOf(connection, storage) !== before;

const idOf = ({ tree }: Connection, storage: StorageKey): StorageId | undefined =>
  tree.has(storage) ? tree.storage(storage).id : undefined;

async function sourceOf(row: ItemRow, connection: Connection): Promise<PhoneObject | 'away' | undefined> {
  const { tree } = connection;
  if (!tree.has(row.storage)) return 'away';
  const look = async (): Promise<PhoneObject | undefined> => {
    const folder = await unlessGone(tree.folder(row.storage, parentOf(row.phone), { fresh: true }));
    return folder?.exactly(baseNameOf(row.phone));
  };
  try {
    const object = await lookTwice(connection, row.storage, look);
    return object?.kind === 'file' ? object : undefined;
  } catch (error) {
    if (problemOf(error).kind === 'storage-missing') return 'away';
    throw error;
  }
}

/** Removes what a phone took for content, which needs no source to be known by; what is anything else has this fate. */
async function unlessTaken(
  connection: Connection,
  place: ObjectPlace,
  { size }: { readonly size: number },
  fate: Fate,
): Promise<Fate> {
  const taken = await destroyOnPhone(connection, place, { kind: 'taken-for-content', announced: size });
  return taken === 'changed' ? fate : fateOf(taken);
}

function fateOf(destroyed: Awaited<ReturnType<typeof destroyOnPhone>>): Fate {
  switch (destroyed) {
    case 'done':
    case 'gone':
      return 'removed';
    // goes by itself when the connection ends
    case 'phantom':
      return 'later';
    case 'changed':
      return { kept: 'it is another file' };
    case 'is-folder':
      return { kept: 'it is a folder' };
    case 'unproved':
      return { kept: 'the phone cannot be read in parts, so nothing proves whose it is' };
  }
}
