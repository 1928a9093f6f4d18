import { fail } from '../../../shared/errors.ts';
import { refusal } from '../session/response-errors.ts';
import type { KnownCapabilities } from './capabilities.ts';
import type { CallOptions, Clock } from '../ports.ts';
import type { Effects } from './quirks.ts';
import type { Transact, TransactionResult, TransactionRequest } from '../session/transaction-request.ts';
import type { Session } from '../session/session.ts';
import { join } from '../wire/bytes.ts';
import { Operation, Response, operationName } from '../wire/codes.ts';

/** Listings beyond this (some 700,000 names) make no sense and are refused before they are kept. */
const LARGEST_DATASET = 64 * 1024 * 1024;

/** A busy phone is asked again after these pauses (milliseconds). */
const BUSY_PAUSES: readonly number[] = [250, 500, 1_000, 2_000];

/** Asking one phone: transactions whose refusals have become `PhoneError`s, and what was learnt from them. */
export class Requests {
  readonly session: Session;
  readonly clock: Clock;
  readonly capabilities: KnownCapabilities;
  readonly effects: Effects;
  readonly #transact: (request: TransactionRequest, options: CallOptions | undefined) => Promise<TransactionResult>;
  /** Called when the phone answers that a storage is not there (any more), unless it was asked about storages. */
  onStorageGone: () => void = () => undefined;

  /** Whether something may be asked before the last answer has come: the session keeps it until its turn. */
  readonly mayAskAhead: boolean;

  /** `within`: a turn that is held, in which all of its transactions go. */
  constructor(
    session: Session,
    clock: Clock,
    capabilities: KnownCapabilities,
    effects: Effects,
    within: Transact | undefined = undefined,
  ) {
    this.session = session;
    this.clock = clock;
    this.capabilities = capabilities;
    this.effects = effects;
    this.mayAskAhead = within === undefined;
    this.#transact =
      within === undefined ? (request, options) => session.transact(request, options) : (request) => within(request);
  }

  /** Holds a turn for `work`: what it asks with the requests it is given follows each other with nothing in between. */
  async turn<T>(options: CallOptions | undefined, work: (within: Requests) => Promise<T>): Promise<T> {
    return await this.session.turn(options, (transact) => {
      const within = new Requests(this.session, this.clock, this.capabilities, this.effects, transact);
      within.onStorageGone = () => {
        this.onStorageGone();
      };
      return work(within);
    });
  }

  /** One transaction as a turn of its own, again after a pause while the phone is busy. */
  async ask(
    request: TransactionRequest,
    options: CallOptions | undefined,
    subject?: string,
  ): Promise<TransactionResult> {
    let result = await this.#transact(request, options);
    if (result.code === Response.DeviceBusy)
      result = await this.#whileBusy(result, () => this.#transact(request, options));
    return this.check(request, result, subject);
  }

  /** One transaction inside a turn that is already held. */
  async askWithin(transact: Transact, request: TransactionRequest, subject?: string): Promise<TransactionResult> {
    let result = await transact(request);
    // A source can be read only once.
    if (result.code === Response.DeviceBusy && request.data?.kind !== 'source')
      result = await this.#whileBusy(result, () => transact(request));
    return this.check(request, result, subject);
  }

  /** An operation that answers with a dataset, whole. */
  async dataset(
    operation: number,
    parameters: readonly number[],
    options: CallOptions | undefined,
  ): Promise<Uint8Array> {
    let parts: Uint8Array[] = [];
    const request: TransactionRequest = {
      operation,
      parameters,
      data: { kind: 'in', most: LARGEST_DATASET, onPiece: (bytes) => void parts.push(bytes) },
    };
    let result = await this.#transact(request, options);
    if (result.code === Response.DeviceBusy)
      result = await this.#whileBusy(result, () => {
        parts = [];
        return this.#transact(request, options);
      });
    this.check(request, result);
    if (result.cut) throw fail('confused', operationName(operation), `data ended after ${result.received} bytes`);
    return join(parts);
  }

  /** Asks again what was answered with *busy*. */
  async #whileBusy(busy: TransactionResult, attempt: () => Promise<TransactionResult>): Promise<TransactionResult> {
    let result = busy;
    for (const pause of BUSY_PAUSES) {
      if (result.code !== Response.DeviceBusy) break;
      await this.clock.sleep(pause);
      result = await attempt();
    }
    return result;
  }

  /** Refuses what this phone is known not to do, before anything is sent. */
  need(operation: Operation): void {
    if (!this.capabilities.supports(operation))
      throw fail('unsupported', operationName(operation), 'not among its operations', {
        code: Response.OperationNotSupported,
      });
  }

  check(request: TransactionRequest, result: TransactionResult, subject?: string): TransactionResult {
    if (result.code === Response.OK) {
      // An OK for data that was never taken whole would be believed otherwise.
      if (result.early) throw fail('confused', operationName(request.operation), 'answered OK before it took the data');
      return result;
    }
    const isGone = result.code === Response.InvalidStorageID || result.code === Response.StoreNotAvailable;
    if (isGone && request.operation !== Operation.GetStorageInfo && request.operation !== Operation.GetStorageIDs)
      this.onStorageGone();
    if (result.code === Response.OperationNotSupported) this.capabilities.correct(request.operation);
    throw refusal(request.operation, result.code, subject);
  }
}
