import { fail, isPhoneError, problemOf, type PhoneError } from '../../shared/errors.ts';
import type { Piece, Transport, WriteOptions } from '../mtp/ports.ts';
import {
  ClassRequest,
  ContainerType,
  dataPhaseOf,
  decodeHeader,
  decodeParameters,
  encodeParameters,
  join,
  Operation,
  operationName,
  Response,
} from '../mtp/wire/index.ts';
import { DataToPhone } from './data-to-phone.ts';
import type { Answer, Driver, Outcome } from './driver.ts';
import { receive, type DataFromPhone } from './data-from-phone.ts';
import { isBlocked, phoneErrorOf } from './hresults.ts';
import { isShared, lostTo, Patience } from './patience.ts';
import type { Route } from './thread.ts';
import { limited, urged, type Timers } from './timers.ts';

/** A command that was written. */
export interface CommandContainer {
  readonly code: number;
  readonly transactionId: number;
  readonly parameters: readonly number[];
}

/** How an exchange reaches the driver: waits while it is busy, and takes the other way where one is blocked. */
export type CallDriver = <T extends Outcome>(
  command: CommandContainer,
  stage: 'begin' | 'data',
  call: (driver: Driver) => Promise<T>,
) => Promise<T | Answer>;

/** What a transport is made of. */
export interface WpdTransportOptions {
  readonly drivers: Readonly<Record<Route, Driver>>;
  /** Which driver is asked: found out by `probe`. */
  readonly route: Route;
  /** Operations that do not get through: left out of what the phone says it can do. */
  readonly hidden: ReadonlySet<number>;
  readonly timers: Timers;
  /** Lets go of the device. Called once; `lost` unless this program closed it. */
  readonly onClosed: (lost: boolean) => Promise<void>;
  /** Ends a call that does not come back, from another thread. */
  readonly interrupt: () => void;
  /** It did not help: the thread is given up. Called instead of `onClosed`, or while that is under way. */
  readonly onStuck: () => void;
}

/** Nothing of USB shows here. */
const PACKET = 512;
/** Vendor operations: those the content interface has nothing for. */
const FIRST_VENDOR_OPERATION = 0x9000;
/** Milliseconds until a call that is not wanted any more is interrupted, and until its thread is given up. */
const URGE = 500;
const CLOSING = 2_000;
/** Pieces kept before the next is asked for: one is read while one is worked on. */
const MOST_PIECES = 2;

/**
 * Containers on one side, calls of Windows' driver on the other. The driver owns the MTP session, so opening and closing
 * one is answered here. A transaction is confirmed by the response that ends it and by nothing before.
 */
export class WpdTransport implements Transport {
  readonly maxPacketSize = PACKET;
  readonly linkSpeed = undefined;
  readonly closed: Promise<PhoneError>;
  readonly #options: WpdTransportOptions;
  readonly #patience: Patience;
  readonly #settleClosed: (cause: PhoneError) => void;
  readonly #listeners = new Set<(packet: Uint8Array) => void>();
  readonly #kept: Uint8Array[] = [];
  readonly #pieces: Piece[] = [];
  #route: Route;
  #failure: PhoneError | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;
  #end: PhoneError | undefined;
  /** The transaction that is under way, or the last one. */
  #exchange: { readonly done: Promise<void>; cancelled: boolean } = { done: Promise.resolve(), cancelled: true };
  #out: DataToPhone | undefined;
  #session = false;
  #lastMove = 0;

  constructor(options: WpdTransportOptions) {
    this.#options = options;
    this.#route = options.route;
    this.#patience = new Patience(options.timers);
    const { promise, resolve } = Promise.withResolvers<PhoneError>();
    this.closed = promise;
    this.#settleClosed = resolve;
  }

  async write(parts: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    this.#check();
    if (this.#out !== undefined) return this.#writeData(this.#out, parts, options);
    const bytes = join(parts);
    // an empty packet behind what was refused
    if (bytes.byteLength === 0) return;
    const header = decodeHeader(bytes);
    if (header.type !== ContainerType.command)
      throw fail('confused', operationName(header.code), `a container of type ${header.type} where a command belongs`);
    // whatever of the one before nobody read is not read any more
    this.#exchange.cancelled = true;
    this.#wakeWriter?.();
    await this.#limit(this.#exchange.done, options.limitMs, 'write');
    this.#failure = undefined;
    const { code, transactionId, parameters } = decodeParameters(bytes);
    this.#begin({ code, transactionId, parameters }, options);
  }

  async writeBehind(command: Uint8Array, parts: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    await this.write([command], { last: true, limitMs: options.limitMs, reads: 'none' });
    await this.write(parts, options);
  }

  async read(_want: number, options: { readonly limitMs: number }): Promise<Piece> {
    this.#check();
    if (this.#pieces.length === 0 && this.#failure === undefined) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#wakeReader = () => resolve(undefined);
      await this.#limit(promise, options.limitMs, 'read');
      this.#check();
    }
    const piece = this.#pieces.shift();
    this.#wakeWriter?.();
    if (piece !== undefined) return piece;
    const failure = this.#failure ?? fail('internal', 'read', 'woken for nothing');
    this.#failure = undefined;
    throw failure;
  }

  onInterrupt(listener: (packet: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    for (const packet of this.#kept.splice(0)) listener(packet);
    return () => this.#listeners.delete(listener);
  }

  /** An event container, from the thread. */
  hear(packet: Uint8Array): void {
    if (this.#end !== undefined) return;
    if (this.#listeners.size === 0) this.#kept.push(packet);
    else for (const listener of this.#listeners) listener(packet);
  }

  giveUpWhen(isUnwanted: () => boolean): void {
    this.#patience.isUnwanted = isUnwanted;
  }

  /** The device is gone, or the thread that had it open. */
  lose(cause: PhoneError): void {
    void this.#finish(cause);
  }

  /** Cancel ends the data phase at the next chunk; what was read is dropped. */
  async classRequestOut(request: number, _data: Uint8Array, options: { readonly limitMs: number }): Promise<void> {
    this.#check();
    if (request !== ClassRequest.Cancel) throw fail('stalled', 'class request', `0x${request.toString(16)}`);
    const exchange = this.#exchange;
    exchange.cancelled = true;
    this.#patience.giveUp();
    this.#wakeWriter?.();
    const out = this.#out;
    this.#out = undefined;
    await this.#limit(this.#urge(out === undefined ? exchange.done : out.cancel()), options.limitMs, 'cancel');
    this.#pieces.length = 0;
    this.#failure = undefined;
  }

  /** The status of a phone that is well: its driver has dealt with everything else. */
  async classRequestIn(request: number, _length: number, _options: { readonly limitMs: number }): Promise<Uint8Array> {
    this.#check();
    if (request !== ClassRequest.GetDeviceStatus) throw fail('stalled', 'class request', `0x${request.toString(16)}`);
    const status = new Uint8Array(4);
    new DataView(status.buffer).setUint16(0, 4, true);
    new DataView(status.buffer).setUint16(2, Response.OK, true);
    return Promise.resolve(status);
  }

  /** Halts are the driver's. */
  clearHalt(): Promise<void> {
    this.#check();
    return Promise.resolve();
  }

  /** Windows has no reset for programs: the device is let go and opened anew. */
  async reset(): Promise<void> {
    this.#check();
    await this.#finish(fail('disconnected', 'bus reset', 'closed by the reset'));
  }

  async close(): Promise<void> {
    await this.#finish(fail('disconnected', 'close', 'closed by this program'), false);
  }

  #begin(command: CommandContainer, options: WriteOptions): void {
    const exchange = { done: Promise.resolve(), cancelled: false };
    this.#exchange = exchange;
    const phase = dataPhaseOf(command.code);
    this.#touch();
    if (options.reads === 'none' || phase === 'out') {
      this.#out = new DataToPhone(command, phase === 'out' ? this.#callDriver : undefined, () => this.#touch());
      return;
    }
    const work = this.#perform(command, exchange).catch((error: unknown) => {
      if (!exchange.cancelled) this.#fail(error, command);
    });
    exchange.done = work;
  }

  async #perform(command: CommandContainer, exchange: { readonly cancelled: boolean }): Promise<void> {
    const { code, parameters } = command;
    if (code === Operation.OpenSession || code === Operation.CloseSession) return this.#answerSession(command);
    switch (dataPhaseOf(code)) {
      case 'none': {
        this.#respond(command, await this.#callDriver(command, 'begin', (driver) => driver.execute(code, parameters)));
        return;
      }
      case 'in': {
        const sink: DataFromPhone = {
          isCancelled: () => exchange.cancelled || this.#end !== undefined,
          give: (piece) => this.#give(piece),
          hidden: this.#options.hidden,
        };
        const answer = await receive(command, this.#callDriver, sink);
        if (!exchange.cancelled) this.#respond(command, answer);
        return;
      }
      default:
        // nobody knows whether data would follow: refused, as a phone does
        this.#respond(command, { hresult: 0, code: Response.OperationNotSupported });
    }
  }

  #answerSession(command: CommandContainer): void {
    const opens = command.code === Operation.OpenSession;
    const refused = opens ? Response.SessionAlreadyOpen : Response.SessionNotOpen;
    this.#respond(command, { hresult: 0, code: this.#session === opens ? refused : Response.OK });
    this.#session = opens;
  }

  async #writeData(out: DataToPhone, parts: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    try {
      await this.#limit(out.write(parts, options.payload), options.limitMs, 'write');
    } catch (error) {
      if (isPhoneError(error) && error.kind === 'disconnected') void this.#finish(error);
      // the driver refused a chunk: what is written next is another command, not the rest of this data
      else if (this.#out === out && !(isPhoneError(error) && error.kind === 'silent')) {
        this.#out = undefined;
        this.#exchange = { cancelled: true, done: out.cancel() };
      }
      throw error;
    }
    if (!options.last || !out.isComplete) return;
    this.#out = undefined;
    this.#exchange = {
      cancelled: false,
      done: out.end().then(
        (answer) => {
          this.#respond(out.command, answer);
        },
        (error: unknown) => {
          this.#fail(error, out.command);
        },
      ),
    };
  }

  readonly #callDriver: CallDriver = async <T extends Outcome>(
    command: CommandContainer,
    stage: 'begin' | 'data',
    call: (driver: Driver) => Promise<T>,
  ): Promise<T | Answer> => {
    const operation = operationName(command.code);
    const touch = (): void => {
      this.#touch();
    };
    for (;;) {
      const route = this.#route;
      const outcome = await this.#patience
        .call(operation, () => call(this.#options.drivers[route]), touch)
        .catch((error: unknown): never => {
          if (!isShared(error)) throw error;
          // the device is let go, which ends what is open in it, and taken again when it can be had; it is still plugged in
          const cause = lostTo(error);
          void this.#finish(cause, false);
          throw cause;
        });
      if (outcome.hresult >>> 31 === 0) return outcome;
      if (stage === 'data' || !isBlocked(outcome.hresult)) throw phoneErrorOf(outcome.hresult, operation);
      if (route === 'content' || command.code >= FIRST_VENDOR_OPERATION)
        return { hresult: 0, code: Response.OperationNotSupported };
      // handles stay what they are: the names of WPD's objects hold them
      this.#route = 'content';
    }
  };

  #respond(command: CommandContainer, { code, parameters }: Answer): void {
    const response = code ?? Response.GeneralError;
    const bytes = encodeParameters(
      ContainerType.response,
      response,
      command.transactionId,
      parameters?.slice(0, 5) ?? [],
    );
    this.#put({ bytes, short: true });
  }

  /** Resolves when there is room for the next piece. */
  async #give(piece: Piece): Promise<void> {
    this.#put(piece);
    while (this.#pieces.length >= MOST_PIECES && !this.#exchange.cancelled && this.#end === undefined) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#wakeWriter = () => resolve(undefined);
      await promise;
    }
  }

  #put(piece: Piece): void {
    this.#touch();
    this.#pieces.push(piece);
    this.#wakeReader?.();
  }

  #fail(error: unknown, command: CommandContainer): void {
    const cause = isPhoneError(error) ? error : fail('internal', operationName(command.code), problemOf(error).detail);
    if (cause.kind === 'disconnected') {
      void this.#finish(cause);
      return;
    }
    this.#failure = cause;
    this.#wakeReader?.();
  }

  #limit<T>(work: Promise<T>, limitMs: number, operation: string): Promise<T> {
    const late = (): PhoneError => fail('silent', operation, `nothing for ${limitMs} ms`);
    const ended = this.closed.then((cause): never => {
      throw cause;
    });
    return limited(Promise.race([work, ended]), this.#options.timers, limitMs, () => this.#lastMove, late);
  }

  #touch(): void {
    this.#lastMove = this.#options.timers.now();
  }

  #check(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  async #finish(cause: PhoneError, lost = true): Promise<void> {
    if (this.#end !== undefined) return;
    this.#end = cause;
    this.#exchange.cancelled = true;
    this.#patience.stop();
    this.#settleClosed(cause);
    this.#wakeReader?.();
    this.#wakeWriter?.();
    const { timers, onClosed, onStuck } = this.#options;
    const work = this.#urge(Promise.all([this.#exchange.done, this.#out?.settled]));
    const late = (): PhoneError => fail('silent', 'close');
    await limited(
      work.then(() => onClosed(lost)),
      timers,
      CLOSING,
      () => 0,
      late,
    ).catch(onStuck);
  }

  #urge<T>(work: Promise<T>): Promise<T> {
    return urged(work, this.#options.timers, URGE, this.#options.interrupt);
  }
}
