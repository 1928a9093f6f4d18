import type { Snapshots, StreamArgument } from '../../../shared/contract.ts';
import type { EngineStreamName } from '../api.ts';
import type { EngineContext } from '../context.ts';

/** Streams made by looking: everything but folders and files that are looked at, which tell their own news. */
type LookedAt = Exclude<EngineStreamName, 'folder' | 'look'>;
type Sources = { readonly [N in LookedAt]: (argument: StreamArgument<N>) => Snapshots[N] };

interface Watch {
  readonly name: LookedAt;
  readonly look: () => void;
  timer: ReturnType<typeof setTimeout> | undefined;
  lastAt: number;
}

/** At most ten snapshots a second for each watch. */
const GAP_MS = 100;

/** Gives each watcher the present snapshot at once and newer ones as things change, never more often than is of use. */
export class SnapshotStreams {
  readonly #sources: Sources;
  readonly #context: Pick<EngineContext, 'guard'>;
  readonly #watches = new Set<Watch>();
  #closed = false;

  constructor(context: Pick<EngineContext, 'guard'>, sources: Sources) {
    this.#context = context;
    this.#sources = sources;
  }

  add<N extends LookedAt>(
    name: N,
    argument: StreamArgument<N>,
    listener: (snapshot: Snapshots[N]) => void,
  ): () => void {
    const look = (): void => {
      listener(this.#sources[name](argument));
    };
    const watch: Watch = { name, look, timer: undefined, lastAt: performance.now() };
    look();
    this.#watches.add(watch);
    return () => {
      clearTimeout(watch.timer);
      this.#watches.delete(watch);
    };
  }

  changed(name: LookedAt): void {
    if (this.#closed) return;
    for (const watch of this.#watches) {
      if (watch.name !== name || watch.timer !== undefined) continue;
      const wait = Math.max(0, watch.lastAt + GAP_MS - performance.now());
      watch.timer = setTimeout(() => {
        watch.timer = undefined;
        watch.lastAt = performance.now();
        // in a timer nobody hears what is thrown: it would end the program
        if (!this.#closed) this.#context.guard(name, watch.look);
      }, wait);
    }
  }

  close(): void {
    this.#closed = true;
    for (const watch of this.#watches) clearTimeout(watch.timer);
    this.#watches.clear();
  }
}
