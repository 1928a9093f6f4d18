import { fail, isPhoneError, problemOf, type PhoneError } from '../../../shared/errors.ts';
import type { DataOut, TransactionResult, TransactionRequest, SessionTraits } from './transaction-request.ts';
import { EARLY_RESPONSE, QUIET, timeoutsOf, type Timeouts } from './timeouts.ts';
import { SourceFailure, fillPacket, newProgress, sendBytes, sendSource, type Sending } from './data-out.ts';
import type { Clock, Transport } from '../ports.ts';
import { afterStall, cancelRunning, drain } from './recovery.ts';
import { Transaction, transactionIdAfter, type DataPhase } from './transaction.ts';
import { Operation, operationName } from '../wire/codes.ts';

/**
 * One transaction after the other over a cable: what `Transaction` decides, done. A transaction that was
 * not finished is drained before the next command; where not even that helps, `onBroken` is told.
 * It knows no queue; whoever calls `transact` holds the turn.
 */

/** A whole object is read on after its consumer failed only up to here; beyond it a Cancel is the lesser evil. */
const MOST_READ_FOR_NOTHING = 64 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** Runs transactions on one cable, one at a time. */
export class TransactionRunner {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #onBroken: (cause: PhoneError) => void;
  traits: SessionTraits;
  #nextId = 1;
  #needsDrain = false;
  #surplus: Uint8Array = NOTHING;

  constructor(transport: Transport, clock: Clock, traits: SessionTraits, onBroken: (cause: PhoneError) => void) {
    this.#transport = transport;
    this.#clock = clock;
    this.traits = traits;
    this.#onBroken = onBroken;
  }

  get needsDrain(): boolean {
    return this.#needsDrain;
  }

  /** One transaction with the next id. */
  transact(request: TransactionRequest): Promise<TransactionResult> {
    return this.#perform(this.#begin(request, this.#takeId()), request);
  }

  /**
   * One transaction with id 0, after which ids begin anew. A phone that was stuck receiving takes the command as the
   * end of its data and answers with the old id; then it has to be said once more, at once.
   */
  async transactOutside(request: TransactionRequest): Promise<TransactionResult> {
    this.#nextId = 1;
    const transaction = this.#begin(request, 0);
    try {
      return await this.#perform(transaction, request);
    } catch (error) {
      if (isPhoneError(error) && error.kind === 'silent' && transaction.strays > 0)
        return await this.#perform(this.#begin(request, 0), request);
      throw error;
    }
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId = transactionIdAfter(id);
    return id;
  }

  #begin(request: TransactionRequest, transactionId: number): Transaction {
    return new Transaction({
      operation: request.operation,
      transactionId,
      parameters: request.parameters ?? [],
      data: dataPhase(request.data),
      anyId: this.traits.anyTransactionId,
      surplus: this.#surplus,
    });
  }

  async #perform(transaction: Transaction, request: TransactionRequest): Promise<TransactionResult> {
    const { data } = request;
    const limits = request.limits ?? timeoutsOf(request.operation);
    // nothing is waited for between the answer to one command and the next one: each step of that would be time on the bus
    if (this.#needsDrain) await this.#drain();
    this.#surplus = NOTHING;
    try {
      let early = false;
      if (transaction.dataHeader === undefined || data === undefined || data.kind === 'in') {
        const reads = data === undefined ? 'response' : transaction.want;
        await this.#transport.write([transaction.command], { last: true, limitMs: limits.command, reads });
        transaction.commandSent();
      } else early = await this.#send(transaction, transaction.dataHeader, data, limits);
      if (!early) await this.#receive(transaction, data, limits);
      return replyOf(transaction, early);
    } catch (error) {
      throw await this.#cleanUpAfter(transaction, error);
    } finally {
      this.#needsDrain = transaction.needsDrain;
      this.#surplus = transaction.surplus;
    }
  }

  async #drain(): Promise<void> {
    await drain(this.#transport, this.#clock, QUIET);
    this.#needsDrain = false;
  }

  /** Sends the command and the data. Resolves with whether the phone answered before taking all of it. */
  async #send(transaction: Transaction, header: Uint8Array, data: DataOut, limits: Timeouts): Promise<boolean> {
    transaction.commandSent();
    const sending: Sending = {
      transport: this.#transport,
      command: transaction.command,
      header,
      payload: data.kind === 'bytes' ? data.bytes.byteLength : data.source.size,
      splitHeader: this.traits.splitHeader,
      limitMs: limits.data,
      listenAfterMs: limits.listenAfter,
      progress: newProgress(),
      onSent: data.kind === 'source' ? data.onSent : undefined,
    };
    try {
      if (data.kind === 'bytes') await sendBytes(sending, { payload: data.bytes });
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
      if (data.kind === 'source' && data.source.isOpen) await data.source.close();
    }
  }

  /**
   * The phone stopped taking data. AOSP does so when it has already answered (§10): the answer has to be read now and
   * nothing more may be sent. Without an answer the phone may still wait for data, and would take the next command
   * for it: the session is over.
   */
  async #earlyAnswer(transaction: Transaction, cause: PhoneError): Promise<true> {
    try {
      await this.#receive(transaction, undefined, {
        command: EARLY_RESPONSE,
        answer: EARLY_RESPONSE,
        data: EARLY_RESPONSE,
      });
      return true;
    } catch (error) {
      const end = isPhoneError(error) && error.kind === 'silent' ? cause : error;
      this.#onBroken(isPhoneError(end) ? end : fail('internal', 'receive', String(end)));
      throw end;
    }
  }

  /**
   * The source failed in the middle. Padding the file to its length would be a wrong file with the phone's OK; a
   * short end hangs some phones (§10) and is silently accepted by others (§1.4). A Cancel inside the data phase is
   * clean on AOSP: the file is deleted and no response follows. Where class requests are not taken the phase is ended
   * short and the answer waited for. Either way the caller deletes the object.
   */
  async #giveUpSending(transaction: Transaction, sending: Sending, limits: Timeouts): Promise<void> {
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
      this.#onBroken(cause);
    }
  }

  /**
   * Some stacks take a Cancel and ignore it; such a phone takes the next command for the end of its data and answers
   * with the old id. A harmless command is spent on finding out; the second one must be understood.
   */
  async #proveListening(): Promise<void> {
    const request: TransactionRequest = {
      operation: Operation.GetDeviceInfo,
      data: { kind: 'in', most: 1024 * 1024, onPiece: () => undefined },
      limits: timeoutsOf(Operation.OpenSession),
    };
    try {
      await this.transact(request);
    } catch (error) {
      if (!isPhoneError(error) || error.kind === 'disconnected') throw error;
      await this.transact(request);
    }
  }

  async #receive(transaction: Transaction, data: TransactionRequest['data'], limits: Timeouts): Promise<void> {
    const onPiece = data?.kind === 'in' ? data.onPiece : undefined;
    let failure: { readonly error: unknown; readonly at: number } | undefined;
    const expected = data?.kind === 'in' ? (data.expected ?? 0) : 0;
    const whole = (limits.whole ?? Infinity) + (limits.slowest === undefined ? 0 : expected / limits.slowest);
    const until = this.#clock.now() + whole;
    for (let payload = transaction.begin(); ;) {
      for (const bytes of payload) {
        if (failure !== undefined || onPiece === undefined) continue;
        try {
          const waiting = onPiece(bytes);
          if (waiting !== undefined) await waiting;
        } catch (error) {
          failure = { error, at: transaction.received };
        }
      }
      if (transaction.answer !== undefined) break;
      // A transfer that can be let finish is never interrupted (rule 0.2); a film that nobody wants any more is, and so
      // is one whose end nobody knows.
      if (failure !== undefined && transaction.received - failure.at + transaction.want > MOST_READ_FOR_NOTHING) {
        await cancelRunning(this.#transport, this.#clock, transaction.id, QUIET);
        break;
      }
      if (this.#clock.now() > until)
        throw fail('silent', operationName(transaction.operation), `no end after ${Math.round(whole)} ms`);
      const answer = transaction.strays > 0 ? (limits.afterStray ?? limits.answer) : limits.answer;
      const limitMs = transaction.sawData ? limits.data : answer;
      payload = transaction.feed(await this.#transport.read(transaction.want, { limitMs }));
    }
    if (failure !== undefined) throw new ConsumerFailure(failure.error);
  }

  /** Puts the cable in order after a failed transaction and gives the error to reject with. */
  async #cleanUpAfter(transaction: Transaction, error: unknown): Promise<unknown> {
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

const named = (error: PhoneError, operation: string): PhoneError =>
  fail(
    error.kind,
    operation,
    error.problem.detail || error.problem.operation,
    error.problem.holder === undefined ? {} : { holder: error.problem.holder },
    error,
  );

function dataPhase(data: TransactionRequest['data']): DataPhase {
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

function replyOf(transaction: Transaction, early: boolean): TransactionResult {
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
