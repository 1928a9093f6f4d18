import type { Device } from '../../shared/domain.ts';
import type { PhoneError, Problem } from '../../shared/errors.ts';

/**
 * What the protocol needs of a cable and of time, what the engine needs of a bus, and the options of a call. Three
 * implementations of each port: libusb (`electron/usb`), Windows' own driver (`electron/wpd`) and one in process
 * (`electron/virtual`). Types only.
 */

/** Time comes in as an argument: the protocol has no timer of its own, and tests have their own hours. */
export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** With 0, whatever is ready to run runs first. */
  sleep(milliseconds: number): Promise<void>;
}

/**
 * Who goes first at a transaction boundary: `browse`, which a person waits for, before `bulk`, which is the default.
 * `idle` goes only while nobody else waits.
 */
export type Priority = 'browse' | 'bulk' | 'idle';

/** Options of every call that asks the phone something. */
export interface CallOptions {
  readonly priority?: Priority;
  /** Looked at between transactions only: a transaction on the wire is never dropped. Rejects with `cancelled`. */
  readonly signal?: { readonly aborted: boolean };
  /** Told after each turn how long it held the phone, milliseconds; waiting for it does not count. */
  readonly onTurn?: ((milliseconds: number) => void) | undefined;
}

/** One piece of the bulk-IN stream: what one bulk transfer delivered. */
export interface Piece {
  /** Belongs to the caller: the transport does not use this memory again before it is given back. Empty for a zero-length packet. */
  readonly bytes: Uint8Array;
  /** The transfer ended with a short or empty packet: the responder marked the end of a phase here. */
  readonly short: boolean;
}

/** Options of `Transport.write`; times in milliseconds. */
export interface WriteOptions {
  readonly last: boolean;
  readonly limitMs: number;
  readonly listenAfterMs?: number | undefined;
  /**
   * Of a write that begins a transaction: the reads that the transport may post with it, for a response alone, or for a data
   * phase of about so many bytes and the response behind it. `none` where data to the phone follows: no read is in flight
   * meanwhile, since some responders halt when they are asked for data while they receive some (QEMU).
   */
  readonly reads?: 'none' | 'response' | number;
  /** Of the write that ends a data phase: the read for the response may be posted as soon as the last byte is out. */
  readonly endsData?: boolean;
  /** Of the first write of a data phase: bytes of its whole payload, which a header of 32 bits cannot tell from 4 GiB on. */
  readonly payload?: number;
}

/**
 * One cable to one MTP interface. All calls reject with a `PhoneError`: `disconnected`, `stalled`, `silent` (its
 * limit ran out), or another kind that says what is wrong. After `closed` has settled every call rejects.
 */
export interface Transport {
  /** wMaxPacketSize of the bulk endpoints as the active descriptor says: 64, 512 or 1024. */
  readonly maxPacketSize: number;
  readonly linkSpeed: Device['linkSpeed'];
  /** What the device could do with a better cable or port, where it says so. */
  readonly bestLinkSpeed?: Device['linkSpeed'];
  /** Resolves (never rejects) once, when the cable is of no more use: with its cause. */
  readonly closed: Promise<PhoneError>;

  /**
   * Writes `parts`, joined, to bulk-OUT. A write that is not `last` must have a length that is a multiple of
   * `maxPacketSize`. With `last` the phase ends: a zero-length packet follows exactly when the total is a multiple
   * of `maxPacketSize` (a command is a write of its own with `last`). The buffers are free again when it resolves.
   * `limitMs` is the longest silence between two completed transfers, not the length of the whole. With
   * `listenAfterMs`, bulk-IN is read too once nothing was taken for that long: when the phone has something to say there,
   * the write ends at once with `silent`, and the next `read` gets what came.
   */
  write(parts: readonly Uint8Array[], options: WriteOptions): Promise<void>;

  /**
   * As two writes, a command and then `parts` with `options`, of which the second does not wait until the first is out. No
   * read is in flight meanwhile. A transport without it is given two writes.
   */
  writeBehind?(command: Uint8Array, parts: readonly Uint8Array[], options: WriteOptions): Promise<void>;

  /**
   * The next piece of the bulk-IN stream. `want` is how many more bytes the caller expects in this phase: the
   * transport may keep several reads in flight for that many, but never for more, so that nothing is asked of a
   * phone that owes nothing. When the limit runs out the call rejects with `silent` and *no byte is lost*: reads stay
   * in flight and a later call gets what they bring.
   */
  read(want: number, options: { readonly limitMs: number }): Promise<Piece>;

  /** Bytes of a piece that nobody reads any more: later reads may use their memory. Nobody has to. */
  giveBack?(bytes: Uint8Array): void;

  /**
   * Of a transport that other programs can keep busy: `isUnwanted` is asked while a call waits for them. Once it says yes,
   * `closed` settles after a moment and not at the end of the limit.
   */
  giveUpWhen?(isUnwanted: () => boolean): void;

  /** Calls `listener` for each interrupt-IN packet (events). Returns the function that stops it. */
  onInterrupt(listener: (packet: Uint8Array) => void): () => void;

  /** A class request to the interface (bmRequestType 0x21 or 0xA1, wValue 0, wIndex = interface number). */
  classRequestOut(request: number, data: Uint8Array, options: { readonly limitMs: number }): Promise<void>;
  classRequestIn(request: number, length: number, options: { readonly limitMs: number }): Promise<Uint8Array>;

  clearHalt(endpoint: 'in' | 'out'): Promise<void>;
  /** Bus reset: ends the responder's USB function; the device may come back as a new one. The transport is closed by it. */
  reset(): Promise<void>;
  /** Releases the interface. Idempotent; pending calls reject with `disconnected`. */
  close(): Promise<void>;
}

/** A device on the bus that has an MTP interface (or may have), before it is opened. */
export interface AttachedDevice {
  /** Distinct among everything attached now; of no meaning after it is gone. */
  readonly id: string;
  readonly vendorId: number;
  readonly productId: number;
  /** From the USB descriptors where readable without claiming; may be empty. */
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  readonly virtual: boolean;
}

/** All devices that can be reached in one way. Calls reject with a `PhoneError`. */
export interface DeviceBus {
  /** Everything attached now. */
  current(): Promise<readonly AttachedDevice[]>;
  /** Calls `listener` with the whole list after each change. Returns the function that stops it. */
  onChange(listener: (attached: readonly AttachedDevice[]) => void): () => void;
  /**
   * Claims the MTP interface. Rejects with `held` (holder named where known), `forbidden` (with the fix) or `disconnected`. Where
   * it waits for other programs, `onWait` is called once that takes longer than a moment; the problem says so in words.
   */
  open(attached: AttachedDevice, onWait?: (problem: Problem) => void): Promise<Transport>;
  close(): Promise<void>;
}
