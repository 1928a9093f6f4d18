import type { DeviceKey } from '../../../shared/domain.ts';
import type { EngineClock } from '../api.ts';
import type { Connection } from '../devices/device-connection.ts';

/**
 * Turns of pictures on a phone. Between files that move they get a share of the phone's time instead of a rate, since what a
 * picture takes differs a hundredfold from phone to phone: a transfer is to be at most 3 % slower for them, and what does not
 * show as a transaction (finding the file, drawing it) takes a part of that too.
 */

/** Share of the time that the phone works on pictures while files move. */
const SHARE = 0.02;
/** Least pause after a picture while files move, milliseconds: of a phone that answers at once the computer's own work counts. */
const LEAST_PAUSE_MS = 500;
/** How often a pause looks whether files still move, milliseconds. */
const LOOK_MS = 100;

/** Told how long the phone worked, milliseconds, after each of its turns. */
export type OnTurn = (milliseconds: number) => void;

interface Line {
  isTaken: boolean;
  readonly waiting: (() => void)[];
}

/**
 * One picture at a time for each connection. Whoever asked last goes first: a person has scrolled past what was asked
 * before.
 */
export class PictureTurns {
  readonly #clock: Pick<EngineClock, 'monotonic' | 'sleep'>;
  readonly #isBusy: (device: DeviceKey) => boolean;
  readonly #lines = new WeakMap<Connection, Line>();

  /** `isBusy`: whether a transfer wants the phone now. */
  constructor(clock: Pick<EngineClock, 'monotonic' | 'sleep'>, isBusy: (device: DeviceKey) => boolean) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  /** Does `work` when its turn comes, and rejects as it does. What it asks of the phone it tells to `onTurn`. */
  async take<T>(connection: Connection, work: (onTurn: OnTurn) => Promise<T>): Promise<T> {
    let line = this.#lines.get(connection);
    if (line === undefined) {
      line = { isTaken: false, waiting: [] };
      this.#lines.set(connection, line);
    }
    const { waiting } = line;
    if (line.isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
    line.isTaken = true;
    let worked = 0;
    try {
      return await work((milliseconds) => (worked += milliseconds));
    } finally {
      void this.#pass(line, connection.key, worked);
    }
  }

  async #pass(line: Line, device: DeviceKey, worked: number): Promise<void> {
    const until = this.#clock.monotonic() + Math.max(LEAST_PAUSE_MS, worked * (1 / SHARE - 1));
    while (this.#isBusy(device)) {
      const left = until - this.#clock.monotonic();
      if (left <= 0) break;
      await this.#clock.sleep(Math.min(LOOK_MS, left));
    }
    const next = line.waiting.pop();
    if (next === undefined) line.isTaken = false;
    else next();
  }
}
