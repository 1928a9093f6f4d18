import { fail } from '../../../shared/errors.ts';

/** Containers that are not ours: the tails of abandoned transactions. More of them is a desync, not a tail. */
const MOST_CONTAINERS = 16;
/** Bytes in such containers. A dead GetObject of a huge file must not be read to its end here (field notes §2.4, step 2). */
const MOST_BYTES = 64 * 1024 * 1024;
/** Zero-length packets in a row: one is legal, two are odd, a flood of them is an attack on our patience. */
const MOST_EMPTY_PIECES = 16;

/** Counts what a transaction receives and did not ask for; beyond a limit it throws `confused`. */
export class StrayCounter {
  readonly #operation: string;
  #containers = 0;
  #bytes = 0;
  #emptyPieces = 0;

  constructor(operation: string) {
    this.#operation = operation;
  }

  /** Containers of other transactions so far. */
  get containers(): number {
    return this.#containers;
  }

  countContainer(): void {
    this.#containers += 1;
    if (this.#containers > MOST_CONTAINERS)
      throw fail('confused', this.#operation, `${this.#containers} containers that belong to nothing`);
  }

  /** Bytes inside such a container. */
  countBytes(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MOST_BYTES) throw fail('confused', this.#operation, 'data of another transaction without end');
  }

  /** Any piece, ours too, by its length in bytes. */
  countPiece(bytes: number): void {
    this.#emptyPieces = bytes === 0 ? this.#emptyPieces + 1 : 0;
    if (this.#emptyPieces > MOST_EMPTY_PIECES) throw fail('confused', this.#operation, 'nothing but empty packets');
  }
}
