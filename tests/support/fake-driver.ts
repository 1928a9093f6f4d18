import type { Answer, Begun, Driver, Received, Written } from '../../electron/wpd/driver.ts';
import type { Timers } from '../../electron/wpd/timers.ts';

/** One call of a driver, as a test sees it. */
export interface DriverCall {
  readonly call: keyof Driver;
  readonly args: readonly unknown[];
}

/** A driver that answers what a test says, and keeps what it was asked. */
export class FakeDriver implements Driver {
  readonly calls: DriverCall[] = [];
  /** Answers in the order of the calls; without one, what a well phone would say. */
  readonly answers: Partial<Begun & Received & Written>[] = [];
  /** Bytes that are read. */
  data: Uint8Array = new Uint8Array(0);
  readonly written: Uint8Array[] = [];
  #at = 0;

  execute = (...args: readonly unknown[]): Promise<Answer> => this.#answer('execute', args, { code: 0x2001 });
  beginRead = (...args: readonly unknown[]): Promise<Begun> => {
    this.#at = 0;
    return this.#answer('beginRead', args, { context: 'c', total: this.data.byteLength, optimal: 1 << 18 });
  };
  beginWrite = (...args: readonly unknown[]): Promise<Begun> =>
    this.#answer('beginWrite', args, { context: 'c', optimal: 1 << 18 });
  read = (...args: readonly unknown[]): Promise<Received> => {
    const size = args[1] as number;
    const answer = this.answers.shift();
    this.calls.push({ call: 'read', args });
    if (answer !== undefined) return Promise.resolve({ hresult: 0, ...answer });
    const bytes = this.data.slice(this.#at, this.#at + size);
    this.#at += bytes.byteLength;
    return Promise.resolve({ hresult: 0, bytes });
  };
  write = (...args: readonly unknown[]): Promise<Written> => {
    const bytes = args[1] as Uint8Array;
    const answer = this.answers[0];
    if (answer === undefined) this.written.push(bytes);
    return this.#answer('write', args, { written: bytes.byteLength });
  };
  end = (...args: readonly unknown[]): Promise<Answer> => this.#answer('end', args, { code: 0x2001 });

  #answer<T extends object>(
    call: keyof Driver,
    args: readonly unknown[],
    usual: T,
  ): Promise<T & { readonly hresult: number }> {
    this.calls.push({ call, args });
    return Promise.resolve({ hresult: 0, ...(this.answers.shift() ?? usual) } as T & { hresult: number });
  }
}

/** Time that passes when a test says so. */
export class ManualTimers implements Timers {
  #now = 0;
  #waiting: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now;
  }
  after(ms: number, run: () => void): () => void {
    const entry = { at: this.#now + ms, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== entry);
    };
  }
  get pending(): readonly number[] {
    return this.#waiting.map(({ at }) => at - this.#now);
  }
  /** Lets time pass, and whatever is due run in between. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settled();
      const next = this.#waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = next.at;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      next.run();
    }
    this.#now = until;
    await settled();
  }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};
