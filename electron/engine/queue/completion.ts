import type { TransferId } from '../../../shared/domain.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import type { EngineNotice } from '../api.ts';
import type { TransferQueue } from './transfer-queue.ts';

/** Where transfers are looked at. */
export interface Views {
  view(id: TransferId): TransferView;
  all(): readonly TransferView[];
}

/** Notices when a transfer ends, asks, or needs its phone unlocked; each is told once. */
export class CompletionNotifier {
  readonly #context: EngineContext;
  readonly #queue: TransferQueue;
  readonly #views: Views;
  readonly #listeners = new Set<(notice: EngineNotice) => void>();
  readonly #askedFor = new Map<TransferId, string>();
  readonly #ended = new Set<TransferId>();
  /** Transfers whose end may not have been noted, because the database refused. */
  readonly #unnoted = new Set<TransferId>();

  constructor(context: EngineContext, queue: TransferQueue, views: Views) {
    this.#context = context;
    this.#queue = queue;
    this.#views = views;
  }

  onNotice(listener: (notice: EngineNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(notice: EngineNotice): void {
    for (const listener of this.#listeners) listener(notice);
  }

  /** A transfer of an earlier run: one that had ended is not told again. */
  restore(id: TransferId, ended: boolean): void {
    if (ended) this.#ended.add(id);
    // it may have died between its last file and the note of its end
    else this.look(id);
  }

  /**
   * Notes the end of a transfer once, and takes the note back when something of it is tried again. Throws `store`; then
   * nothing more of a transfer may ever change, and `lookAgain` has to be called.
   */
  look(id: TransferId): void {
    this.#unnoted.add(id);
    this.#look(id);
    this.#unnoted.delete(id);
  }

  /** Looks at what could not be noted before. Throws `store`. */
  lookAgain(): void {
    for (const id of this.#unnoted) this.look(id);
  }

  #look(id: TransferId): void {
    const { store } = this.#context;
    if (this.#queue.isPlanning(id)) return;
    const { byState, total } = store.counts(id);
    const ended = byState.done + byState.failed + byState.cancelled === total;
    // called at every step of every item: rows are looked up only at the end and after one
    if (ended || this.#ended.has(id)) this.#noteEnd(id, ended);
    if (byState.asking > 0) this.#noticeQuestion(id);
  }

  #noteEnd(id: TransferId, ended: boolean): void {
    const { store } = this.#context;
    const row = store.transfer(id);
    if (row === undefined || !row.planned) return;
    if (ended) {
      if (row.finishedAt === undefined) {
        store.updateTransfer(id, { finishedAt: this.#context.now() });
        this.#context.saveTotals();
        this.tell({ kind: 'transfer-finished', transfer: this.#views.view(id) });
      }
      this.#ended.add(id);
    } else {
      if (row.finishedAt !== undefined) store.updateTransfer(id, { finishedAt: undefined });
      this.#ended.delete(id);
    }
  }

  #noticeQuestion(id: TransferId): void {
    const view = this.#views.view(id);
    const key = view.questions.map(({ question }) => question?.id).join(',');
    if (this.#askedFor.get(id) === key) return;
    this.#askedFor.set(id, key);
    this.tell({ kind: 'question', transfer: view });
  }

  /** The devices have changed: tells of each transfer that now waits for its phone to be unlocked. */
  lookForNeeds(): void {
    for (const view of this.#views.all()) {
      if (view.state !== 'waiting' || view.waitingFor?.kind !== 'unlock') continue;
      if (this.#askedFor.get(view.id) === 'unlock') continue;
      this.#askedFor.set(view.id, 'unlock');
      this.tell({ kind: 'phone-needed', transfer: view });
    }
  }
}
