import type { TransferId } from '../../../shared/domain.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import type { EngineNotice } from '../api.ts';

export interface CompletionParts {
  readonly context: EngineContext;
  readonly view: (id: TransferId) => TransferView;
  readonly views: () => readonly TransferView[];
  readonly isPlanning: (id: TransferId) => boolean;
  readonly tell: (notice: EngineNotice) => void;
}

/** Notices when a transfer ends, asks, or needs its phone unlocked; each is told once. */
export class CompletionNotifier {
  readonly #context: EngineContext;
  readonly #view: CompletionParts['view'];
  readonly #views: CompletionParts['views'];
  readonly #isPlanning: CompletionParts['isPlanning'];
  readonly #tell: CompletionParts['tell'];
  readonly #askedFor = new Map<TransferId, string>();
  readonly #ended = new Set<TransferId>();

  constructor(parts: CompletionParts) {
    this.#context = parts.context;
    this.#view = parts.view;
    this.#views = parts.views;
    this.#isPlanning = parts.isPlanning;
    this.#tell = parts.tell;
  }

  /** A transfer of an earlier run that had ended. */
  hadEnded(id: TransferId): void {
    this.#ended.add(id);
  }

  /** Notes the end of a transfer once, and takes the note back when something of it is tried again. */
  look(id: TransferId): void {
    const { store } = this.#context;
    if (this.#isPlanning(id)) return;
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
      this.#ended.add(id);
      if (row.finishedAt !== undefined) return;
      store.updateTransfer(id, { finishedAt: this.#context.now() });
      this.#context.saveTotals();
      this.#tell({ kind: 'transfer-finished', transfer: this.#view(id) });
    } else {
      this.#ended.delete(id);
      if (row.finishedAt !== undefined) store.updateTransfer(id, { finishedAt: undefined });
    }
  }

  #noticeQuestion(id: TransferId): void {
    const view = this.#view(id);
    const key = view.questions.map((item) => item.id).join(',');
    if (this.#askedFor.get(id) === key) return;
    this.#askedFor.set(id, key);
    this.#tell({ kind: 'question', transfer: view });
  }

  lookForNeeds(): void {
    for (const view of this.#views()) {
      if (view.state !== 'waiting' || view.waitingFor?.kind !== 'unlock') continue;
      if (this.#askedFor.get(view.id) === 'unlock') continue;
      this.#askedFor.set(view.id, 'unlock');
      this.#tell({ kind: 'phone-needed', transfer: view });
    }
  }
}
