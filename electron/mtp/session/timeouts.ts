import { Operation } from '../wire/codes.ts';

/**
 * How long each kind of wait may last (field notes §2.4), in milliseconds. Silence has no other sign: a wedged phone
 * and a slow one look alike, so the limit depends on what was asked.
 */
export interface Timeouts {
  /** To take the command. */
  readonly command: number;
  /** To the first byte of the answer. */
  readonly answer: number;
  /** Silence inside a data phase. Flash memory pauses for seconds while it tidies up. */
  readonly data: number;
  /** From the command to the end of the answer: a phone that sends a byte now and then is not a phone that answers. */
  readonly whole?: number;
  /** Bytes a millisecond: what is expected, at this pace, may take so much longer than `whole`. */
  readonly slowest?: number;
  /**
   * Nothing was taken of outgoing data for so long: what the phone says meanwhile is listened to. Only where the phone
   * is known to be still inside the operation then; else it would take the rest of the data for its next command.
   */
  readonly listenAfter?: number;
  /** To our own answer after one of an abandoned transaction came: the phone took our command for something else. */
  readonly afterStray?: number;
}

const COMMAND = 15_000;
const DATA = 30_000;

const CONTROL: Timeouts = { command: COMMAND, answer: 15_000, data: DATA, whole: 120_000 };
/** The phone reads a whole folder before its first byte. */
const LISTING: Timeouts = { command: COMMAND, answer: 60_000, data: DATA, whole: 600_000 };
/** At 1 Mbit/s, far below what USB 1 did, the largest chunk takes 35 minutes. */
const READING: Timeouts = { command: COMMAND, answer: DATA, data: DATA, whole: 2_400_000 };
/** As long as the object is, at 32 kB/s at least: far below what USB 1 did. */
const STREAMING: Timeouts = { command: COMMAND, answer: DATA, data: DATA, whole: 600_000, slowest: 32 };
/** The answer comes after the phone has written everything; the whole counts from then on. */
const WRITING: Timeouts = { command: COMMAND, answer: 60_000, data: DATA, whole: 120_000 };
/**
 * AOSP answers a chunk whose first 16 KiB it cannot write without taking the rest, and first gives back those bytes as
 * data (field notes §10): it is heard at once, and the write is withdrawn before its response is read.
 */
const CHUNK: Timeouts = { ...WRITING, listenAfter: 2_000 };
/** Whole trees are deleted, or copied between storages, inside one operation without a sign of life. */
const LONG: Timeouts = { command: COMMAND, answer: 600_000, data: DATA, whole: 1_200_000 };

/** OpenSession: short, since a phone that is stuck never answers and one that is well does at once. */
export const OPENING: Timeouts = { command: 5_000, answer: 5_000, data: 5_000, afterStray: 1_500 };
/** CloseSession: nothing is lost without it. */
export const CLOSING: Timeouts = { command: 2_000, answer: 2_000, data: 2_000 };

const BY_OPERATION: ReadonlyMap<number, Timeouts> = new Map<number, Timeouts>([
  [Operation.OpenSession, OPENING],
  [Operation.CloseSession, CLOSING],
  [Operation.GetNumObjects, LISTING],
  [Operation.GetObjectHandles, LISTING],
  [Operation.GetObjectPropList, LISTING],
  [Operation.GetObject, STREAMING],
  [Operation.GetPartialObject, READING],
  [Operation.GetPartialObject64, READING],
  [Operation.GetThumb, READING],
  [Operation.SendObjectInfo, WRITING],
  [Operation.SendObject, WRITING],
  [Operation.SendPartialObject, CHUNK],
  [Operation.TruncateObject, WRITING],
  [Operation.EndEditObject, WRITING],
  [Operation.DeleteObject, LONG],
  [Operation.MoveObject, LONG],
  [Operation.CopyObject, LONG],
]);

/** The limits of an operation. */
export const timeoutsOf = (operation: number): Timeouts => BY_OPERATION.get(operation) ?? CONTROL;

/** A read that finds nothing for this long has found the end. */
export const QUIET = 300;
/**
 * The look before the first command of a connection, where mostly nothing is waiting. What an earlier owner left comes
 * with the first packet; the read stays in flight, so what comes later meets it and is skipped by OpenSession.
 */
export const FIRST_LOOK = 10;
/** The same after an attempt that failed: the phone may be slow. */
export const LOOK_AGAIN = 100;
/** What a drain may take at most, before it is given up and the ladder goes on. */
export const DRAIN_TIME = 10_000;
/** Bytes a drain may read away at most. */
export const DRAIN_BYTES = 64 * 1024 * 1024;
/** Class requests go unanswered on some stacks (AOSP's compat handle), so nothing waits long for one. */
export const CLASS_REQUEST = 1_000;
/** An answer that was there before the data was taken is read at once. */
export const EARLY_RESPONSE = 2_000;
/** How long closing waits for what is on the wire before it takes the cable away. */
export const CLOSE_LIMIT = 15_000;
