/**
 * One open phone as Windows' driver offers it: an MTP operation in pieces. Two implementations, both in the worker thread:
 * `commands.ts` (the phone's own operations) and `content.ts` (WPD's content interface in their place).
 */

/** What became of a call: an HRESULT, and what came with it. */
export interface Outcome {
  /** Unsigned; 0 and everything below 0x80000000 is success. */
  readonly hresult: number;
}

/** A response of the phone; without a code the driver gave none. */
export interface Answer extends Outcome {
  readonly code?: number | undefined;
  readonly parameters?: readonly number[] | undefined;
}

/** An operation with a data phase was begun; without a context it was refused, and the answer may say why. */
export interface Begun extends Answer {
  readonly context?: string | undefined;
  /** Payload bytes; `SIZE_UNKNOWN` and more may mean that only the end tells. */
  readonly total?: number | undefined;
  /** Bytes the driver likes best in one call. */
  readonly optimal?: number | undefined;
}

/** A piece of data from the phone. */
export interface Received extends Outcome {
  readonly bytes?: Uint8Array | undefined;
}

/** How much of a piece was taken. */
export interface Written extends Outcome {
  readonly written?: number | undefined;
}

/** The calls, which block. */
export interface BlockingDriver {
  execute(operation: number, parameters: readonly number[]): Answer;
  beginRead(operation: number, parameters: readonly number[]): Begun;
  /** `total` in bytes. */
  beginWrite(operation: number, parameters: readonly number[], total: number): Begun;
  read(context: string, size: number): Received;
  write(context: string, bytes: Uint8Array): Written;
  /** Ends the data phase; what is not complete is cancelled. */
  end(context: string): Answer;
}

/** The same from outside the thread. Rejects with `disconnected` when the thread is gone. */
export type Driver = {
  readonly [Call in keyof BlockingDriver]: (
    ...args: Parameters<BlockingDriver[Call]>
  ) => Promise<ReturnType<BlockingDriver[Call]>>;
};
