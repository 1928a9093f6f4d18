import {
  ContainerType,
  Event,
  HEADER_SIZE,
  Operation,
  Response,
  encodeParameters,
  putHeader,
  u16At,
  u32At,
} from '../mtp/wire/index.ts';
import { EditList } from './edits.ts';
import type { PointHit } from './faults.ts';
import { UsbHandle } from './handle.ts';
import { LinkBreak } from './link.ts';
import type { Link } from './link.ts';
import type { ObjectTable, Slot } from './objects.ts';
import * as edit from './operations/edit.ts';
import type { Handler, Identity, OperationResult, PendingSend, Command, ServerState } from './operations/handler.ts';
import { ok, refuse } from './operations/handler.ts';
import * as objects from './operations/objects.ts';
import * as props from './operations/props.ts';
import * as session from './operations/session.ts';
import * as transfer from './operations/transfer.ts';
import { ExtraOperation } from './profiles.ts';
import type { Profile, QuirkName, QuirkSet } from './profiles.ts';
import { growInPlace, rewriteInPlace } from './in-place.ts';

const HANDLERS: Readonly<Record<number, Handler>> = {
  [Operation.GetDeviceInfo]: session.getDeviceInfo,
  [Operation.OpenSession]: session.openSession,
  [Operation.CloseSession]: session.closeSession,
  [ExtraOperation.ResetDevice]: session.closeSession,
  [Operation.GetStorageIDs]: session.getStorageIds,
  [Operation.GetStorageInfo]: session.getStorageInfo,
  [Operation.GetDevicePropDesc]: session.getDevicePropDesc,
  [Operation.GetDevicePropValue]: session.getDevicePropValue,
  [Operation.SetDevicePropValue]: session.setDevicePropValue,
  [ExtraOperation.ResetDevicePropValue]: session.resetDevicePropValue,
  [Operation.GetNumObjects]: objects.getNumObjects,
  [Operation.GetObjectHandles]: objects.getObjectHandles,
  [Operation.GetObjectInfo]: objects.getObjectInfo,
  [Operation.DeleteObject]: objects.deleteObject,
  [Operation.MoveObject]: objects.moveObject,
  [Operation.CopyObject]: objects.copyObject,
  [Operation.GetObject]: transfer.getObject,
  [Operation.GetThumb]: transfer.getThumb,
  [Operation.GetPartialObject]: transfer.getPartialObject,
  [Operation.GetPartialObject64]: transfer.getPartialObject64,
  [Operation.SendObjectInfo]: transfer.sendObjectInfo,
  [Operation.SendObject]: transfer.sendObject,
  [Operation.SendPartialObject]: edit.sendPartialObject,
  [Operation.TruncateObject]: edit.truncate,
  [Operation.BeginEditObject]: edit.beginEdit,
  [Operation.EndEditObject]: edit.endEdit,
  [Operation.GetObjectPropsSupported]: props.getObjectPropsSupported,
  [Operation.GetObjectPropDesc]: props.getObjectPropDesc,
  [Operation.GetObjectPropValue]: props.getObjectPropValue,
  [Operation.SetObjectPropValue]: props.setObjectPropValue,
  [Operation.GetObjectPropList]: props.getObjectPropList,
};

const SET_OBJECT_REFERENCES = 0x9811;
/**
 * For these operations AOSP reads the data phase before it processes the command; for all others the operation itself
 * does, or nothing does.
 */
const DATA_FIRST: ReadonlySet<number> = new Set([
  Operation.SendObjectInfo,
  SET_OBJECT_REFERENCES,
  Operation.SetObjectPropValue,
  Operation.SetDevicePropValue,
]);
const EDIT_OPERATIONS: ReadonlySet<number> = new Set([
  Operation.SendPartialObject,
  Operation.TruncateObject,
  Operation.BeginEditObject,
  Operation.EndEditObject,
]);
/** Operations that some phones answer with OK without doing anything. */
const IDLE: Readonly<Record<number, QuirkName>> = {
  [Operation.DeleteObject]: 'idle-delete',
  [Operation.MoveObject]: 'idle-move',
  [Operation.CopyObject]: 'idle-copy',
  [Operation.SetObjectPropValue]: 'idle-rename',
};
const LARGEST_COMMAND = HEADER_SIZE + 5 * 4;
const NOTHING = new Uint8Array(0);
const JUNK = 0x5a5a0000;
const FLOOD = 50;

/** Parameters of a server for one connection. */
export interface ServerOptions {
  readonly link: Link;
  readonly profile: Profile;
  readonly quirks: QuirkSet;
  readonly identity: Identity;
  readonly table: ObjectTable;
  readonly latencyMs: number;
  /** The session flag and the response left behind by an earlier connection. */
  readonly cutSession: CutSession | undefined;
  /** Returns the scripted faults of this operation, now that it has arrived. */
  readonly arrive: (operation: number) => readonly PointHit[];
  /** How often an operation has arrived since the phone was created. */
  readonly timesSeen: (operation: number) => number;
  /** Executes a fault; for `data` it is called when the data phase begins, with its payload. */
  readonly strike: (hit: PointHit, payload?: number) => void;
  readonly onSession: () => void;
  /** Called and awaited before an operation is executed, after scripted faults. */
  readonly meet: (operation: number) => Promise<void>;
  /** Reports what would have harmed a real phone. */
  readonly harm: (what: string) => void;
}

/**
 * What an operation leaves behind when it is cut by an unplug: a response nobody read, and the open session (AOSP,
 * observed).
 */
export interface CutSession {
  readonly transactionId: number;
  readonly sessionId: number;
}

/**
 * AOSP's MtpServer: one loop that reads a command, executes it, and responds. Anything that is not a command ends the
 * loop, and only a new USB connection starts another one.
 */
export class Server implements ServerState {
  readonly profile: Profile;
  readonly quirks: QuirkSet;
  readonly identity: Identity;
  readonly handle: UsbHandle;
  readonly table: ObjectTable;
  readonly edits = new EditList();
  slots: readonly Slot[] = [];
  sessionId: number;
  pending: PendingSend | undefined;
  friendlyName: string;
  partner = '';
  battery = 77;
  readonly #options: ServerOptions;
  readonly #link: Link;
  #turn = 0;
  #transaction = 0;
  /** The current transaction: an unplug during it leaves a response behind. */
  #inOperation: number | undefined;
  /** The first parameter of the current command: the object, if it has one. */
  #subject = 0;
  #busyFor = 0;
  #refusals: number;
  #hadDataPhase = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#link = options.link;
    this.profile = options.profile;
    this.quirks = options.quirks;
    this.identity = options.identity;
    this.table = options.table;
    this.friendlyName = options.identity.model;
    this.sessionId = options.cutSession?.sessionId ?? 0;
    this.#refusals = options.quirks.get('open-refused') ?? 0;
    this.handle = new UsbHandle(
      options.link,
      options.quirks.has('compat') ? 'compat' : options.profile.stack,
      options.quirks,
    );
  }

  /** Runs until the link is gone or the loop ends; returns what stays in the endpoint for the next connection. */
  async run(): Promise<CutSession | undefined> {
    const { cutSession } = this.#options;
    try {
      if (cutSession !== undefined)
        await this.handle.write(
          encodeParameters(ContainerType.response, Response.GeneralError, cutSession.transactionId, []),
        );
      while (await this.#once());
    } catch (error) {
      if (!(error instanceof LinkBreak)) throw error;
    } finally {
      this.edits.commitAll();
      // nothing reads the control endpoint any more
      this.#link.control = () => ({ kind: 'silence' });
    }
    const cut = this.#inOperation;
    return cut !== undefined && !this.#link.alive && this.profile.stack === 'ffs'
      ? { transactionId: cut, sessionId: this.sessionId }
      : undefined;
  }

  /** One iteration of the main loop; false ends it. */
  async #once(): Promise<boolean> {
    this.#inOperation = undefined;
    const command = await orCancelled(this.handle.readCommand());
    if (command === undefined) return true;
    // AOSP MtpRequestPacket::read: the number of parameters comes from the transfer's size, not from the header
    if (command.byteLength < HEADER_SIZE || command.byteLength > LARGEST_COMMAND || command.byteLength % 4 !== 0)
      return false;
    const operation = u16At(command, 6);
    const isCommand = u16At(command, 4) === ContainerType.command;
    this.#transaction = u32At(command, 8);
    const hits = isCommand ? this.#options.arrive(operation) : [];
    this.#subject = command.byteLength > HEADER_SIZE ? u32At(command, HEADER_SIZE) : 0;
    if (hits.length > 0) await this.#meet(hits, 'before');
    if (isCommand) await this.#options.meet(operation);
    if (this.#options.latencyMs > 0) await this.#link.sleep(this.#options.latencyMs);
    this.#inOperation = this.#transaction;
    this.#hadDataPhase = false;
    this.#awaitDataPhase(hits);

    let data = NOTHING;
    if (DATA_FIRST.has(operation)) {
      const read = await orCancelled(this.handle.readData(DATA_FIRST_GUESS));
      if (read === undefined) return true;
      if (read.byteLength < HEADER_SIZE) return false;
      data = read.slice(HEADER_SIZE);
    }
    // AOSP: the phantom stays; only the server's expectation of SendObject is dropped
    if (operation !== Operation.SendObject) this.pending = undefined;
    // any other container of valid size is ignored without a response
    if (!isCommand) return true;

    const parameters: number[] = [];
    for (let at = HEADER_SIZE; at < command.byteLength; at += 4) parameters.push(u32At(command, at));
    const outcome = await this.#carryOut({ operation, transactionId: this.#answerId(), parameters, data });
    this.handle.onDataPhase = () => undefined;
    if (outcome === 'end') return false;
    if (outcome === 'stalled') return true;
    if (this.quirks.has('event-flood'))
      for (let count = 0; count < FLOOD; count += 1) this.emit(Event.DevicePropChanged, 0x5001);
    if (outcome === 'no-answer') {
      this.#busyFor = this.profile.busyAfterCancel;
      return true;
    }
    if (outcome.data !== undefined) {
      if (!this.#hadDataPhase) this.#awaitDataPhase(hits);
      const container = new Uint8Array(HEADER_SIZE + outcome.data.byteLength);
      putHeader(container, {
        length: container.byteLength,
        type: ContainerType.data,
        code: operation,
        transactionId: this.#answerId(),
      });
      container.set(outcome.data, HEADER_SIZE);
      if ((await orCancelled(this.handle.write(container).then(() => 'sent' as const))) === undefined) return true;
      this.handle.onDataPhase = () => undefined;
    }
    // done, whether or not the response arrives
    this.#inOperation = undefined;
    if (hits.length > 0)
      await this.#meet(
        hits.map((hit) => (hit.phase === 'data' && !this.#hadDataPhase ? { ...hit, phase: 'response' as const } : hit)),
        'response',
      );
    if (this.quirks.has('stale-answer'))
      await this.handle.write(
        encodeParameters(ContainerType.response, Response.GeneralError, this.#transaction - 1, []),
      );
    const response = encodeParameters(ContainerType.response, outcome.code, this.#answerId(), outcome.parameters ?? []);
    await orCancelled(this.handle.write(response));
    return true;
  }

  /** A fault in the middle of the data phase is executed when it begins, in either direction. */
  #awaitDataPhase(hits: readonly PointHit[]): void {
    const hit = hits.find((each) => each.phase === 'data');
    this.handle.onDataPhase = (payload) => {
      this.handle.onDataPhase = () => undefined;
      this.#hadDataPhase = true;
      if (hit !== undefined) this.#options.strike(hit, payload);
    };
  }

  async #meet(hits: readonly PointHit[], phase: PointHit['phase']): Promise<void> {
    const hit = hits.find((each) => each.phase === phase);
    if (hit === undefined) return;
    this.#options.strike(hit);
    if (!this.#link.alive) throw new LinkBreak('gone');
    await this.#link.whileFrozen();
  }

  async #carryOut(request: Command): Promise<OperationResult> {
    const { operation } = request;
    const advertised = this.profile.operations.includes(operation);
    const handler = HANDLERS[operation];
    if (!advertised || handler === undefined) {
      if (this.profile.unknownOperation === 'refuse') return refuse(Response.OperationNotSupported);
      this.#link.stall();
      return 'stalled';
    }
    if (this.#busyFor > 0 && operation !== Operation.GetDeviceInfo) {
      this.#busyFor -= 1;
      return refuse(Response.DeviceBusy);
    }
    if (this.quirks.has('reads-32-bit') && operation === Operation.GetPartialObject64)
      return refuse(Response.OperationNotSupported);
    if (this.quirks.has('edit-refused') && EDIT_OPERATIONS.has(operation))
      return refuse(Response.OperationNotSupported);
    if (operation === Operation.OpenSession && this.#refusals > 0) {
      this.#refusals -= 1;
      return refuse(Response.GeneralError);
    }
    const idle = IDLE[operation];
    const idleFrom = idle === undefined ? undefined : this.quirks.get(idle);
    if (idleFrom !== undefined && this.#options.timesSeen(operation) >= idleFrom) return ok();
    try {
      return await handler(this, request);
    } catch (error) {
      if (error instanceof LinkBreak) {
        if (error.reason === 'cancelled') return 'no-answer';
        throw error;
      }
      // an unexpected error of the computer's disk
      return refuse(Response.GeneralError);
    }
  }

  #answerId(): number {
    return this.quirks.has('junk-ids') ? (JUNK | (this.#transaction & 0xffff)) >>> 0 : this.#transaction;
  }

  /** Only while a session is open. The transaction id is the last command's and has no meaning. */
  emit(event: number, parameter: number): void {
    if (this.sessionId === 0 || !this.profile.events.includes(event)) return;
    this.#link.event(encodeParameters(ContainerType.event, event, this.#transaction, [parameter]));
  }

  /** An app writes to the file of the current operation. */
  changeSubject(how: 'rewrite' | 'grow'): void {
    const entry = this.table.get(this.#subject);
    if (entry === undefined || entry.isFolder || entry.phantom || entry.planted !== undefined) return;
    (how === 'rewrite' ? rewriteInPlace : growInPlace)(this.table.path(entry));
  }

  harm(what: string): void {
    this.#options.harm(what);
  }

  sessionOpened(): void {
    this.#options.onSession();
  }

  nextTurn(): number {
    this.#turn += 1;
    return this.#turn;
  }
}

/**
 * Payload of a dataset whose size is unknown until it is read: at least two bytes, so that a cut comes after the
 * first.
 */
const DATA_FIRST_GUESS = 2;

/** A class request Cancel ends the read or write, but not the loop. */
async function orCancelled<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LinkBreak && error.reason === 'cancelled') return undefined;
    throw error;
  }
}
