import type { EngineContext } from '../context.ts';
import { Alarm } from '../model/alarm.ts';

/** How often the same trouble is logged, milliseconds. */
const LOG_AGAIN_MS = 60_000;
/** The first pause after trouble, and the longest, milliseconds. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/**
 * For trouble that comes again and again, such as a database on a full disk: whoever ran into it pauses longer each time
 * until something works again, and one line a minute at most is logged.
 */
export class Patience {
  readonly #context: Pick<EngineContext, 'clock' | 'log' | 'health'>;
  readonly #pauses = new Set<Alarm>();
  #said: string | undefined;
  #saidAt = 0;
  #unsaid = 0;
  #inARow = 0;
  #ended = false;

  constructor(context: Pick<EngineContext, 'clock' | 'log' | 'health'>) {
    this.#context = context;
  }

  /** Logs the trouble and resolves after a pause, or when `nudge` is called. */
  async pauseAfter(where: string, error: unknown): Promise<void> {
    this.#tell(where, error);
    this.#context.health.ranInto(error);
    const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#inARow);
    this.#inARow += 1;
    if (this.#ended) return;
    const ended = new Alarm();
    this.#pauses.add(ended);
    await this.#context.clock.sleep(ms, ended);
    this.#pauses.delete(ended);
  }

  /** Something worked: the next pause is short again. */
  works(): void {
    this.#inARow = 0;
    this.#context.health.works();
  }

  /** Ends the present pauses: somebody asked to try again now. */
  nudge(): void {
    for (const pause of this.#pauses) pause.ring();
  }

  /** The program ends: no pause from here on. */
  end(): void {
    this.#ended = true;
    this.nudge();
  }

  #tell(where: string, error: unknown): void {
    const text = `${where}: ${error instanceof Error ? error.message : String(error)}`;
    const now = this.#context.clock.monotonic();
    if (text === this.#said && now - this.#saidAt < LOG_AGAIN_MS) {
      this.#unsaid += 1;
      return;
    }
    const before = this.#unsaid > 0 ? ` (${this.#unsaid} more since the last line)` : '';
    this.#context.log(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}${before}`);
    this.#said = text;
    this.#saidAt = now;
    this.#unsaid = 0;
  }
}
