import type { EnqueueRequest, TransferRow } from '../../../electron/engine/index.ts';
import type { TransferId } from '../../../shared/domain.ts';
import { DEAD } from './gate.ts';
import type { Asked } from './judge.ts';

/** What a person has asked for by themselves, and what became of it as far as they were told. */

/** A request that was not answered yet. */
export interface OpenRequest {
  readonly request: EnqueueRequest;
  readonly asked: Omit<Asked, 'id'>;
}

/** Also of a program that died before it answered: what it had noted by then is carried out by the next one. */
export class Requests {
  readonly #asked: Asked[] = [];
  readonly #open = new Set<OpenRequest>();

  get answered(): readonly Asked[] {
    return this.#asked;
  }

  ask(open: OpenRequest): void {
    this.#open.add(open);
  }

  /** The same request once more goes on with its transfer, in another way. */
  answer(open: OpenRequest, id: TransferId): void {
    this.#open.delete(open);
    const same = this.#asked.find((one) => one.id === id);
    if (same === undefined) this.#asked.push({ ...open.asked, id });
    else {
      same.mayReplace ||= open.asked.mayReplace;
      same.mayMove ||= open.asked.mayMove;
    }
  }

  refuse(open: OpenRequest, error: unknown): void {
    if (!String(error).includes(DEAD)) this.#open.delete(open);
  }

  /** The next program finds in its store what the one before did not answer any more. */
  found(rows: readonly TransferRow[]): void {
    for (const open of this.#open) {
      const row = rows.findLast((one) => isOf(open.request, one));
      if (row !== undefined) this.answer(open, row.id);
    }
    this.#open.clear();
  }
}

function isOf({ direction, sources, to, options }: EnqueueRequest, row: TransferRow): boolean {
  const given =
    row.sources.kind === 'local' ? row.sources.paths : row.sources.kind === 'phone' ? row.sources.places : [];
  return (
    row.direction === direction &&
    row.destination === (typeof to === 'string' ? to : to.path) &&
    JSON.stringify(given) === JSON.stringify(sources) &&
    JSON.stringify({ ...row.options, ...options }) === JSON.stringify(row.options)
  );
}
