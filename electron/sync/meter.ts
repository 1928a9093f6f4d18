import type { DeviceKey } from '../../shared/domain.ts';
import type { Engine } from '../engine/index.ts';

/** Transactions of one phone over reconnections: each connection counts from nought. */
export class Meter {
  readonly #read: () => number;
  #last: number;
  #sum = 0;
  constructor(engine: Pick<Engine, 'transactions'>, device: DeviceKey) {
    this.#read = () => engine.transactions(device);
    this.#last = this.#read();
  }
  get count(): number {
    const now = this.#read();
    this.#sum += now >= this.#last ? now - this.#last : now;
    this.#last = now;
    return this.#sum;
  }
}
