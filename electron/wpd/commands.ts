import { type Com, type ComObject } from './com.ts';
import { failed } from './hresults.ts';
import type { Answer, Begun, BlockingDriver, Received, Written } from './driver.ts';
import { Command, Key, MTP_CATEGORY } from './keys.ts';
import { hresultOf, PropVariants, Values } from './values.ts';

/**
 * MTP operations through `IPortableDevice::SendCommand`, as `WpdMtpExtensions.h` describes the commands. What a command
 * gives is read to its end before the next one, and everything that was made for it is released.
 */

const SEND_COMMAND = 4;
const NOTHING = new Uint8Array(0);

/** The phone's own operations. */
export class MtpCommands implements BlockingDriver {
  readonly #com: Com;
  readonly #device: ComObject;
  /** Handed in with every read, as the command demands; the data comes back in another buffer. */
  #scratch = NOTHING;

  constructor(device: ComObject) {
    this.#com = device.com;
    this.#device = device;
  }

  /** The vendor operations that the driver says it lets through; `undefined` where it does not say. */
  vendorOperations(): readonly number[] | undefined {
    let operations: readonly number[] | undefined;
    this.#send(Command.supportedVendorOperations, undefined, (results) => {
      operations = results.numbers(Key.vendorOperations);
    });
    return operations;
  }

  execute(operation: number, parameters: readonly number[]): Answer {
    return this.#operation(Command.executeWithoutData, operation, parameters, undefined, answerIn);
  }

  beginRead(operation: number, parameters: readonly number[]): Begun {
    return this.#operation(Command.executeWithDataToRead, operation, parameters, undefined, begunIn);
  }

  beginWrite(operation: number, parameters: readonly number[], total: number): Begun {
    return this.#operation(Command.executeWithDataToWrite, operation, parameters, total, begunIn);
  }

  read(context: string, size: number): Received {
    if (this.#scratch.byteLength !== size) this.#scratch = new Uint8Array(size);
    let bytes: Uint8Array | undefined;
    const hresult = this.#send(
      Command.readData,
      (values) => {
        values.setText(Key.transferContext, context).setU32(Key.bytesToRead, size).setBytes(Key.data, this.#scratch);
      },
      (results) => {
        const count = results.u32(Key.bytesRead);
        const data = results.bytes(Key.data) ?? NOTHING;
        // a count beyond the buffer is passed on as it is: the caller refuses it
        bytes = count === undefined || count > data.byteLength ? undefined : data.subarray(0, count);
      },
    );
    return { hresult, bytes };
  }

  write(context: string, bytes: Uint8Array): Written {
    let written: number | undefined;
    const hresult = this.#send(
      Command.writeData,
      (values) => {
        values
          .setText(Key.transferContext, context)
          .setU32(Key.bytesToWrite, bytes.byteLength)
          .setBytes(Key.data, bytes);
      },
      (results) => {
        written = results.u32(Key.bytesWritten);
      },
    );
    return { hresult, written };
  }

  end(context: string): Answer {
    let answer: Answer | undefined;
    const hresult = this.#send(
      Command.endDataTransfer,
      (values) => {
        values.setText(Key.transferContext, context);
      },
      (results) => {
        answer = answerIn(0, results);
      },
    );
    return { ...answer, hresult };
  }

  #operation<T extends Answer>(
    command: number,
    operation: number,
    parameters: readonly number[],
    total: number | undefined,
    read: (hresult: number, results: Values) => T,
  ): T | Answer {
    let result: T | undefined;
    const collection = PropVariants.ofNumbers(this.#com, parameters);
    try {
      const hresult = this.#send(
        command,
        (values) => {
          values.setU32(Key.operationCode, operation).setCollection(Key.operationParameters, collection);
          if (total !== undefined) values.setU64(Key.totalSize, total);
        },
        (results) => {
          result = read(0, results);
        },
      );
      return { ...result, hresult };
    } finally {
      collection.release();
    }
  }

  /** Gives the HRESULT of the call, or of the driver where the call itself went well; `read` is called only then. */
  #send(command: number, fill: ((values: Values) => void) | undefined, read: (results: Values) => void): number {
    const values = Values.make(this.#com);
    try {
      values.setGuid(Key.commandCategory, MTP_CATEGORY).setU32(Key.commandId, command);
      fill?.(values);
      const results = new Values(
        this.#com.get('SendCommand', this.#device.pointer, SEND_COMMAND, ['u32', 'pointer'], 0, values.pointer),
      );
      try {
        const hresult = results.error(Key.commandResult) ?? 0;
        if (!failed(hresult)) read(results);
        return hresult;
      } finally {
        results.release();
      }
    } catch (error) {
      return hresultOf(error);
    } finally {
      values.release();
    }
  }
}

const answerIn = (hresult: number, results: Values): Answer => ({
  hresult,
  code: results.u32(Key.responseCode),
  parameters: results.numbers(Key.responseParameters),
});

const begunIn = (hresult: number, results: Values): Begun => ({
  ...answerIn(hresult, results),
  context: results.text(Key.transferContext),
  total: results.u64(Key.totalSize),
  optimal: results.u32(Key.optimalSize),
});
