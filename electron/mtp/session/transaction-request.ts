import type { Source } from './data-out.ts';
import type { Timeouts } from './timeouts.ts';

/** What a transaction is asked for and what comes back: the words between `Session`, its runner and `phone`. */

/** The data phase to the phone: bytes at hand, or a source that is read while it is sent. */
export type DataOut =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'source'; readonly source: Source; readonly onSent?: ((bytes: number) => void) | undefined };

/** The data phase from the phone. */
export interface DataIn {
  readonly kind: 'in';
  /** Payload bytes, where they are known beforehand. */
  readonly expected?: number | undefined;
  /** More makes no sense and is refused. */
  readonly most: number;
  /** Called with each piece in order; the next one is read after its promise. */
  readonly onPiece: (bytes: Uint8Array) => void | Promise<void>;
}

/** One transaction to run. */
export interface TransactionRequest {
  readonly operation: number;
  readonly parameters?: readonly number[];
  readonly data?: DataOut | DataIn;
  /** Instead of the operation's own. */
  readonly limits?: Timeouts;
}

/** What the phone answered; a refusal is a result too: `Requests` makes an error of it. */
export interface TransactionResult {
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
export type Transact = (request: TransactionRequest) => Promise<TransactionResult>;

/** What a device's quirks change in every transaction. */
export interface SessionTraits {
  /** Junk in the transaction ids of answers. */
  readonly anyTransactionId: boolean;
  readonly splitHeader: boolean;
  /** CloseSession takes the device out of MTP mode: an open session is used as it is and never closed. */
  readonly keepSession: boolean;
}

/** A device without quirks. */
export const NO_TRAITS: SessionTraits = { anyTransactionId: false, splitHeader: false, keepSession: false };
