import { fail, isPhoneError, type PhoneError } from '../../../shared/errors.ts';
import { refusal } from './response-errors.ts';
import {
  NO_TRAITS,
  type Transact,
  type TransactionResult,
  type TransactionRequest,
  type SessionTraits,
} from './transaction-request.ts';
import { TransactionRunner } from './transaction-runner.ts';
import { CLOSING, FIRST_LOOK, CLOSE_LIMIT, LOOK_AGAIN, OPENING, QUIET } from './timeouts.ts';
import type { CallOptions, Clock, Transport } from '../ports.ts';
import { cancelRunning, drain } from './recovery.ts';
import { SessionQueue } from './session-queue.ts';
import { Operation, Response, HEADER_SIZE } from '../wire/codes.ts';
import { encodeCommand } from '../wire/containers.ts';

/**
 * A session over one cable: one transaction at a time, *browse* before *bulk*.
 * Its invariant: a transaction is finished, or drained before the next command; where not even a
 * drain can bring both sides back into step the session ends, and everything queued fails with that one cause.
 */

const SESSION_ID = 1;
const OPEN_SESSION: TransactionRequest = { operation: Operation.OpenSession, parameters: [SESSION_ID] };

/** Attempts at a session that a phone may take for content: each opening makes up to three, and somebody may plug it in again. */
const MOST_TAKEN = 8;

/** Bytes: the number of a session and the length of a command, which nobody's own file consists of. */
const LEAST_TAKEN = 8;

/**
 * What a file holds that is nothing but attempts to open a session. A phone with the f_mtp driver that waits for the content of a
 * SendObject when the program ends goes on waiting; it drops the first 12 bytes that come next as the header of that content,
 * and keeps what follows up to a short packet, but no more than it was announced (seen in simulated lives with the virtual
 * phone, after field notes §3.1).
 * `length`: bytes of the file; `announced`: those it was to have. `undefined` where no attempts are that long.
 */
export function takenForContent(length: number, announced: number): Uint8Array | undefined {
  const attempt = encodeCommand(Operation.OpenSession, 0, [SESSION_ID]);
  const attempts = (length + HEADER_SIZE) / attempt.byteLength;
  const isCut = length === announced && length >= LEAST_TAKEN;
  if (attempts > MOST_TAKEN || !(isCut || Number.isInteger(attempts))) return undefined;
  const taken = new Uint8Array(MOST_TAKEN * attempt.byteLength);
  for (let at = 0; at < taken.byteLength; at += attempt.byteLength) taken.set(attempt, at);
  return taken.subarray(HEADER_SIZE, HEADER_SIZE + length);
}

/** Pauses before each attempt, in milliseconds; never closer together (§2.4). */
const ATTEMPTS: readonly number[] = [0, 1_000, 2_000];
const ONCE: readonly number[] = [0];
const RETRIED: ReadonlySet<string> = new Set(['silent', 'stalled', 'confused', 'busy']);
const GLANCE = 100;

/** One MTP session. `transact` and `turn` reject with the cause once the connection is of no more use. */
export class Session {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #queue: SessionQueue;
  readonly #runner: TransactionRunner;
  readonly closed: Promise<PhoneError>;
  #settleClosed!: (cause: PhoneError) => void;
  #transactions = 0;

  constructor(transport: Transport, clock: Clock, traits: SessionTraits = NO_TRAITS) {
    this.#transport = transport;
    this.#clock = clock;
    this.#queue = new SessionQueue(clock);
    this.closed = new Promise((resolve) => (this.#settleClosed = resolve));
    const end = (cause: PhoneError): void => {
      this.#queue.end(cause);
      this.#settleClosed(cause);
    };
    this.#runner = new TransactionRunner(transport, clock, traits, end);
    void transport.closed.then(end);
  }

  /** What is learnt of the device after the session is open. */
  adopt(traits: SessionTraits): void {
    this.#runner.traits = traits;
  }

  /**
   * Makes the connection usable: reads away what an earlier owner left, then opens the session (ladder steps 2 to 4
   * as far as they need no other cable). Rejects with `silent` when the phone does not answer.
   */
  async open(before: readonly ('cancel' | 'clear-halts')[] = [], again = false): Promise<void> {
    await this.#queue.take({ priority: 'browse' }, async () => {
      for (const step of before) await this.#prepare(step);
      // A stale response may sit in bulk-IN after a replug; a host that writes first times out (§10).
      await this.#readAway(again ? LOOK_AGAIN : FIRST_LOOK);
      await this.#openSession(again ? ONCE : ATTEMPTS);
    });
  }

  /** Reads away what an earlier owner left, if anything comes within `lookMs`. Rejects with `confused` when it never ends. */
  async #readAway(lookMs: number): Promise<void> {
    const found = await drain(this.#transport, this.#clock, lookMs);
    if (found > 0) await drain(this.#transport, this.#clock, QUIET);
  }

  /** The steps of the ladder that need the cable but no session. */
  async #prepare(step: 'cancel' | 'clear-halts'): Promise<void> {
    switch (step) {
      case 'cancel':
        // The id of the operation that still runs is not known any more; AOSP does not look at it (§2.2).
        await cancelRunning(this.#transport, this.#clock, 0, QUIET);
        return;
      case 'clear-halts':
        await this.#transport.clearHalt('in');
        await this.#transport.clearHalt('out');
        return;
    }
  }

  async #openSession(attempts: readonly number[]): Promise<void> {
    let last: PhoneError = fail('silent', 'OpenSession');
    for (const pause of attempts) {
      if (pause > 0) {
        await this.#clock.sleep(pause);
        // a phone that still sends what an earlier owner asked for takes no command before that is read
        await this.#readAway(LOOK_AGAIN);
      }
      try {
        // With transaction id 0: Kindles reject any other.
        const result = await this.#runner.transactOutside(OPEN_SESSION);
        if (result.code === Response.SessionAlreadyOpen) return await this.#reopenSession();
        if (result.code === Response.OK) return;
        last = refusal(Operation.OpenSession, result.code);
      } catch (error) {
        if (!isPhoneError(error) || !RETRIED.has(error.kind)) throw error;
        last = error;
      }
    }
    throw last;
  }

  /** 0x201E: the session outlived its host. It is closed and opened once; where it will not be closed it is good as it is (§1.2). */
  async #reopenSession(): Promise<void> {
    if (this.#runner.traits.keepSession) return;
    try {
      const closing = await this.#runner.transact({ operation: Operation.CloseSession, limits: OPENING });
      if (closing.code !== Response.OK) return;
    } catch (error) {
      if (isPhoneError(error) && error.kind === 'disconnected') throw error;
      return;
    }
    const result = await this.#runner.transactOutside(OPEN_SESSION);
    if (result.code !== Response.OK && result.code !== Response.SessionAlreadyOpen)
      throw refusal(Operation.OpenSession, result.code);
  }

  /** Pieces that nobody reads any more. */
  giveBack(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.#transport.giveBack?.(piece);
  }

  /** Transactions begun since the session was opened. */
  get transactions(): number {
    return this.#transactions;
  }

  /** Milliseconds that *idle* transactions have waited for their turns since then. */
  get idleWaitMs(): number {
    return this.#queue.idleWaitMs;
  }

  /** Runs `work` as one turn. Its transactions follow each other with nothing in between. */
  turn<T>(options: CallOptions | undefined, work: (transact: Transact) => Promise<T>): Promise<T> {
    const onTurn = options?.onTurn;
    if (onTurn === undefined) return this.#queue.take(options, () => work(this.#transact));
    return this.#queue.take(options, async () => {
      const began = this.#clock.now();
      try {
        return await work(this.#transact);
      } finally {
        onTurn(this.#clock.now() - began);
      }
    });
  }
  /** One transaction inside the turn that is held. */
  readonly #transact: Transact = (request) => {
    this.#transactions += 1;
    return this.#runner.transact(request);
  };

  /** One transaction as a turn of its own. */
  transact(request: TransactionRequest, options?: CallOptions): Promise<TransactionResult> {
    return this.turn(options, (transact) => transact(request));
  }

  /** Rejects what waits, lets what is on the wire end, says goodbye, lets go of the cable. Never rejects. */
  async close(): Promise<void> {
    const alive = this.#queue.ended === undefined;
    const cause = fail('disconnected', 'close', 'closed by Replug');
    this.#queue.end(cause);
    if (alive) {
      const until = this.#clock.now() + CLOSE_LIMIT;
      // In glances, so that no long timer outlives the closing.
      while (this.#queue.busy && this.#clock.now() < until)
        await Promise.race([this.#queue.idle(), this.#clock.sleep(GLANCE)]);
      if (!this.#queue.busy && !this.#runner.needsDrain && !this.#runner.traits.keepSession)
        await this.#runner.transact({ operation: Operation.CloseSession, limits: CLOSING }).catch(() => undefined);
    }
    await this.#transport.close().catch(() => undefined);
    this.#settleClosed(cause);
  }
}
