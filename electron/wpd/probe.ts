import {
  decodeDeviceInfo,
  hex,
  Operation,
  operationName,
  Reader,
  Response,
  responseName,
  ROOT_WHEN_LISTING,
} from '../mtp/wire/index.ts';
import { chunkSize } from './chunk-size.ts';
import type { Answer, Begun, Driver, Outcome } from './driver.ts';
import { hexOf, isBlocked, phoneErrorOf } from './hresults.ts';
import type { Patience } from './patience.ts';

/**
 * What Windows' driver lets through to this phone: asked, since reports contradict each other. Nothing is changed by it: the
 * edit operations are tried with a handle that does not exist, whose refusal by the phone proves that they arrived.
 * SendPartialObject is never tried, because a data phase that is refused early wedges Android (rule 1 of the field notes).
 */

/** How a phone is used. */
export type Mode =
  /** All operations are the phone's own. */
  | 'raw'
  /** Standard operations through WPD's content interface, Android's own for the chunks of files. */
  | 'mixed'
  /** The content interface alone: whole files, no resume. */
  | 'whole';

/** One question and what came of it. */
export interface ProbeStep {
  readonly operation: number;
  readonly hresult: number;
  readonly code: number | undefined;
  /** Payload bytes that came. */
  readonly bytes: number;
  readonly milliseconds: number;
}

/** What was found out. */
export interface ProbeResult {
  readonly mode: Mode;
  /** Operations that do not get through. */
  readonly hidden: ReadonlySet<number>;
  readonly steps: readonly ProbeStep[];
}

/** No phone has it: handles are counted from 1 or picked at random, and all ones means something else. */
const NO_HANDLE = 0xffff_fffd;
const EDITS = [
  Operation.BeginEditObject,
  Operation.SendPartialObject,
  Operation.TruncateObject,
  Operation.EndEditObject,
] as const;
const VENDOR = [Operation.GetPartialObject64, ...EDITS] as const;

/** Asks; `onAnswer` hears that a call came back. Rejects with what makes the phone unusable, such as `disconnected`; a refusal is a result. */
export async function probe(
  driver: Driver,
  patience: Patience,
  now: () => number,
  onAnswer?: () => void,
): Promise<ProbeResult> {
  const steps: ProbeStep[] = [];
  const note = (operation: number, began: number, outcome: Answer, bytes: number): void => {
    const { hresult, code } = outcome;
    steps.push({ operation, hresult, code, bytes, milliseconds: now() - began });
  };

  const call = async <T extends Outcome>(operation: number, make: () => Promise<T>): Promise<T> => {
    const outcome = await patience.call('probe', make, onAnswer);
    if (outcome.hresult >>> 31 === 1 && !isBlocked(outcome.hresult))
      throw phoneErrorOf(outcome.hresult, `probe ${operation}`);
    return outcome;
  };
  /** The data; `undefined` where it did not get through. */
  const read = async (operation: number, parameters: readonly number[]): Promise<Uint8Array | undefined> => {
    const began = now();
    const begun: Begun = await call(operation, () => driver.beginRead(operation, parameters));
    const { context, total = 0 } = begun;
    if (context === undefined) {
      note(operation, began, begun, 0);
      return begun.code === Response.OK ? new Uint8Array(0) : undefined;
    }
    const parts: Uint8Array[] = [];
    for (let received = 0; received < total;) {
      const { bytes } = await call(operation, () =>
        driver.read(context, Math.min(chunkSize(begun.optimal), total - received)),
      );
      if (bytes === undefined || bytes.byteLength === 0) break;
      parts.push(bytes);
      received += bytes.byteLength;
    }
    const answer = await call(operation, () => driver.end(context));
    const data = Buffer.concat(parts);
    note(operation, began, answer, data.byteLength);
    return answer.hresult >>> 31 === 0 && answer.code === Response.OK ? data : undefined;
  };
  /** Whether the phone itself answered; that it does not support the operation counts as a no. */
  const arrives = async (operation: number, make: () => Promise<Answer>): Promise<boolean> => {
    const began = now();
    const answer = await call(operation, make);
    note(operation, began, answer, 0);
    return answer.hresult >>> 31 === 0 && answer.code !== undefined && answer.code !== Response.OperationNotSupported;
  };

  const info = await read(Operation.GetDeviceInfo, []);
  const offered = info === undefined ? undefined : new Set(decodeDeviceInfo(info).operations);
  const storages = await read(Operation.GetStorageIDs, []);
  const lists = storages !== undefined && (await canList(storages, read));
  const standard = info !== undefined && lists;

  const hidden = new Set<number>();
  // what the phone does not have itself need not be asked for
  const has = (operation: number): boolean => offered?.has(operation) ?? true;
  if (has(Operation.GetPartialObject64)) {
    const parameters = [NO_HANDLE, 0, 0, 1];
    const passes = await arrives(Operation.GetPartialObject64, async () => {
      const begun = await driver.beginRead(Operation.GetPartialObject64, parameters);
      return begun.context === undefined ? begun : driver.end(begun.context);
    });
    if (!passes) hidden.add(Operation.GetPartialObject64);
  }
  if (has(Operation.BeginEditObject)) {
    let passes = true;
    for (const operation of [Operation.BeginEditObject, Operation.TruncateObject, Operation.EndEditObject]) {
      const parameters = operation === Operation.TruncateObject ? [NO_HANDLE, 0, 0] : [NO_HANDLE];
      if (has(operation)) passes &&= await arrives(operation, () => driver.execute(operation, parameters));
    }
    if (!passes) for (const operation of EDITS) hidden.add(operation);
  }
  if (standard) return { mode: 'raw', hidden, steps };
  if (!hidden.has(Operation.GetPartialObject64)) return { mode: 'mixed', hidden, steps };
  return { mode: 'whole', hidden: new Set(VENDOR), steps };
}

/** Whether a listing of one object gets through. A locked phone has no storage to try it with, and answers the question so. */
async function canList(
  storages: Uint8Array,
  read: (operation: number, parameters: readonly number[]) => Promise<Uint8Array | undefined>,
): Promise<boolean> {
  const [storage] = new Reader(storages, 'StorageIDs').u32Array();
  if (storage === undefined) return true;
  const handles = await read(Operation.GetObjectHandles, [storage, 0, ROOT_WHEN_LISTING]);
  if (handles === undefined) return false;
  const [handle] = new Reader(handles, 'ObjectHandles').u32Array();
  return handle === undefined || (await read(Operation.GetObjectInfo, [handle])) !== undefined;
}

/** The result as lines that anyone may read. */
export function probeLines(
  { mode, hidden, steps }: ProbeResult,
  vendor: readonly number[] | undefined,
): readonly string[] {
  const codes = (all: Iterable<number>): string => [...all].map((code) => hex(code)).join(' ') || 'none';
  return [
    `Windows’ driver: ${mode}`,
    `vendor operations it names: ${vendor === undefined ? 'not told' : codes(vendor)}`,
    `do not get through: ${codes(hidden)}`,
    ...steps.map(
      ({ operation, hresult, code, bytes, milliseconds }) =>
        `probe ${hex(operation)} ${operationName(operation)}: ${hexOf(hresult)}, ` +
        `${code === undefined ? 'no response' : `${responseName(code)} ${hex(code)}`}, ${bytes} bytes, ${Math.round(milliseconds)} ms`,
    ),
  ];
}
