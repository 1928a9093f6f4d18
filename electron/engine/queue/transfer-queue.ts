import type { DeviceKey, ItemId, LocalPath, PhonePlace, TransferId } from '../../../shared/domain.ts';
import { fail, failRequest, problemOf } from '../../../shared/errors.ts';
import type { EnqueueRequest, ItemsRequest } from '../api.ts';
import type { EngineContext } from '../context.ts';
import type { KnownTarget } from '../local/target-disk.ts';
import type { TransferRow } from '../model/transfer-store.ts';
import { PlanHere } from '../plan/plan-here.ts';
import { planFailed } from '../plan/plan-transfer.ts';
import { TransferFactory } from './create-transfer.ts';
import { followFolder } from './follow-folder.ts';
import { Lane } from './lane.ts';
import { Patience } from './patience.ts';
import { planMore } from './plan-more.ts';
import { TransferControl } from './transfer-control.ts';

/** How long a new download waits for its disk to say where it is mounted, milliseconds. */
const MOUNT_LIMIT_MS = 2_000;

/** A look at where a download goes: as far as it has come when the transfer begins, and to its end. */
interface TargetLook {
  readonly target: KnownTarget | undefined;
  readonly finding: Promise<KnownTarget | undefined>;
}

/** What only the running program knows of a transfer. */
interface InFlight {
  /** Bytes that are sent and not confirmed. */
  readonly bytes: number;
  /** The item under way. */
  readonly current: string | undefined;
  /** It cannot be planned until that is there again. */
  readonly away: 'source' | 'target' | undefined;
}

/**
 * All transfers: each phone's lane, who is being planned, and which transfers this run of the program works on. Whether
 * a transfer may run is decided here and nowhere else.
 */
export class TransferQueue {
  readonly factory: TransferFactory;
  readonly control: TransferControl;
  readonly #context: EngineContext;
  readonly #autoContinue: boolean;
  readonly #lanes = new Map<DeviceKey, Lane>();
  /** With `autoContinue` off: the transfers this run was asked to work on. */
  readonly #wanted = new Set<TransferId>();
  readonly #planning = new Set<TransferId>();
  readonly #here: PlanHere;
  readonly #patience: Patience;
  #isHalted = false;

  /** `autoContinue`: whether transfers of earlier runs go on by themselves. */
  constructor(context: EngineContext, autoContinue: boolean) {
    this.#context = context;
    this.#autoContinue = autoContinue;
    this.#here = new PlanHere(context);
    this.#patience = new Patience(context);
    this.factory = new TransferFactory(context);
    this.control = new TransferControl(context, (device) => this.#lanes.get(device));
    // what a person stops is not held until another program leaves the phone alone
    context.registry.onReady(({ key, phone }) => {
      phone.giveUpWhen?.(() => [...(this.#lanes.get(key)?.runs ?? [])].some((run) => run.stopRequested));
    });
  }

  /** Takes up a transfer of an earlier run. */
  restore(row: TransferRow): void {
    this.control.restart(row).catch((error: unknown) => {
      this.#context.log(`restart: ${problemOf(error).detail}`);
    });
    // a mistyped path is told within a moment: what was left unplanned was there once
    if (!row.planned) this.#here.noteSeen(row.id);
    if (this.#mayRun(row.id)) this.#beginPlanning(row);
    this.lane(row.device);
  }

  /** The row, or `bad-request` where there is none. */
  row(id: TransferId): TransferRow {
    const row = this.#context.store.transfer(id);
    if (row === undefined) throw failRequest('transfer', { id: 'no-transfer', with: { id } }, { id: 'use-an-id' });
    return row;
  }

  /**
   * A new transfer, or the unfinished one of the same request, which goes on with the options of this one. Throws
   * `bad-request` for a request without sources, or with sources on several phones.
   */
  async enqueue(request: EnqueueRequest): Promise<{ readonly transfer: TransferId; readonly continued: boolean }> {
    const look = request.direction === 'download' ? await this.#lookAtTarget(request.to) : undefined;
    const isSeen = request.direction === 'upload' && (await this.#here.areThere(request.sources));
    const same = this.factory.findUnfinished(request);
    if (same !== undefined) {
      const options = this.factory.optionsOf(request);
      await this.control.useOptions(same, options);
      await this.resume(same.id);
      await this.#addWhatCame(same.id);
      return { transfer: same.id, continued: true };
    }
    const row = this.factory.add(request, look?.target);
    this.#noteLate(row, look);
    if (isSeen) this.#here.noteSeen(row.id);
    this.#wanted.add(row.id);
    this.#context.touch(row.id);
    this.#beginPlanning(row);
    this.lane(row.device).wake();
    return { transfer: row.id, continued: false };
  }

  /** What has come to the sources of a planned transfer since they were listed goes as well. */
  async #addWhatCame(id: TransferId): Promise<void> {
    const row = this.row(id);
    const connection = this.#context.registry.connection(row.device);
    if (!row.planned || row.planFailed || (row.direction === 'download' && connection === undefined)) return;
    try {
      await planMore(this.#context, row, connection);
    } catch (error) {
      const problem = problemOf(error, 'plan');
      if (problem.kind === 'store') throw error;
      // what is away is waited for; what cannot be listed any more has nothing that is new
      this.#context.log(`not listed again: ${problem.kind} ${problem.operation} ${problem.detail}`);
    }
    this.lane(row.device).wake();
  }

  /** A disk that does not answer holds nobody up; the first file that is saved waits for what it says. */
  async #lookAtTarget(destination: string): Promise<TargetLook> {
    const { targets, clock } = this.#context;
    const finding = targets.find(destination);
    const target = await Promise.race([finding, clock.sleep(MOUNT_LIMIT_MS).then(() => undefined)]);
    return { finding, target };
  }

  #noteLate({ id }: TransferRow, look: TargetLook | undefined): void {
    if (look !== undefined && look.target === undefined) this.#context.targets.noteLate(id, look.finding);
  }

  /**
   * Files chosen one by one, in the order in which they are to go. Rejects with `local-missing` where the destination
   * was there for the caller and is not any more: without a mount point remembered, it would be made in the disk's stead.
   */
  async enqueueItems(request: ItemsRequest): Promise<TransferId> {
    const { direction, destination, destinationExists, mount } = request;
    const known = mount === undefined ? undefined : { mount, seen: destinationExists ?? true };
    const look =
      known !== undefined
        ? { target: known, finding: Promise.resolve(known) }
        : direction === 'download'
          ? await this.#lookAtTarget(destination)
          : undefined;
    // who has just seen it has waited for the disk already
    const seen = destinationExists === true ? await look?.finding : undefined;
    if (direction === 'download' && destinationExists === true && seen?.seen !== true)
      throw fail('local-missing', 'find target', 'it went just now', { subject: destination });
    const row = this.factory.begin(request, look?.target);
    this.#noteLate(row, look);
    this.#planning.add(row.id);
    this.#wanted.add(row.id);
    try {
      await this.factory.addItems(row, request.items);
    } finally {
      this.#planning.delete(row.id);
    }
    this.#context.touch(row.id);
    this.lane(row.device).wake();
    return row.id;
  }

  /**
   * Resumes; what has ended has nothing to resume but what failed, which is tried again, and originals of a move that
   * were left where they are because something was away.
   */
  async resume(id: TransferId): Promise<void> {
    const finishing = await this.control.finishMoves(this.row(id));
    const row = this.row(id);
    if (row.finishedAt !== undefined && !finishing) {
      if (this.#context.store.counts(id).byState.failed > 0) await this.retry(id, undefined);
      return;
    }
    this.#wanted.add(id);
    await this.#goOnWith(id, this.control.resume(row));
  }

  /** Tries again what failed: all of it, or one item. */
  async retry(id: TransferId, item: ItemId | undefined): Promise<void> {
    const row = this.row(id);
    this.#wanted.add(id);
    await this.#goOnWith(id, this.control.retry(row, item));
  }

  /** A phone's lane; made when it is first asked for. */
  lane(device: DeviceKey): Lane {
    let lane = this.#lanes.get(device);
    if (lane === undefined) {
      lane = new Lane(
        device,
        this.#context,
        (row) => row.intent === 'run' && this.#mayRun(row.id) && !this.#planning.has(row.id),
      );
      this.#lanes.set(device, lane);
      lane.start();
    }
    return lane;
  }

  /** What was kept of one phone is another's from now on: both are looked at as when they are plugged in. */
  adopted(from: DeviceKey, to: DeviceKey): void {
    this.#lanes.get(from)?.wake();
    this.lane(to).cleanAgain();
  }

  /** What was kept of one storage of a phone is another one's from now on. */
  storageIdentified(device: DeviceKey): void {
    this.lane(device).storageIdentified();
  }

  /** A folder was moved or renamed from here: see `followFolder`. Never throws. */
  folderMoved(from: PhonePlace, to: PhonePlace): void {
    try {
      followFolder(this.#context.store, from, to);
      this.#lanes.get(from.device)?.cleanAgain();
    } catch (error) {
      this.#context.log(`what was made in a moved folder may stay: ${from.path}: ${String(error)}`);
    }
  }

  isPlanning(id: TransferId): boolean {
    return this.#planning.has(id);
  }

  /** Whether something moves: on one phone, or on any. */
  isMoving(device?: DeviceKey): boolean {
    const lanes = device === undefined ? [...this.#lanes.values()] : [this.#lanes.get(device)];
    return lanes.some((lane) => lane?.isMoving === true);
  }

  /** Whether a transfer from or to this phone is planned now, or has files that move or are next. */
  isBusy(device: DeviceKey): boolean {
    if (this.#lanes.get(device)?.isBusy === true) return true;
    return [...this.#planning].some((id) => this.#context.store.transfer(id)?.device === device);
  }

  /** Bytes of the transfer that are sent and not confirmed, and the item under way. */
  inFlight(row: TransferRow): InFlight {
    let bytes = 0;
    let current: string | undefined;
    for (const run of this.#lanes.get(row.device)?.runs ?? [])
      if (run.row.transfer === row.id) {
        bytes += run.inFlight;
        current = run.row.name;
      }
    const isTargetAway = this.#lanes.get(row.device)?.isTargetAway(row.id) === true;
    return { bytes, current, away: this.#here.isAway(row.id) ? 'source' : isTargetAway ? 'target' : undefined };
  }

  /** Lets go of everything at the next chunk boundary. */
  async halt(): Promise<void> {
    this.#isHalted = true;
    this.#here.end();
    this.#patience.end();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.halt()));
  }

  #mayRun(id: TransferId): boolean {
    return this.#autoContinue || this.#wanted.has(id);
  }

  /** Goes on at once, while what was `said` is stored. Where nothing can be stored, both fail, and both are heard. */
  async #goOnWith(id: TransferId, said: Promise<void>): Promise<void> {
    try {
      this.#goOn(id);
    } finally {
      await said;
    }
  }

  #goOn(id: TransferId): void {
    const row = this.row(id);
    this.#patience.nudge();
    this.#beginPlanning(row);
    this.lane(row.device).wake();
  }

  /** Uploads are planned at once, also while the phone is away; downloads by the lane, which has the phone. */
  #beginPlanning(row: TransferRow): void {
    if (row.planned || row.sources.kind !== 'local' || this.#planning.has(row.id)) return;
    this.#planning.add(row.id);
    void this.#planHere(row, row.sources.paths).finally(() => {
      this.#planning.delete(row.id);
      this.#lanes.get(row.device)?.wake();
      this.#context.touch(row.id);
    });
  }

  /** Plans an upload, again as long as the database refuses what was listed. Never rejects. */
  async #planHere(row: TransferRow, paths: readonly LocalPath[]): Promise<void> {
    while (!this.#isHalted)
      try {
        // cancelled meanwhile
        if (this.#context.store.transfer(row.id)?.planned !== false) return;
        await this.#here.plan(row, paths).catch((error: unknown) => {
          const problem = problemOf(error, 'plan');
          if (problem.kind === 'store') throw error;
          planFailed(this.#context, row, problem);
        });
        this.#patience.works();
        return;
      } catch (error) {
        await this.#patience.pauseAfter('planning', error);
      }
  }
}
