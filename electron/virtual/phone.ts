import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail, type PhoneError } from '../../shared/errors.ts';
import type { AttachedDevice, Transport } from '../mtp/ports.ts';
import { FaultScript, parseFault } from './faults.ts';
import type { Fault, PointHit } from './faults.ts';
import * as user from './user-actions.ts';
import { Ids } from './ids.ts';
import { Link } from './link.ts';
import { Lock } from './lock.ts';
import { ObjectTable } from './objects.ts';
import type { Planted } from './objects.ts';
import { ANDROID_FOLDERS, serialOf } from './options.ts';
import type { VirtualPhoneOptions } from './options.ts';
import { PROFILES } from './profiles.ts';
import type { Profile } from './profiles.ts';
import { writeSamples } from './samples.ts';
import { Server } from './server.ts';
import { Storages } from './storages.ts';
import type { Leftover } from './server.ts';
import { VirtualTransport } from './transport.ts';
import { volumesOf } from './volume.ts';
import type { Volume } from './volume.ts';

/** After this long without a word from the host, a server silenced with `quiet` comes back. */
const QUIET_MS = 2000;
/** Where on the bus the next phone is plugged in. */
let nextPlace = 0;

/** A phone made of a folder: what is in the folder is what the phone has. */
export class VirtualPhone {
  readonly serial: string;
  readonly name: string;
  readonly maker: string;
  readonly profile: Profile;
  readonly #options: VirtualPhoneOptions;
  readonly #script = new FaultScript();
  readonly #volumes: readonly [Volume, ...Volume[]];
  readonly #storages: Storages;
  readonly #planted: Planted[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #ids: Ids;
  /** Tells two phones of one serial apart on the bus, as their ports do. */
  readonly #place = (nextPlace += 1);
  #connections = 0;
  #prepared: Promise<void> = Promise.resolve();
  #link: Link | undefined;
  #server: Server | undefined;
  #transport: VirtualTransport | undefined;
  /** The last server's clean-up, and what it left in the endpoint. */
  #ended: Promise<Leftover | undefined> = Promise.resolve(undefined);
  #silence: 'no' | 'replug' | 'reset' | 'quiet' = 'no';
  #awaitsReplug = false;
  /** Another program has the interface; for how long from the first attempt to open it on. */
  #held: { forMs: number | undefined } | undefined;
  #trouble: unknown;

  constructor(options: VirtualPhoneOptions) {
    this.#options = options;
    const directory = resolve(options.directory);
    this.profile = PROFILES[options.profile ?? 'android'];
    this.name = options.name ?? 'Virtual phone';
    this.maker = options.maker ?? 'Replug';
    this.serial = serialOf(options, directory);
    this.#ids = new Ids(this.profile.stableHandles);
    this.#volumes = volumesOf(options, this.profile.secondStorage, this.#script);
    this.#storages = new Storages(this.#volumes, this.#ids, new Lock(this.profile.promptMs));
    if (options.plugged !== false) this.plug();
  }

  get isPlugged(): boolean {
    return this.#link !== undefined;
  }
  /** Payload bytes moved so far, in both directions. */
  get bytesMoved(): number {
    return this.#script.moved;
  }
  /** How often an operation has arrived since the phone was made: what `op=NAME:K` counts. */
  timesSeen(operation: number): number {
    return this.#script.timesSeen(operation);
  }
  /** Whether the server's loop still runs: false after something that was not a command. */
  get isServing(): boolean {
    return this.#server !== undefined;
  }
  get internal(): string {
    return this.#volumes[0].root;
  }

  attached(): AttachedDevice {
    return {
      id: `virtual:${this.#place}:${this.#connections}`,
      vendorId: this.profile.vendorId,
      productId: this.profile.productId,
      manufacturer: this.maker,
      product: this.name,
      serial: this.serial,
      virtual: true,
    };
  }

  /** Calls `listener` after each plug and unplug. Returns the function that stops it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  plug(): void {
    if (this.#link !== undefined) return;
    this.#connections += 1;
    this.#storages.lock.prompt();
    this.#storages.plugged();
    this.#silence = 'no';
    this.#connect();
    this.#tell();
  }

  /** At any byte. Resolves once the server has cleaned up after itself; the cable is out at once. */
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
    this.#held = undefined;
    this.#tell();
  }

  /** The folder is there and can be used; rejects with a `bad-request` that says why not. */
  async ready(): Promise<void> {
    try {
      await this.#prepared;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw fail('bad-request', 'virtual', `The folder of the virtual phone cannot be used: ${why}.`, {}, error);
    }
  }
  /** What ended a server that should not have ended; for tests. */
  get trouble(): unknown {
    return this.#trouble;
  }

  /** The last connection's server has ended and tidied up. Never settles while the phone is plugged in and well. */
  async settled(): Promise<void> {
    if (this.#link === undefined) await this.#ended;
  }

  /** Claims the interface: one program at a time. */
  open(): Transport {
    const link = this.#link;
    if (link === undefined) throw fail('disconnected', 'open', `${this.name} is not plugged in`);
    if (this.#held !== undefined) throw this.#heldBy(this.#held);
    if (this.#transport !== undefined) throw fail('held', 'open', 'another session of this program has it');
    const transport = new VirtualTransport(link, { onReset: () => this.#reset() });
    this.#transport = transport;
    void transport.closed.then(() => {
      if (this.#transport === transport) this.#transport = undefined;
    });
    return transport;
  }

  /** Stacks misbehaviour; each happens once. */
  behave(...faults: readonly (Fault | string)[]): this {
    for (const each of faults) {
      const fault = typeof each === 'string' ? parseFault(each) : each;
      if (fault.kind === 'replug' && this.#awaitsReplug) this.#replugIn(fault.afterMs);
      else this.#script.add(fault);
      // scripted after an unplug, it is the next connection's
      if (fault.kind === 'locked' && !this.#script.awaitsUnplug) this.#applyLock();
      if (fault.kind === 'held' && !this.#script.awaitsUnplug) this.#held = this.#script.takeHeld();
    }
    return this;
  }

  lock(): void {
    this.#storages.lock.close(undefined);
    this.#storages.refresh();
  }
  /** The user unlocks the phone, chooses file transfer, or allows access: the storages appear. */
  unlock(): void {
    this.#storages.lock.open();
    this.#storages.refresh();
  }
  /**
   * A storage goes: a card is taken out, its reader resets, dual apps are switched off. 0 is the internal storage, 1 the
   * card where there is one, then `storages` in their order.
   */
  removeStorage(index: number): void {
    this.#storages.remove(index);
  }
  /** A storage comes, or comes back under a new id. */
  insertStorage(index: number): void {
    this.#storages.insert(index);
  }
  /** Another language renames the storages; an update or another formatting changes what they hold. */
  describeStorage(index: number, as: { readonly name?: string; readonly capacity?: number }): void {
    this.#storages.describe(index, as);
  }
  /** After a `full` fault. */
  makeRoom(): void {
    this.#script.makeRoom();
  }

  /** A listing entry that no disk could hold. */
  plant(entry: Planted): void {
    this.#planted.push(entry);
  }

  // ---- somebody does something on the phone itself

  touchFile(path: string, content: Uint8Array | string): Promise<void> {
    return user.writeFileOn(this.internal, this.#server, path, content);
  }
  touchFolder(path: string): Promise<void> {
    return user.makeFolderOn(this.internal, this.#server, path);
  }
  touchRemove(path: string): Promise<void> {
    return user.removeOn(this.internal, this.#server, path);
  }
  touchBattery(percent: number): void {
    if (this.#server !== undefined) user.drain(this.#server, percent);
  }

  /** Off the bus for good; timers stopped. */
  async dispose(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await this.unplug();
    this.#listeners.clear();
  }

  // ---- connections

  #connect(): void {
    this.#applyLock();
    this.#held = this.#script.takeHeld() ?? this.#held;
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
    const prepared = before.then(() => this.#prepare());
    this.#prepared = prepared;
    this.#ended = (async () => {
      const leftover = await before;
      await prepared;
      const server = new Server({
        link,
        profile: this.profile,
        quirks: new Map(this.#options.quirks ?? []),
        identity: { maker: this.maker, model: this.name, serial: this.serial },
        table: new ObjectTable(this.#ids.handles(), () => this.#planted),
        latencyMs: this.#options.latencyMs ?? 0,
        leftover,
        arrive: (operation) => this.#script.arrive(operation),
        strike: (hit, payload) => this.#strike(hit, payload),
        onSession: () => this.#sessionOpened(),
      });
      if (this.#link === link) this.#serve(server);
      try {
        return await server.run();
      } finally {
        if (this.#server === server) this.#serve(undefined);
        for (const volume of this.#volumes) volume.leave();
      }
    })();
    this.#ended = this.#ended.catch((error: unknown) => {
      this.#trouble = error;
      if (this.#link === link) this.#pull();
      return undefined;
    });
  }

  async #prepare(): Promise<void> {
    const isNew = (await readdir(this.internal).catch(() => [])).length === 0;
    for (const volume of this.#volumes) await volume.prepare();
    if (isNew && this.#options.samples === true) await writeSamples(this.internal);
    if (this.#options.createDefaultFolders === true)
      for (const folder of ANDROID_FOLDERS) await mkdir(join(this.internal, folder), { recursive: true });
  }

  /** A port reset ends the server and starts a new one, with new handles; open edits are committed. */
  #reset(): void {
    if (this.#link === undefined) return;
    const silent = this.#silence;
    this.#link.die();
    this.#transport = undefined;
    this.#connect();
    if (silent === 'replug') this.#link.freeze();
    else this.#silence = 'no';
  }

  #strike(hit: PointHit, payload?: number): void {
    if (hit.phase === 'data' && payload !== undefined) {
      this.#script.cutWithin(payload, hit);
      const now = this.#script.bytesLeft() === 0 ? this.#script.reached() : undefined;
      if (now !== undefined) this.#strike(now);
      return;
    }
    if (hit.action === 'unplug') {
      this.#pull();
      const replug = this.#script.takeReplug();
      if (replug === undefined) this.#awaitsReplug = true;
      else this.#replugIn(replug);
      return;
    }
    this.#silence = hit.until;
    this.#link?.freeze();
    if (hit.until === 'quiet') this.#thawWhenQuiet(this.#link);
  }

  #thawWhenQuiet(link: Link | undefined): void {
    if (link === undefined || !link.alive) return;
    const rest = link.hostActiveAt + QUIET_MS - performance.now();
    if (rest <= 0) {
      this.#silence = 'no';
      link.thaw();
    } else this.#after(rest, () => this.#thawWhenQuiet(link));
  }

  #replugIn(ms: number): void {
    this.#awaitsReplug = false;
    this.#after(ms, () => this.plug());
  }

  #applyLock(): void {
    const locked = this.#script.takeLocked();
    if (locked === undefined) return;
    this.#storages.lock.close(locked.unlockAfterMs);
    this.#storages.refresh();
  }

  #heldBy(held: { forMs: number | undefined }): PhoneError {
    if (held.forMs !== undefined)
      this.#after(held.forMs, () => {
        if (this.#held === held) this.#held = undefined;
      });
    held.forMs = undefined;
    return fail('held', 'open', 'scripted', {
      holder: { program: 'other-program', pid: process.pid, releasable: false },
    });
  }

  #sessionOpened(): void {
    const ms = this.#storages.lock.sessionOpened();
    if (ms !== undefined) this.#after(ms, () => this.unlock());
    for (const { index, afterMs } of this.#storages.late())
      if (!this.#storages.hasCome(index)) this.#after(afterMs, () => this.insertStorage(index));
  }

  #serve(server: Server | undefined): void {
    this.#server = server;
    this.#storages.serve(server);
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
