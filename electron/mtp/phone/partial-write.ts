import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { Requests } from './requests.ts';
import { isRefusal, sizeInInfo } from './object-info.ts';
import type { CallOptions } from '../ports.ts';
import type { ObjectHandle, StorageId } from './phone-types.ts';
import type { TransactionRequest } from '../session/transaction-request.ts';
import { explainStall } from './storages.ts';
import { Operation } from '../wire/codes.ts';

/**
 * Writing in place (field notes §3.3). The phone answers a wrong SendPartialObject before it reads the data, and then
 * reads the data as its next command: so everything it would refuse is checked here first (rule 0.1).
 */

const FOUR_GIB = 2 ** 32;
const LARGEST_REQUEST = 256 * 1024 * 1024;

interface OpenEdit {
  readonly storage: StorageId;
  /** The size as the phone counts it; a chunk that was cut short does not count, though its bytes may be on disk (§10). */
  reached: number;
}

/**
 * The open edits of one connection. Calls without one, or beyond what was reached, reject with `bad-request` before
 * anything is sent.
 */
export class Edits {
  readonly #requests: Requests;
  readonly #open = new Map<ObjectHandle, OpenEdit>();

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Opens an edit; one that is still open from earlier (it survives sessions) is ended first, for that reloads the true length. */
  async begin(handle: ObjectHandle, options: CallOptions | undefined): Promise<number> {
    this.#needEdit();
    await this.release(handle, options);
    await this.#requests.session.turn(options, async (transact) => {
      const begin = { operation: Operation.BeginEditObject, parameters: [handle] };
      try {
        await this.#requests.askWithin(transact, begin);
      } catch (error) {
        if (!isRefusal(error, 'refused')) throw error;
        await transact({ operation: Operation.EndEditObject, parameters: [handle] });
        await this.#requests.askWithin(transact, begin);
      }
    });
    const { size, storage } = await sizeInInfo(this.#requests, handle, options);
    this.#open.set(handle, { storage, reached: size });
    return size;
  }

  async write(handle: ObjectHandle, offset: number, data: Uint8Array, options: CallOptions | undefined): Promise<void> {
    this.#needEdit();
    const edit = this.#edit(handle, 'SendPartialObject');
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > edit.reached)
      throw fail('bad-request', 'SendPartialObject', `offset ${offset} is beyond the ${edit.reached} bytes reached`);
    if (data.byteLength === 0) return;
    if (data.byteLength > LARGEST_REQUEST)
      throw fail('bad-request', 'SendPartialObject', `${data.byteLength} bytes at once`);
    const request: TransactionRequest = {
      operation: Operation.SendPartialObject,
      parameters: [handle, offset % FOUR_GIB, Math.floor(offset / FOUR_GIB), data.byteLength],
      data: { kind: 'bytes', bytes: data },
    };
    try {
      await this.#requests.ask(request, options);
    } catch (error) {
      throw await explainStall(this.#requests, edit.storage, data.byteLength, error);
    }
    // The parameter of the answer is not the number of bytes written (§10) and is not looked at.
    edit.reached = Math.max(edit.reached, offset + data.byteLength);
  }

  async truncate(handle: ObjectHandle, size: number, options: CallOptions | undefined): Promise<void> {
    const edit = this.#edit(handle, 'TruncateObject');
    this.#requests.need(Operation.TruncateObject);
    if (!Number.isSafeInteger(size) || size < 0) throw fail('bad-request', 'TruncateObject', `size ${size}`);
    const parameters = [handle, size % FOUR_GIB, Math.floor(size / FOUR_GIB)];
    await this.#requests.ask({ operation: Operation.TruncateObject, parameters }, options);
    edit.reached = size;
  }

  /** Ends an edit. One that is not open is left alone: AOSP refuses a second EndEdit. */
  async end(handle: ObjectHandle, options: CallOptions | undefined): Promise<void> {
    if (!this.#open.has(handle)) return;
    try {
      await this.#requests.ask({ operation: Operation.EndEditObject, parameters: [handle] }, options);
    } catch (error) {
      // A refusal means that the phone knows of no such edit.
      if (isRefusal(error, 'refused', 'stale')) this.#open.delete(handle);
      throw error;
    }
    this.#open.delete(handle);
  }

  /** Before the object itself is changed, which no phone guards: an edit the phone has already forgotten is as good as ended. */
  async release(handle: ObjectHandle, options: CallOptions | undefined): Promise<void> {
    try {
      await this.end(handle, options);
    } catch (error) {
      if (!isRefusal(error, 'refused', 'stale')) throw error;
    }
  }

  /** Ends all of them, as far as the phone still listens. Never rejects. */
  async endAll(): Promise<void> {
    for (const handle of [...this.#open.keys()]) {
      try {
        await this.end(handle, undefined);
      } catch (error) {
        if (isPhoneError(error) && (error.kind === 'disconnected' || error.kind === 'silent')) return;
      }
      this.#open.delete(handle);
    }
  }

  #edit(handle: ObjectHandle, operation: string): OpenEdit {
    const edit = this.#open.get(handle);
    if (edit === undefined) throw fail('bad-request', operation, 'no edit is open');
    return edit;
  }

  #needEdit(): void {
    this.#requests.need(Operation.BeginEditObject);
    this.#requests.need(Operation.SendPartialObject);
    this.#requests.need(Operation.EndEditObject);
  }
}
