import type { TransferStore } from '../../electron/engine/index.ts';
import { fail } from '../../shared/errors.ts';

/** A process that dies after a given number of writes: from then on it stores and reports nothing. */
export class Mortal {
  readonly #life: number;
  writes = 0;
  dead = false;
  readonly died: Promise<void>;
  #tell: () => void = () => undefined;

  constructor(life: number) {
    this.#life = life;
    this.died = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  /** The store as the process sees it; `writes` are the calls that change something. */
  over<T extends object>(store: T, writes: ReadonlySet<keyof T>): T {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          if (!this.dead && writes.has(name as keyof T)) {
            if (this.writes >= this.#life) {
              this.dead = true;
              this.#tell();
            } else this.writes += 1;
          }
          if (this.dead) throw fail('store', String(name), 'the process is dead');
          return Reflect.apply(value as (...given: unknown[]) => unknown, target, given);
        };
      },
    });
  }
}

/** What the dying leave unheard; anything else fails the test. Returns the function that ends it. */
export function ignoreTheDead(): () => void {
  const stray = (error: unknown): void => {
    if (!String(error).includes('the process is dead')) throw error;
  };
  process.on('unhandledRejection', stray);
  return () => process.off('unhandledRejection', stray);
}

/** What changes the store of transfers. */
export const TRANSFER_WRITES: ReadonlySet<keyof TransferStore> = new Set([
  'addTransfer',
  'updateTransfer',
  'addItems',
  'updateItem',
  'updateItems',
  'confirmChunk',
  'dropCheckpoints',
  'addLeftover',
  'abandonItem',
]);
