import { Response } from '../../mtp/wire/index.ts';
import type { EditList } from '../edits.ts';
import type { UsbHandle } from '../handle.ts';
import type { Entry, ObjectTable, Slot } from '../objects.ts';
import type { Profile, QuirkSet } from '../profiles.ts';

/** A received command. */
export interface Command {
  readonly operation: number;
  readonly transactionId: number;
  readonly parameters: readonly number[];
  /** Payload of the data phase, for the four operations whose data the server reads first. */
  readonly data: Uint8Array;
}

/** A response, with its data phase if there is one. */
export interface OperationResponse {
  readonly code: number;
  readonly parameters?: readonly number[];
  /** Payload of the data phase before the response. */
  readonly data?: Uint8Array;
}
/**
 * `no-answer`: the transaction was cancelled, nothing follows. `stalled`: nothing follows either, the endpoints are
 * halted. `end`: the server's loop ends.
 */
export type OperationResult = OperationResponse | 'no-answer' | 'stalled' | 'end';

/** Set once SendObjectInfo has been answered; SendObject must be next. */
export interface PendingSend {
  readonly entry: Entry;
  readonly path: string;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly modified: number | undefined;
  /** The name exists on disk in a different case. */
  readonly overwrites: boolean;
}

/** How DeviceInfo describes the phone. */
export interface Identity {
  readonly maker: string;
  readonly model: string;
  readonly serial: string;
}

/** The part of the server that operations see. */
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
  /** Reports something that would crash or damage a real phone. */
  harm(what: string): void;
  /** Increases with each property list, whose order depends on a hash on the phone. */
  nextTurn(): number;
}

/** Executes one operation. A LinkBreak may pass through; any other error is answered with GeneralError. */
export type Handler = (state: ServerState, request: Command) => Promise<OperationResult> | OperationResult;

/** OK, with parameters. */
export const ok = (parameters: readonly number[] = []): OperationResponse => ({ code: Response.OK, parameters });
/** A response code without data. */
export const refuse = (code: number): OperationResponse => ({ code });

/** Parameter `index`, counted from 1; 0 if it is missing. */
export const param = (request: Command, index: number): number => request.parameters[index - 1] ?? 0;

/** AOSP getStorage: 0 means the first storage. */
export const slotOf = (state: ServerState, id: number): Slot | undefined =>
  id === 0 ? state.slots[0] : state.slots.find((slot) => slot.id === id);
/** Whether the storage is visible; for 0 and 0xFFFFFFFF, whether there is any. */
export const hasStorage = (state: ServerState, id = 0): boolean =>
  id === 0 || id === 0xffffffff ? state.slots.length > 0 : slotOf(state, id) !== undefined;

/** A listed object. One that has disappeared from the disk is forgotten, as the phone's own file watcher would do. */
export async function entryOf(state: ServerState, handle: number): Promise<Entry | undefined> {
  const entry = state.table.get(handle);
  if (entry === undefined || entry.phantom) return entry;
  if (state.table.facts(entry) !== undefined) return entry;
  state.table.forget(entry);
  return undefined;
}

/** The size this phone claims. */
export const claimedSize = (state: ServerState, size: number | bigint): bigint =>
  state.quirks.has('zero-sizes') ? 0n : believedSize(state, size);
/** The size it believes itself when bytes are read. */
export const believedSize = (state: ServerState, size: number | bigint): bigint =>
  BigInt(size) * (state.quirks.has('doubled-sizes') ? 2n : 1n);
