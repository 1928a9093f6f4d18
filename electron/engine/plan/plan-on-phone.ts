import type { TransferId } from '../../../shared/domain.ts';
import { endsConnection, problemOf, type Problem } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { TransferRow } from '../model/transfer-store.ts';
import { planFailed, planTransfer, requireTarget } from './plan-transfer.ts';

/** Refusals that may only mean that the storage has gone or come back under another id. */
const MAYBE_AWAY: ReadonlySet<Problem['kind']> = new Set([
  'storage-missing',
  'locked',
  'stale',
  'missing',
  'not-a-folder',
  'refused',
  'stalled',
  'busy',
]);

/** The storage is not among those that the phone told last. */
const isAway = ({ kind }: Problem): boolean => kind === 'storage-missing';

/** Plans transfers whose phone is there. What cannot be listed for now is listed again later. */
export class PlanOnPhone {
  readonly #context: EngineContext;
  /** Failures in a row of a transfer whose storage is there. */
  readonly #attempts = new Map<TransferId, number>();
  /** Downloads that wait for the disk of their destination. */
  readonly #targetAway = new Set<TransferId>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /**
   * Plans one transfer. `later`: its storage or the disk of its destination is away, or was a moment ago. Throws what ends
   * the connection, and `store`; every other failure becomes the transfer's own.
   */
  async plan(row: TransferRow, connection: Connection, stop: () => boolean): Promise<'planned' | 'later'> {
    try {
      await requireTarget(this.#context, row);
      // given up in the end, so that one folder that cannot be listed does not keep the others
      const isLast = (this.#attempts.get(row.id) ?? 0) >= this.#context.limits.mostAttempts;
      await planTransfer(this.#context, row, connection, {
        stop,
        stopsAt: ({ kind }) => endsConnection(kind) || kind === 'storage-missing' || (!isLast && kind === 'stale'),
      });
    } catch (error) {
      const problem = problemOf(error, 'plan');
      if (endsConnection(problem.kind) || problem.kind === 'store') throw error;
      if (problem.kind === 'local-missing') {
        this.#targetAway.add(row.id);
        this.#context.touch(row.id);
        return 'later';
      }
      if (await this.#isForNow(row, connection, problem)) return 'later';
      planFailed(this.#context, row, problem);
    }
    this.#attempts.delete(row.id);
    this.#targetAway.delete(row.id);
    return 'planned';
  }

  /** Whether the transfer cannot be planned until the disk that it goes to is there again. */
  isTargetAway(id: TransferId): boolean {
    return this.#targetAway.has(id);
  }

  async #isForNow(row: TransferRow, connection: Connection, problem: Problem): Promise<boolean> {
    const { kind } = problem;
    if (!MAYBE_AWAY.has(kind)) return false;
    connection.tree.forget();
    await connection.lookAgain();
    if (!connection.alive || !isThere(row, connection)) return true;
    // it is there again: `missing` was said of the storage, or of what was asked for
    if (kind !== 'stale' && kind !== 'busy' && !isAway(problem)) return false;
    const attempts = (this.#attempts.get(row.id) ?? 0) + 1;
    this.#attempts.set(row.id, attempts);
    return attempts <= this.#context.limits.mostAttempts;
  }
}

/** Whether all storages that it lists are there. */
const isThere = ({ sources, storage }: TransferRow, { tree }: Connection): boolean =>
  sources.kind === 'phone' ? sources.places.every((place) => tree.has(place.storage)) : tree.has(storage);
