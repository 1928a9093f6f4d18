import type { LocalPath, TransferId } from '../../../shared/domain.ts';
import type { EngineContext } from '../context.ts';
import type { Disk } from '../local/disk.ts';
import { Alarm } from '../model/alarm.ts';
import type { TransferRow } from '../model/transfer-store.ts';
import { planTransfer } from './plan-transfer.ts';

/** How long a new upload waits for the disks of its sources to answer, milliseconds. */
const LOOK_LIMIT_MS = 2_000;
/** Plans in a row that find something missing while all that was named is there: it was deleted, not pulled out. */
const MOST_PLANS = 3;

/**
 * Plans uploads, which needs no phone. What was there when it was named and is not when it is listed is on a disk that
 * went away: the transfer stays unplanned and waits for it. What was never there (a mistyped path) fails.
 */
export class PlanHere {
  readonly #context: EngineContext;
  /** Transfers whose sources were there once. */
  readonly #seen = new Set<TransferId>();
  readonly #away = new Set<TransferId>();
  readonly #ended = new Alarm();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** Whether all of these are there. Never rejects; a disk that does not answer is not there. */
  async areThere(paths: readonly LocalPath[]): Promise<boolean> {
    const limit = new Alarm();
    const late = this.#context.clock.sleep(LOOK_LIMIT_MS, limit).then(() => false);
    const are = await Promise.race([exist(this.#context.disk, paths), late]);
    limit.ring();
    return are;
  }

  /** The sources of this transfer were there: just now, or for an earlier run of the program. */
  noteSeen(id: TransferId): void {
    this.#seen.add(id);
  }

  /** Whether the transfer cannot be planned until its sources are there again. */
  isAway(id: TransferId): boolean {
    return this.#away.has(id);
  }

  /** The program ends: what is waited for is found missing again at the next start. */
  end(): void {
    this.#ended.ring();
  }

  /** Resolves when the transfer is planned, was cancelled meanwhile, or the program ends. Rejects as `planTransfer` does. */
  async plan(row: TransferRow, paths: readonly LocalPath[]): Promise<void> {
    const { store, registry, clock, limits } = this.#context;
    try {
      for (let plans = 1; ;) {
        const mayWait = this.#seen.has(row.id) && plans < MOST_PLANS;
        const planned = await planTransfer(this.#context, row, registry.connection(row.device), { mayWait });
        if (planned) return;
        if (await exist(this.#context.disk, paths)) plans += 1;
        else this.#away.add(row.id);
        this.#context.touch(row.id);
        while (!(await exist(this.#context.disk, paths))) {
          await clock.sleep(limits.lookAgainMs, this.#ended);
          if (this.#ended.aborted || store.transfer(row.id)?.planned !== false) return;
        }
        this.#away.delete(row.id);
      }
    } finally {
      this.#seen.delete(row.id);
      this.#away.delete(row.id);
    }
  }
}

const exist = (disk: Disk, paths: readonly LocalPath[]): Promise<boolean> =>
  Promise.all(paths.map((path) => disk.lstat(path))).then(
    () => true,
    () => false,
  );
