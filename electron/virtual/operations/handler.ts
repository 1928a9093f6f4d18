import { Response } from '../../mtp/wire/index.ts';
import type { EditList } from '../edits.ts';
import type { UsbHandle } from '../handle.ts';
import type { Entry, ObjectTable, Slot } from '../objects.ts';
import type { Profile, QuirkSet } from '../profiles.ts';

/** A command as it arrived. */
export interface Request {
  readonly operation: number;
  readonly transactionId: number;
  readonly parameters: readonly number[];
  /** Payload of the data phase, for the four operations whose data the server reads before it looks at them. */
  readonly data: Uint8Array;
}

/** A response, with its data phase where there is one. */
export interface Answer {
  readonly code: number;
  readonly parameters?: readonly number[];
  /** Payload of a data phase before the response. */
  readonly data?: Uint8Array;
}
/**
 * `no-answer`: the transaction was cancelled, nothing follows. `stalled`: nothing follows either, the endpoints say it.
 * `end`: the server's loop ends.
 */
export type Outcome = Answer | 'no-answer' | 'stalled' | 'end';

/** SendObjectInfo has been answered; SendObject must be next. */
export interface PendingSend {
  readonly entry: Entry;
  readonly path: string;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly modified: number | undefined;
  /** The name exists on disk in another case. */
  readonly overwrites: boolean;
}

/** What DeviceInfo says the phone is. */
export interface Identity {
  readonly maker: string;
  readonly model: string;
  readonly serial: string;
}

/** What the operations see of the server. */
export interface ServerState {
  readonly profile: Profile;
  readonly quirks: QuirkSet;
  readonly identity: Identity;
  readonly handle: UsbHandle;
  readonly table: ObjectTable;
  readonly edits: EditList;
  /** Empty while the phone is locked. */
  readonly slots: readonly Slot[];
  /** 0: closed. */
  sessionId: number;
  pending: PendingSend | undefined;
  friendlyName: string;
  partner: string;
  readonly battery: number;
  emit(event: number, parameter: number): void;
  sessionOpened(): void;
  /** Something was done that a real phone does not survive, or not unharmed. */
  harm(what: string): void;
  /** Counts up with each property list, whose order follows a hash on the phone. */
  nextTurn(): number;
}

/** Carries out one operation. A LinkBreak may pass through; any other error is answered with GeneralError. */
export type Handler = (state: ServerState, request: Request) => Promise<Outcome> | Outcome;

/** OK, with parameters. */
export const ok = (parameters: readonly number[] = []): Answer => ({ code: Response.OK, parameters });
/** A response code without data. */
export const refuse = (code: number): Answer => ({ code });

/** Parameter `index`, counted from 1; one that was left out is 0. */
export const param = (request: Request, index: number): number => request.parameters[index - 1] ?? 0;

/** AOSP getStorage: 0 is the first one. */
export const slotOf = (state: ServerState, id: number): Slot | undefined =>
  id === 0 ? state.slots[0] : state.slots.find((slot) => slot.id === id);
/** Whether such a storage is visible; for 0 and 0xFFFFFFFF whether there is any. */
export const hasStorage = (state: ServerState, id = 0): boolean =>
  id === 0 || id === 0xffffffff ? state.slots.length > 0 : slotOf(state, id) !== undefined;

/** A listed object; what vanished from the disk meanwhile is forgotten, as the phone's own watch would do. */
export async function entryOf(state: ServerState, handle: number): Promise<Entry | undefined> {
  const entry = state.table.get(handle);
  if (entry === undefined || entry.phantom) return entry;
  if (state.table.facts(entry) !== undefined) return entry;
  state.table.forget(entry);
  return undefined;
}

/** What this phone claims a size to be. */
export const claimedSize = (state: ServerState, size: number | bigint): bigint =>
  state.quirks.has('zero-sizes') ? 0n : believedSize(state, size);
/** What it believes itself, when it is asked for bytes. */
export const believedSize = (state: ServerState, size: number | bigint): bigint =>
  BigInt(size) * (state.quirks.has('doubled-sizes') ? 2n : 1n);
