import { fail, isPhoneError, problemOf, type PhoneError } from '../../shared/errors.ts';
import { CLOSING, EARLY_ANSWER, FIRST_LOOK, LAST_WORDS, QUIET, limitsOf, type Limits } from './limits.ts';
import {
  type Source,
  SourceFailure,
  fillPacket,
  newProgress,
  sendBytes,
  sendSource,
  type Sending,
} from './outgoing.ts';
import type { CallOptions } from './phone-types.ts';
import type { Clock, Transport } from './ports.ts';
import { afterStall, cancelRunning, drain } from './recovery.ts';
import { Transaction, transactionIdAfter, type DataPhase } from './transaction.ts';
import { Turns } from './turns.ts';
import { Operation, Response, hex, operationName, responseName } from './wire/codes.ts';

/**
 * A session over one cable: one transaction at a time, *browse* before *bulk*.
 * Its invariant: a transaction is finished, or its drain is owed and paid before the next command; where not even a
 * drain can bring both sides back into step the session ends, and everything queued fails with that one cause.
 */

export type Outgoing =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'source'; readonly source: Source; readonly onSent?: ((bytes: number) => void) | undefined };

export interface Incoming {
  readonly kind: 'in';
  /** Payload bytes, where they are known beforehand. */
  readonly expected?: number | undefined;
  /** More makes no sense and is refused. */
  readonly most: number;
  /** Called with each piece in order; the next one is read after its promise. */
  readonly onPiece: (bytes: Uint8Array) => void | Promise<void>;
}

export interface Request {
  readonly operation: number;
  readonly parameters?: readonly number[];
  readonly data?: Outgoing | Incoming;
  /** Instead of the operation's own. */
  readonly limits?: Limits;
}

export interface Reply {
  readonly code: number;
  readonly parameters: readonly number[];
  /** Payload bytes that came. */
  readonly received: number;
  /** The data ended before the length its header gave. */
  readonly cut: boolean;
  /** The phone answered before it had taken all data. */
  readonly early: boolean;
}

/** What may be done in one turn: several transactions with nothing in between. */
export type Exchange = (request: Request) => Promise<Reply>;

export interface SessionTraits {
  /** Junk in the transaction ids of answers. */
  readonly anyTransactionId: boolean;
  readonly splitHeader: boolean;
  /** CloseSession takes the device out of MTP mode: an open session is used as it is and never closed. */
  readonly keepSession: boolean;
}

export const ORDINARY: SessionTraits = { anyTransactionId: false, splitHeader: false, keepSession: false };

const SESSION_ID = 1;
/** A whole object is read on after its consumer failed only up to here; beyond it a Cancel is the lesser evil. */
const MOST_READ_FOR_NOTHING = 64 * 1024 * 1024;

export class Session {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #turns = new Turns();
  readonly closed: Promise<PhoneError>;
  #settleClosed!: (cause: PhoneError) => void;
  #traits: SessionTraits;
  #nextId = 1;
  #owesDrain = false;
  #surplus: Uint8Array = new Uint8Array(0);

  constructor(transport: Transport, clock: Clock, traits: SessionTraits = ORDINARY) {
    this.#transport = transport;
    this.#clock = clock;
    this.#traits = traits;
    this.closed = new Promise((resolve) => (this.#settleClosed = resolve));
    void transport.closed.then((cause) => this.#end(cause));
  }

  get maxPacketSize(): number {
    return this.#transport.maxPacketSize;
  }

  /** What is learnt of the device after the session is open. */
  adopt(traits: SessionTraits): void {
    this.#traits = traits;
  }

  /**
   * Makes the connection usable: reads away what an earlier owner left, then opens the session (ladder steps 2 to 4
   * as far as they need no other cable). Rejects with `silent` when the phone does not answer.
   */
  async open(before: readonly ('cancel' | 'clear-halts')[] = []): Promise<void> {
    await this.#turns.take({ priority: 'browse' }, async () => {
      for (const step of before) await this.#prepare(step);
      // A stale response may sit in bulk-IN after a replug; a host that writes first times out (§10).
      if ((await drain(this.#transport, this.#clock, FIRST_LOOK)) > 0) await drain(this.#transport, this.#clock, QUIET);
      await this.#openSession();
    });
  }

  /** The ladder's rungs that need the cable but no session. */
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

  async #openSession(): Promise<void> {
    const gaps = [0, 1_000, 2_000];
    let last: PhoneError = fail('silent', 'OpenSession');
    for (const gap of gaps) {
      if (gap > 0) await this.#clock.sleep(gap);
      try {
        const reply = await this.#sendOpenSession();
        if (reply.code === Response.OK) return;
        if (reply.code === Response.SessionAlreadyOpen) return await this.#reopenSession();
        last = fail('refused', 'OpenSession', `${responseName(reply.code)} ${hex(reply.code)}`, { code: reply.code });
      } catch (error) {
        if (!isPhoneError(error) || !RETRIED_WHEN_OPENING.has(error.kind)) throw error;
        last = error;
      }
    }
    throw last;
  }

  /**
   * OpenSession with transaction id 0: Kindles reject any other. A phone that was stuck receiving takes the command
   * as the end of its data and answers with the old id; then it has to be said once more, at once.
   */
  async #sendOpenSession(): Promise<Reply> {
    this.#nextId = 1;
    const transaction = this.#begin({ operation: Operation.OpenSession, parameters: [SESSION_ID] }, 0);
    try {
      return await this.#perform(transaction, { operation: Operation.OpenSession });
    } catch (error) {
      if (isPhoneError(error) && error.kind === 'silent' && transaction.strays > 0) {
        const again = this.#begin({ operation: Operation.OpenSession, parameters: [SESSION_ID] }, 0);
        return await this.#perform(again, { operation: Operation.OpenSession });
      }
      throw error;
    }
  }

  /** 0x201E: the session outlived its host. Close and open once; if that misbehaves the open one is as good (§1.2). */
  async #reopenSession(): Promise<void> {
    if (this.#traits.keepSession) return;
    try {
      await this.#exchange({ operation: Operation.CloseSession, limits: limitsOf(Operation.OpenSession) });
      await this.#sendOpenSession();
    } catch (error) {
      if (isPhoneError(error) && error.kind === 'disconnected') throw error;
    }
  }

  /** Runs `work` as one turn. Its transactions follow each other with nothing in between. */
  async turn<T>(options: CallOptions | undefined, work: (exchange: Exchange) => Promise<T>): Promise<T> {
    return await this.#turns.take(options, () => work((request) => this.#exchange(request)));
  }

  /** One transaction as a turn of its own. */
  async exchange(request: Request, options?: CallOptions): Promise<Reply> {
    return await this.turn(options, (exchange) => exchange(request));
  }

  /** Rejects what waits, lets what is on the wire end, says goodbye, lets go of the cable. Never rejects. */
  async close(): Promise<void> {
    const alive = this.#turns.ended === undefined;
    const cause = fail('disconnected', 'close', 'closed by Replug');
    this.#turns.end(cause);
    if (alive) {
      await Promise.race([this.#turns.idle(), this.#clock.sleep(LAST_WORDS)]);
      if (!this.#traits.keepSession && !this.#owesDrain)
        await this.#exchange({ operation: Operation.CloseSession, limits: CLOSING }).catch(() => undefined);
    }
    await this.#transport.close().catch(() => undefined);
    this.#settleClosed(cause);
  }

  #end(cause: PhoneError): void {
    this.#turns.end(cause);
    this.#settleClosed(cause);
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId = transactionIdAfter(id);
    return id;
  }

  async #exchange(request: Request): Promise<Reply> {
    return await this.#perform(this.#begin(request, this.#takeId()), request);
  }

  #begin(request: Request, transactionId: number): Transaction {
    return new Transaction({
      operation: request.operation,
      transactionId,
      parameters: request.parameters ?? [],
      data: dataPhase(request.data),
      anyId: this.#traits.anyTransactionId,
      surplus: this.#surplus,
    });
  }

  async #perform(transaction: Transaction, request: Request): Promise<Reply> {
    const limits = request.limits ?? limitsOf(request.operation);
    await this.#payDebt();
    this.#surplus = new Uint8Array(0);
    try {
      await this.#transport.write([transaction.command], { last: true, limitMs: limits.command });
      transaction.commandSent();
      const early = await this.#sendData(transaction, request.data, limits);
      if (!early) await this.#receive(transaction, request.data, limits);
      return replyOf(transaction, early);
    } catch (error) {
      throw await this.#settle(transaction, error);
    } finally {
      this.#owesDrain = transaction.owesDrain;
      this.#surplus = transaction.surplus;
    }
  }

  async #payDebt(): Promise<void> {
    if (!this.#owesDrain) return;
    await drain(this.#transport, this.#clock, QUIET);
    this.#owesDrain = false;
    this.#surplus = new Uint8Array(0);
  }

  /** Sends the data phase, if there is one. Resolves with whether the phone answered before taking all of it. */
  async #sendData(transaction: Transaction, data: Request['data'], limits: Limits): Promise<boolean> {
    if (transaction.dataHeader === undefined || data === undefined || data.kind === 'in') return false;
    const sending: Sending = {
      transport: this.#transport,
      header: transaction.dataHeader,
      splitHeader: this.#traits.splitHeader,
      limitMs: limits.data,
      progress: newProgress(),
      onSent: data.kind === 'source' ? data.onSent : undefined,
    };
    try {
      if (data.kind === 'bytes') await sendBytes(sending, data.bytes);
      else await sendSource(sending, data.source);
      transaction.dataSent();
      return false;
    } catch (error) {
      if (error instanceof SourceFailure) {
        await this.#giveUpSending(transaction, sending, limits);
        throw error;
      }
      if (isPhoneError(error) && error.kind === 'silent') return await this.#earlyAnswer(transaction, error);
      throw error;
    } finally {
      if (data.kind === 'source') await data.source.close();
    }
  }

  /**
   * The phone stopped taking data. AOSP does so when it has already answered (§10): the answer has to be read now and
   * nothing more may be sent. Without an answer the phone may still wait for data, and would take the next command
   * for it: the session is over.
   */
  async #earlyAnswer(transaction: Transaction, cause: PhoneError): Promise<true> {
    try {
      await this.#receive(transaction, undefined, { command: EARLY_ANSWER, answer: EARLY_ANSWER, data: EARLY_ANSWER });
      return true;
    } catch (error) {
      const end = isPhoneError(error) && error.kind === 'silent' ? cause : error;
      this.#end(isPhoneError(end) ? end : fail('internal', 'receive', String(end)));
      throw end;
    }
  }

  /**
   * The source failed in the middle. Padding the file to its length would be a wrong file with the phone's OK; a
   * short end hangs some phones (§10) and is silently accepted by others (§1.4). A Cancel inside the data phase is
   * clean on AOSP: the file is deleted and no response follows. Where class requests are not taken the phase is ended
   * short and the answer waited for. Either way the caller deletes the object.
   */
  async #giveUpSending(transaction: Transaction, sending: Sending, limits: Limits): Promise<void> {
    try {
      await fillPacket(sending);
      if (await cancelRunning(this.#transport, this.#clock, transaction.id, QUIET)) {
        transaction.abandon();
        await this.#proveListening();
      } else {
        await this.#transport.write([], { last: true, limitMs: limits.data });
        transaction.dataSent();
        await this.#receive(transaction, undefined, limits);
      }
    } catch (error) {
      const cause = isPhoneError(error) ? error : fail('internal', 'cancel', String(error));
      this.#end(cause);
    }
  }

  /**
   * Some stacks take a Cancel and ignore it; such a phone takes the next command for the end of its data and answers
   * with the old id. A harmless command is spent on finding out; the second one must be understood.
   */
  async #proveListening(): Promise<void> {
    const request: Request = {
      operation: Operation.GetDeviceInfo,
      data: { kind: 'in', most: 1024 * 1024, onPiece: () => undefined },
      limits: limitsOf(Operation.OpenSession),
    };
    try {
      await this.#exchange(request);
    } catch (error) {
      if (!isPhoneError(error) || error.kind === 'disconnected') throw error;
      await this.#exchange(request);
    }
  }

  async #receive(transaction: Transaction, data: Request['data'], limits: Limits): Promise<void> {
    const onPiece = data?.kind === 'in' ? data.onPiece : undefined;
    let failure: { readonly error: unknown; readonly at: number } | undefined;
    const deliver = async (payload: readonly Uint8Array[]): Promise<void> => {
      for (const bytes of payload) {
        if (failure !== undefined || onPiece === undefined) continue;
        try {
          const waiting = onPiece(bytes);
          if (waiting !== undefined) await waiting;
        } catch (error) {
          failure = { error, at: transaction.received };
        }
      }
    };
    const until = this.#clock.now() + (limits.whole ?? Infinity);
    await deliver(transaction.begin());
    while (transaction.answer === undefined) {
      if (this.#clock.now() > until)
        throw fail('silent', operationName(transaction.operation), `no end after ${limits.whole} ms`);
      const answer = transaction.strays > 0 ? (limits.afterStray ?? limits.answer) : limits.answer;
      const limitMs = transaction.sawData ? limits.data : answer;
      const piece = await this.#transport.read(transaction.want, { limitMs });
      await deliver(transaction.feed(piece));
      // A transfer that can be let finish is never interrupted (rule 0.2); a film that nobody wants any more is.
      if (failure !== undefined && transaction.answer === undefined && transaction.want > MOST_READ_FOR_NOTHING) {
        await cancelRunning(this.#transport, this.#clock, transaction.id, QUIET);
        break;
      }
    }
    if (failure !== undefined) throw new ConsumerFailure(failure.error);
  }

  /** Puts the cable in order after a failed transaction and gives the error to reject with. */
  async #settle(transaction: Transaction, error: unknown): Promise<unknown> {
    const operation = operationName(transaction.operation);
    if (error instanceof ConsumerFailure) return error.cause;
    if (error instanceof SourceFailure) return error.problem;
    if (!isPhoneError(error)) return fail('internal', operation, problemOf(error).detail, {}, error);
    if (error.kind !== 'stalled') return error.problem.operation === operation ? error : named(error, operation);
    try {
      return await afterStall(this.#transport, this.#clock, operation, error);
    } catch (worse) {
      return worse;
    }
  }
}

/** The consumer of incoming data threw: its own error comes out, after the transaction was brought to an end. */
class ConsumerFailure extends Error {
  override readonly name = 'ConsumerFailure';
  constructor(cause: unknown) {
    super('the consumer of the data failed', { cause });
  }
}

const RETRIED_WHEN_OPENING: ReadonlySet<string> = new Set(['silent', 'stalled', 'confused', 'busy']);

const named = (error: PhoneError, operation: string): PhoneError =>
  fail(
    error.kind,
    operation,
    error.problem.detail || error.problem.operation,
    error.problem.holder === undefined ? {} : { holder: error.problem.holder },
    error,
  );

function dataPhase(data: Request['data']): DataPhase {
  if (data === undefined) return { kind: 'none' };
  switch (data.kind) {
    case 'in':
      return { kind: 'in', expected: data.expected, most: data.most };
    case 'bytes':
      return { kind: 'out', size: data.bytes.byteLength };
    case 'source':
      return { kind: 'out', size: data.source.size };
  }
}

function replyOf(transaction: Transaction, early: boolean): Reply {
  const answer = transaction.answer;
  if (answer === undefined) throw fail('internal', operationName(transaction.operation), 'no answer');
  return {
    code: answer.code,
    parameters: answer.parameters,
    received: transaction.received,
    cut: transaction.cut,
    early,
  };
}
