import { fail, isPhoneError } from '../../shared/errors.ts';
import type { Line } from './line.ts';
import { isAnswer, sizeInInfo } from './objects.ts';
import type { CallOptions, ObjectHandle } from './phone-types.ts';
import { Operation } from './wire/codes.ts';

/**
 * Writing in place (field notes §3.3). The phone answers a wrong SendPartialObject before it reads the data, and then
 * reads the data as its next command: so everything it would refuse is checked here first (rule 0.1).
 */

const FOUR_GIB = 2 ** 32;
const LARGEST_WINDOW = 256 * 1024 * 1024;

export class Edits {
  readonly #line: Line;
  /** Open edits and the size each has reached, as the phone counts it. */
  readonly #reached = new Map<ObjectHandle, number>();

  constructor(line: Line) {
    this.#line = line;
  }

  isOpen(handle: ObjectHandle): boolean {
    return this.#reached.has(handle);
  }

  /** Opens an edit; one that is still open from earlier (it survives sessions) is ended first, for that reloads the true length. */
  async begin(handle: ObjectHandle, options: CallOptions | undefined): Promise<number> {
    this.#needEdit();
    if (this.#reached.has(handle)) await this.end(handle, options);
    await this.#line.session.turn(options, async (exchange) => {
      const begin = { operation: Operation.BeginEditObject, parameters: [handle] };
      try {
        await this.#line.askWithin(exchange, begin);
      } catch (error) {
        if (!isAnswer(error, 'refused')) throw error;
        await exchange({ operation: Operation.EndEditObject, parameters: [handle] });
        await this.#line.askWithin(exchange, begin);
      }
    });
    const size = await sizeInInfo(this.#line, handle, options);
    this.#reached.set(handle, size);
    return size;
  }

  async write(handle: ObjectHandle, offset: number, data: Uint8Array, options: CallOptions | undefined): Promise<void> {
    this.#needEdit();
    const reached = this.#reachedOf(handle, 'SendPartialObject');
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > reached)
      throw fail('bad-request', 'SendPartialObject', `offset ${offset} is beyond the ${reached} bytes reached`);
    if (data.byteLength === 0) return;
    if (data.byteLength > LARGEST_WINDOW)
      throw fail('bad-request', 'SendPartialObject', `${data.byteLength} bytes at once`);
    await this.#line.ask(
      {
        operation: Operation.SendPartialObject,
        parameters: [handle, offset % FOUR_GIB, Math.floor(offset / FOUR_GIB), data.byteLength],
        data: { kind: 'bytes', bytes: data },
      },
      options,
    );
    // The parameter of the answer is not the number of bytes written (§10) and is not looked at.
    this.#reached.set(handle, Math.max(reached, offset + data.byteLength));
  }

  async truncate(handle: ObjectHandle, size: number, options: CallOptions | undefined): Promise<void> {
    this.#reachedOf(handle, 'TruncateObject');
    this.#line.need(Operation.TruncateObject);
    if (!Number.isSafeInteger(size) || size < 0) throw fail('bad-request', 'TruncateObject', `size ${size}`);
    const parameters = [handle, size % FOUR_GIB, Math.floor(size / FOUR_GIB)];
    await this.#line.ask({ operation: Operation.TruncateObject, parameters }, options);
    this.#reached.set(handle, size);
  }

  /** Ends an edit. One that is not open is left alone: AOSP refuses a second EndEdit. */
  async end(handle: ObjectHandle, options: CallOptions | undefined): Promise<void> {
    if (!this.#reached.has(handle)) return;
    await this.#line.ask({ operation: Operation.EndEditObject, parameters: [handle] }, options);
    this.#reached.delete(handle);
  }

  /** Ends all of them, as far as the phone still listens. Never rejects. */
  async endAll(): Promise<void> {
    for (const handle of [...this.#reached.keys()]) {
      try {
        await this.end(handle, undefined);
      } catch (error) {
        if (isPhoneError(error) && (error.kind === 'disconnected' || error.kind === 'silent')) return;
      }
      this.#reached.delete(handle);
    }
  }

  /** Nothing guards a deletion or a rename during an edit on the phone. */
  refuseOpen(handle: ObjectHandle, operation: string): void {
    if (this.#reached.has(handle)) throw fail('bad-request', operation, 'its edit is still open');
  }

  #reachedOf(handle: ObjectHandle, operation: string): number {
    const reached = this.#reached.get(handle);
    if (reached === undefined) throw fail('bad-request', operation, 'no edit is open');
    return reached;
  }

  #needEdit(): void {
    this.#line.need(Operation.BeginEditObject);
    this.#line.need(Operation.SendPartialObject);
    this.#line.need(Operation.EndEditObject);
  }
}
