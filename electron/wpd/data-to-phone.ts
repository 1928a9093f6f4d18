import { fail } from '../../shared/errors.ts';
import { ContainerType, decodeHeader, HEADER_SIZE, operationName, Response, SIZE_UNKNOWN } from '../mtp/wire/index.ts';
import { chunkSize } from './chunk-size.ts';
import type { Answer, Begun, Written } from './driver.ts';
import type { CallDriver, CommandContainer } from './transport.ts';

/** Calls of the driver in a row that take nothing, before it is given up. */
const MOST_EMPTY_WRITES = 3;

/**
 * A data phase to the phone: the pieces of a data container, in whatever sizes they are written, as chunks of the
 * driver's. A phone that refuses the operation is not sent its data: the pieces are taken and dropped, and the refusal
 * is the response.
 */
export class DataToPhone {
  readonly command: CommandContainer;
  /** `undefined` for an operation whose data phase is not known: it is refused without asking. */
  readonly #call: CallDriver | undefined;
  readonly #onChunk: () => void;
  readonly #header = new Uint8Array(HEADER_SIZE);
  #headerFilled = 0;
  #total = 0;
  #taken = 0;
  #context: string | undefined;
  #chunk = 0;
  #refusal: Answer | undefined;
  #cancelled = false;
  /** The write under way. */
  #writing: Promise<void> = Promise.resolve();

  constructor(command: CommandContainer, call: CallDriver | undefined, onChunk: () => void) {
    this.command = command;
    this.#call = call;
    this.#onChunk = onChunk;
  }

  /** Whether the header is here: a header sent alone is not the end of its data. */
  get isComplete(): boolean {
    return this.#headerFilled === HEADER_SIZE && this.#taken >= this.#total;
  }

  /** Resolves, never rejects, when the write under way has ended. */
  get settled(): Promise<void> {
    return this.#writing.catch(() => undefined);
  }

  /** Resolves when the driver has all of it; the buffers are the caller's again then. */
  write(parts: readonly Uint8Array[], payload: number | undefined): Promise<void> {
    this.#writing = this.#write(parts, payload);
    return this.#writing;
  }

  async #write(parts: readonly Uint8Array[], payload: number | undefined): Promise<void> {
    for (const part of parts) {
      let bytes = part;
      if (this.#headerFilled < HEADER_SIZE) {
        bytes = this.#takeHeader(bytes);
        if (this.#headerFilled < HEADER_SIZE) continue;
        await this.#begin(payload);
      }
      await this.#send(bytes);
    }
  }

  /** Ends the phase: the response. */
  async end(): Promise<Answer> {
    const context = this.#context;
    if (this.#call === undefined || context === undefined)
      return this.#refusal ?? { hresult: 0, code: Response.OperationNotSupported };
    return this.#call(this.command, 'data', (driver) => driver.end(context));
  }

  /** Ends it before it is complete, at the next chunk. The response is nobody's. */
  async cancel(): Promise<void> {
    this.#cancelled = true;
    await this.settled;
    await this.end().catch(() => undefined);
  }

  #takeHeader(bytes: Uint8Array): Uint8Array {
    const size = Math.min(bytes.byteLength, HEADER_SIZE - this.#headerFilled);
    this.#header.set(bytes.subarray(0, size), this.#headerFilled);
    this.#headerFilled += size;
    return bytes.subarray(size);
  }

  async #begin(payload: number | undefined): Promise<void> {
    const { code, transactionId, parameters } = this.command;
    const header = decodeHeader(this.#header);
    if (header.type !== ContainerType.data || header.code !== code || header.transactionId !== transactionId)
      throw fail('confused', operationName(code), `data of transaction ${header.transactionId} in ${transactionId}`);
    const total = header.length === SIZE_UNKNOWN ? payload : header.length - HEADER_SIZE;
    if (total === undefined) throw fail('internal', operationName(code), 'data of unknown length');
    this.#total = total;
    if (this.#call === undefined) return;
    const begun: Begun = await this.#call(this.command, 'begin', (driver) =>
      driver.beginWrite(code, parameters, total),
    );
    this.#context = begun.context;
    this.#chunk = chunkSize(begun.optimal);
    if (begun.context === undefined) this.#refusal = begun;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    this.#taken += bytes.byteLength;
    if (this.#taken > this.#total)
      throw fail('internal', operationName(this.command.code), `more than ${this.#total} bytes of data`);
    const context = this.#context;
    const call = this.#call;
    if (context === undefined || call === undefined) return;
    let empty = 0;
    for (let sent = 0; sent < bytes.byteLength && !this.#cancelled;) {
      const size = Math.min(this.#chunk, bytes.byteLength - sent);
      const piece = bytes.subarray(sent, sent + size);
      // a copy, since what is handed over is the thread's, and a chunk may be handed over again
      const { written = 0 }: Written = await call(this.command, 'data', (driver) =>
        driver.write(context, new Uint8Array(piece)),
      );
      this.#onChunk();
      if (written > size)
        throw fail('confused', operationName(this.command.code), `${written} of ${size} bytes written`);
      empty = written === 0 ? empty + 1 : 0;
      if (empty >= MOST_EMPTY_WRITES)
        throw fail('confused', operationName(this.command.code), 'the driver takes no data');
      sent += written;
    }
  }
}
