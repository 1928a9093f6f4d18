import { resolve } from 'node:path';
import { fail } from '../../shared/errors.ts';
import { phonePath } from '../../shared/domain.ts';
import type { AttachedDevice, Transport } from '../mtp/ports.ts';
import { FaultScript, parseFault } from './faults.ts';
import type { Fault, PointHit } from './faults.ts';
import { Holder } from './holder.ts';
import { Ids } from './ids.ts';
import { Link } from './link.ts';
import { Lock } from './lock.ts';
import { ObjectTable } from './objects.ts';
import type { Planted } from './objects.ts';
import { serialOf } from './options.ts';
import type { VirtualPhoneOptions } from './options.ts';
import { PhoneInHand } from './phone-in-hand.ts';
import { advertised, PROFILES } from './profiles.ts';
import type { Profile } from './profiles.ts';
import { prepareFolders } from './prepare-folders.ts';
import { Server } from './server.ts';
import { Silence } from './silence.ts';
import { Storages } from './storages.ts';
import type { CutSession } from './server.ts';
import { Timers } from './timers.ts';
import { VirtualTransport } from './transport.ts';
import { disksOf } from './storage-disk.ts';
import type { StorageDisk } from './storage-disk.ts';

/** Bus position of the next phone. */
let nextPlace = 0;

/** Called before an operation is executed, with its code and how often it has occurred. */
export type OperationListener = (operation: number, count: number) => void | Promise<void>;

/** A phone that serves a folder: the folder's content is the phone's content. */
export class VirtualPhone extends PhoneInHand {
  readonly serial: string;
  readonly #busSerial: string | undefined;
  readonly name: string;
  readonly maker: string;
  readonly profile: Profile;
  readonly #options: VirtualPhoneOptions;
  readonly #script = new FaultScript();
  protected readonly disks: readonly [StorageDisk, ...StorageDisk[]];
  protected readonly storages: Storages;
  readonly #planted: Planted[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Timers();
  readonly #holder = new Holder(this.#timers);
  readonly #operationListeners = new Set<OperationListener>();
  readonly #ids: Ids;
  /** Distinguishes two phones with the same serial on the bus, as their ports do. */
  readonly #place = (nextPlace += 1);
  readonly #harms: string[] = [];
  #connections = 0;
  #prepared: Promise<void> = Promise.resolve();
  #link: Link | undefined;
  protected server: Server | undefined;
  #transport: VirtualTransport | undefined;
  /** The previous server's clean-up, and what it left in the endpoint. */
  #ended: Promise<CutSession | undefined> = Promise.resolve(undefined);
  readonly #silence = new Silence(this.#timers);
  #awaitsReplug = false;
  #trouble: unknown;

  constructor(options: VirtualPhoneOptions) {
    super();
    this.#options = options;
    const directory = resolve(options.directory);
    const { profile = 'android' } = options;
    this.profile = advertised(typeof profile === 'string' ? PROFILES[profile] : profile, new Map(options.quirks ?? []));
    this.name = options.name ?? 'Virtual phone';
    this.maker = options.maker ?? 'Replug';
    this.serial = serialOf(options, directory);
    this.#busSerial = options.busSerial;
    this.#ids = new Ids(this.profile.stableHandles);
    this.disks = disksOf(options, this.profile.secondStorage, this.#script);
    this.storages = new Storages(this.disks, this.#ids, new Lock(this.profile.promptMs));
    if (options.plugged !== false) this.plug();
  }

  get isPlugged(): boolean {
    return this.#link !== undefined;
  }
  /** Payload bytes so far, in both directions. */
  get bytesMoved(): number {
    return this.#script.moved;
  }
  /** How often an operation has arrived since the phone was created; the count of `op=NAME:K`. */
  timesSeen(operation: number): number {
    return this.#script.timesSeen(operation);
  }
  /** Descriptions of everything that would have harmed a real phone; empty for a well-behaved initiator. */
  get harms(): readonly string[] {
    return this.#harms;
  }
  /**
   * Calls `listener` before each operation is executed, with how often it has occurred; the phone waits for the
   * returned promise. For tests that act between two operations.
   */
  onOperation(listener: OperationListener): () => void {
    this.#operationListeners.add(listener);
    return () => this.#operationListeners.delete(listener);
  }
  /** Whether the server's loop is still running; false after it received something that was not a command. */
  get isServing(): boolean {
    return this.server !== undefined;
  }
  /** What a phone that has stopped answering waits for; `undefined` while it answers. */
  get silentUntil(): 'replug' | 'reset' | 'quiet' | undefined {
    return this.#silence.until;
  }
  get internal(): string {
    return this.disks[0].root;
  }

  attached(): AttachedDevice {
    return {
      id: `virtual:${this.#place}:${this.#connections}`,
      vendorId: this.profile.vendorId,
      productId: this.profile.productId,
      manufacturer: this.maker,
      product: this.name,
      serial: this.#busSerial ?? this.serial,
      virtual: true,
    };
  }

  /** Calls `listener` after each plug and unplug. Returns the unsubscribe function. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  plug(): void {
    if (this.#link !== undefined) return;
    this.#connections += 1;
    this.storages.lock.prompt();
    this.storages.plugged();
    this.#silence.plugged();
    this.#connect();
    this.#tell();
  }

  /** Unplugs at any byte. The cable is out at once; resolves once the server has cleaned up. */
  async unplug(): Promise<void> {
    this.#pull();
    await this.settled();
  }

  #pull(): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    this.#transport = undefined;
    link.die();
    this.#awaitsReplug = false;
    this.#holder.release();
    this.#tell();
  }

  /** Resolves once the folder exists and is usable; rejects with a `bad-request` that says why not. */
  async ready(): Promise<void> {
    try {
      await this.#prepared;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw fail('bad-request', 'virtual', `The folder of the virtual phone cannot be used: ${why}.`, {}, error);
    }
  }
  /** The error of a server that ended unexpectedly; for tests. */
  get trouble(): unknown {
    return this.#trouble;
  }

  /**
   * Resolves once the last connection's server has ended and cleaned up. Never settles while the phone is plugged in
   * and serving.
   */
  async settled(): Promise<void> {
    if (this.#link === undefined) await this.#ended;
  }

  /** Claims the interface, for one program at a time. */
  open(): Transport {
    const link = this.#link;
    if (link === undefined) throw fail('disconnected', 'open', `${this.name} is not plugged in`);
    const refusal = this.#holder.refusal();
    if (refusal !== undefined) throw refusal;
    if (this.#transport !== undefined) throw fail('held', 'open', 'another session of this program has it');
    const transport = new VirtualTransport(link, { onReset: () => this.#reset() });
    this.#transport = transport;
    void transport.closed.then(() => {
      if (this.#transport === transport) this.#transport = undefined;
    });
    return transport;
  }

  /** Adds faults; each happens once. */
  behave(...faults: readonly (Fault | string)[]): this {
    for (const each of faults) {
      const fault = typeof each === 'string' ? parseFault(each) : each;
      if (fault.kind === 'replug' && this.#awaitsReplug) this.#replugIn(fault.afterMs);
      else this.#script.add(fault);
      // if scripted after an unplug, it applies to the next connection
      if (fault.kind === 'locked' && !this.#script.awaitsUnplug) this.#applyLock();
      if (fault.kind === 'held' && !this.#script.awaitsUnplug) this.#holder.take(this.#script.takeHeld());
    }
    return this;
  }

  /** Frees space after a `full` fault. */
  makeRoom(): void {
    this.#script.makeRoom();
  }

  /** Adds a listing entry that no disk could store. */
  plant(entry: Planted): void {
    this.#planted.push(entry);
  }

  /** Removes the phone from the bus for good and stops its timers. */
  async dispose(): Promise<void> {
    this.#timers.clear();
    await this.unplug();
    this.#listeners.clear();
  }

  // ---- connections

  #connect(): void {
    this.#applyLock();
    this.#holder.take(this.#script.takeHeld());
    const link = new Link(
      this.#options.maxPacketSize ?? 512,
      {
        left: () => this.#script.bytesLeft(),
        moved: (bytes) => {
          const hit = this.#script.count(bytes);
          if (hit !== undefined) this.#strike(hit);
        },
      },
      { rate: this.#options.rate ?? 0 },
    );
    this.#link = link;
    const before = this.#ended;
    const prepared = before.then(() => prepareFolders(this.#options, this.disks));
    this.#prepared = prepared;
    this.#ended = (async () => {
      const cutSession = await before;
      await prepared;
      const server = new Server({
        link,
        profile: this.profile,
        quirks: new Map(this.#options.quirks ?? []),
        identity: { maker: this.maker, model: this.name, serial: this.serial },
        table: this.#newTable(),
        harm: (what) => this.#harms.push(what),
        meet: async (operation) => {
          for (const listener of this.#operationListeners) await listener(operation, this.timesSeen(operation));
        },
        latencyMs: this.#options.latencyMs ?? 0,
        cutSession,
        arrive: (operation) => this.#script.arrive(operation),
        timesSeen: (operation) => this.timesSeen(operation),
        strike: (hit, payload) => this.#strike(hit, payload),
        onSession: () => this.#sessionOpened(),
      });
      if (this.#link === link) this.#serve(server);
      try {
        return await server.run();
      } finally {
        if (this.server === server) this.#serve(undefined);
        for (const disk of this.disks) disk.leave();
      }
    })();
    this.#ended = this.#ended.catch((error: unknown) => {
      this.#trouble = error;
      if (this.#link === link) this.#pull();
      return undefined;
    });
  }

  /**
   * The `phantoms` option stands for entries of an earlier program in this connection; the first replug removes them.
   */
  #newTable(): ObjectTable {
    const phantoms = this.#connections === 1 ? (this.#options.phantoms ?? []) : [];
    return new ObjectTable(this.#ids.handles(), () => this.#planted, phantoms.map(phonePath));
  }

  /** A port reset ends the server and starts a new one with new handles; open edits are committed. */
  #reset(): void {
    if (this.#link === undefined) return;
    this.#link.die();
    this.#transport = undefined;
    this.#connect();
    this.#silence.wasReset(this.#link);
  }

  #strike(hit: PointHit, payload?: number): void {
    if (hit.phase === 'data' && payload !== undefined) {
      this.#script.cutWithin(payload, hit);
      const now = this.#script.bytesLeft() === 0 ? this.#script.reached() : undefined;
      if (now !== undefined) this.#strike(now);
      return;
    }
    if (hit.action === 'rewrite' || hit.action === 'grow') {
      this.server?.changeSubject(hit.action);
      return;
    }
    if (hit.action === 'unplug') {
      this.#pull();
      const replug = this.#script.takeReplug();
      if (replug === undefined) this.#awaitsReplug = true;
      else this.#replugIn(replug);
      return;
    }
    this.#silence.begin(hit.until, this.#link);
  }

  #replugIn(ms: number): void {
    this.#awaitsReplug = false;
    this.#timers.after(ms, () => this.plug());
  }

  #applyLock(): void {
    const locked = this.#script.takeLocked();
    if (locked === undefined) return;
    this.storages.lock.close(locked.unlockAfterMs);
    this.storages.refresh();
  }

  #sessionOpened(): void {
    const ms = this.storages.lock.sessionOpened();
    if (ms !== undefined) this.#timers.after(ms, () => this.unlock());
    for (const { index, afterMs } of this.storages.late())
      if (!this.storages.hasCome(index)) this.#timers.after(afterMs, () => this.insertStorage(index));
  }

  #serve(server: Server | undefined): void {
    this.server = server;
    this.storages.serve(server);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
