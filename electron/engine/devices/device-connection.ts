import type { Device, DeviceKey, DeviceState, StorageKey } from '../../../shared/domain.ts';
import { problemOf, type Problem } from '../../../shared/errors.ts';
import {
  LADDER_START,
  isStillSending,
  openPhone,
  toCancel,
  type AttachedDevice,
  type DeviceBus,
  type Phone,
  type PhoneStorage,
} from '../../mtp/index.ts';
import { protocolClock, type EngineClock } from '../api.ts';
import { Alarm } from '../model/alarm.ts';
import { climb, type Climber, type Preparations } from './climb-ladder.ts';
import { describePhone, describeUnopened, keptBy, storageInfos } from './device-description.ts';
import { PhoneLending } from './phone-lending.ts';
import { PhoneTree } from './phone-tree.ts';
import type { StorageKeys, Witness } from './storage-keys.ts';
import { StorageLooks } from './storage-looks.ts';

/** A phone that is ready: its protocol side and its folders. Dead once `phone.closed` has settled. */
export interface Connection {
  readonly key: DeviceKey;
  readonly phone: Phone;
  readonly tree: PhoneTree;
  /** False once the phone has gone, or shows no storage any more. */
  alive: boolean;
  /**
   * Looks at the storages now: afterwards `tree` has those there are, and `alive` is false when there are none. For
   * whoever was told that a storage or a handle is not known. Never rejects.
   */
  lookAgain(): Promise<void>;
}

/** What a device tells its registry. */
export interface DeviceOwner {
  /** Something that is shown has changed. */
  changed(): void;
  /** Who the phone is, by what an open session tells. */
  keyOf(device: DeviceConnection, maker: string, serial: string): DeviceKey;
  /** What is known of the storages of this phone. */
  storageKeys(key: DeviceKey): StorageKeys;
  /** What is known to be on one of them. */
  keptOn(key: DeviceKey, storage: StorageKey): readonly Witness[];
  /** The session told who the phone is; its key is final now. */
  identified(device: DeviceConnection): void;
  ready(connection: Connection): void;
}

/** How often a held interface is tried; never more than once a second. */
const HELD_GAP_MS = 2_000;
const LOCKED_POLL_MS = 1_500;
/** Phones that do not say when a card comes or goes are asked at this pace. */
const STORAGES_POLL_MS = 15_000;
/** Between two looks, however often the phone says that something changed: some say so for each file. */
const HINT_GAP_MS = 500;

/** One attached device from plug to unplug: opens it, serves it, and opens it again when it falls silent. */
export class DeviceConnection {
  readonly attached: AttachedDevice;
  readonly #bus: DeviceBus;
  readonly #clock: EngineClock;
  readonly #log: (line: string) => void;
  readonly #owner: DeviceOwner;
  readonly #gone = new Alarm();
  #device: Device;
  #connection: Connection | undefined;
  /** Ends the present pause between attempts. */
  #nudge = new Alarm();
  /** The user stopped the recovery. */
  #resting = false;
  readonly #lending = new PhoneLending({
    gone: this.#gone,
    name: () => this.#device.name,
    onAsked: () => {
      this.#nudge.ring();
    },
  });

  constructor(parts: {
    readonly attached: AttachedDevice;
    readonly key: DeviceKey;
    /** What was known of this phone when it was last here. */
    readonly before: Device | undefined;
    readonly bus: DeviceBus;
    readonly clock: EngineClock;
    readonly log: (line: string) => void;
    readonly owner: DeviceOwner;
  }) {
    this.attached = parts.attached;
    this.#bus = parts.bus;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#owner = parts.owner;
    this.#device = { ...(parts.before ?? describeUnopened(parts.attached, parts.key)), state: { kind: 'opening' } };
  }

  get key(): DeviceKey {
    return this.#device.key;
  }
  get connection(): Connection | undefined {
    return this.#connection;
  }
  get device(): Device {
    // what a phone advertises and then refuses is known after its first refusal only
    const can = this.#connection?.phone.capabilities;
    if (can !== undefined && can.edit !== this.#device.resumableUpload)
      this.#device = { ...this.#device, resumableUpload: can.edit };
    return this.#device;
  }

  /** Resolves when the device was unplugged or `leave` was called. Never rejects. */
  async run(): Promise<void> {
    let position = LADDER_START;
    let before: Preparations = [];
    /** An operation was on the wire when the phone fell silent, and no answer has come since. */
    let running = false;
    while (!this.#gone.aborted) {
      if (this.#lending.isLent) {
        this.#state({ kind: 'opening' });
        await this.#lending.handOver();
        position = LADDER_START;
        before = [];
        running = false;
        continue;
      }
      try {
        const transport = await this.#bus.open(this.attached, (problem) => this.#awaits(problem));
        this.#show({ linkSpeed: transport.linkSpeed, bestLinkSpeed: transport.bestLinkSpeed });
        const phone = await openPhone(transport, this.attached, protocolClock(this.#clock), {
          before,
          again: position !== LADDER_START,
        });
        position = LADDER_START;
        this.#resting = false;
        const cause = await this.#serve(phone);
        if (cause !== undefined && (await this.#keptOut(cause))) {
          running = false;
          continue;
        }
        // still on the bus afterwards: silent, confused, or an unplug whose news has not come yet
        running = cause?.kind === 'silent' && /^(Get|Send)(Partial)?Object(64)?$/.test(cause.operation);
      } catch (error) {
        const problem = problemOf(error, 'open');
        if (await this.#keptOut(problem)) {
          // whoever has it now has ended what ran
          running = false;
          continue;
        }
        if (isStillSending(problem)) {
          running = true;
          position = toCancel(position);
        }
        this.#log(`${this.attached.product}: ${problem.kind} in ${problem.operation}: ${problem.detail}`);
      }
      [position, before] = await climb(this.#climber, position, running);
      // told to stop once: a second Cancel would find it idle
      if (before.includes('cancel')) running = false;
    }
  }

  /** It was unplugged, or the program ends: `run` comes to its end. */
  leave(): void {
    if (this.#connection !== undefined) this.#connection.alive = false;
    this.#gone.ring();
    this.#nudge.ring();
  }

  /** Tries now instead of after the present pause. */
  retry(): void {
    this.#resting = false;
    this.#nudge.ring();
  }

  /** As `PhoneLending.lend`. */
  lend<T>(work: () => Promise<T>): Promise<T> {
    return this.#lending.lend(work);
  }

  /** Stops recovery until `retry()` or a replug. */
  rest(): void {
    if (this.#device.state.kind !== 'recovering') return;
    this.#resting = true;
    this.#nudge.ring();
  }

  /** Asks for free space and battery again. Rejects as `Phone.storages` does. */
  async refresh(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    await connection.lookAgain();
    const battery = await connection.phone.battery();
    if (this.#connection === connection && battery !== this.#device.battery) this.#show({ battery });
  }

  get #climber(): Climber {
    return {
      clock: this.#clock,
      isOver: () => this.#gone.aborted || this.#lending.isLent,
      isResting: () => this.#resting,
      show: (state) => {
        this.#state(state);
      },
      pause: (ms) => this.#pause(ms),
      open: () => this.#bus.open(this.attached),
    };
  }

  #show(change: Partial<Device>): void {
    this.#device = { ...this.#device, ...change };
    this.#owner.changed();
  }
  #state(state: DeviceState): void {
    this.#show({ state });
  }

  async #pause(ms: number): Promise<void> {
    this.#nudge = new Alarm();
    if (this.#gone.aborted || this.#lending.isLent) return;
    await this.#clock.sleep(ms, this.#nudge);
  }

  /** Opening takes long because another program is at the phone. */
  #awaits(problem: Problem): void {
    const state = keptBy(problem);
    if (this.#gone.aborted || this.#device.state.kind === 'held' || state?.kind !== 'held') return;
    this.#state({ ...state, opening: true });
  }

  /** Held and forbidden are no silence: the phone is fine, somebody stands in between. */
  async #keptOut(problem: Problem): Promise<boolean> {
    const state = keptBy(problem);
    if (this.#gone.aborted || state === undefined) return false;
    this.#state(state);
    await this.#pause(HELD_GAP_MS);
    return true;
  }

  /**
   * A look that fails while the phone is in use is made again at its time; what it tells of the cable ends the session, and
   * so does a phone that does not answer: nothing else may ask it anything that would show it.
   */
  async #keepLooking(looks: StorageLooks): Promise<void> {
    try {
      await looks.look();
    } catch (error) {
      const { kind, operation, detail } = problemOf(error, 'look at the storages');
      if (this.#connection === undefined || kind === 'internal' || kind === 'silent') throw error;
      this.#log(`${this.attached.product}: ${kind} in ${operation}: ${detail}`);
    }
  }

  /** None: locked, or not in file transfer mode any more; what was open is of no use when they come back. */
  async #take(phone: Phone, looks: StorageLooks, storages: readonly PhoneStorage[]): Promise<void> {
    if (this.#gone.aborted) return;
    if (storages.length === 0) {
      this.#disconnect();
      if (this.#device.state.kind !== 'locked' || this.#device.storages.length > 0)
        this.#show({ state: { kind: 'locked' }, storages: [] });
      return;
    }
    const infos = storageInfos(storages);
    if (this.#connection !== undefined) {
      this.#connection.tree.setStorages(storages);
      if (JSON.stringify(infos) !== JSON.stringify(this.#device.storages)) this.#show({ storages: infos });
      return;
    }
    const battery = await phone.battery().catch(() => undefined);
    if (looks.hasEnded || this.#gone.aborted) return;
    const connection: Connection = {
      key: this.key,
      phone,
      tree: new PhoneTree(phone, storages, () => this.#clock.monotonic()),
      alive: true,
      // a phone that goes away meanwhile says so by closing
      lookAgain: () => looks.look().catch(() => undefined),
    };
    this.#connection = connection;
    this.#show({
      state: { kind: 'ready' },
      storages: infos,
      battery,
      resumableUpload: phone.capabilities.edit,
      resumableDownload: phone.capabilities.partialRead !== 'none',
    });
    this.#owner.ready(connection);
  }

  #disconnect(): void {
    if (this.#connection !== undefined) this.#connection.alive = false;
    this.#connection = undefined;
  }

  /** From an open session to its end. Answers what ended it; `undefined` where it was closed here. */
  async #serve(phone: Phone): Promise<Problem | undefined> {
    try {
      const { manufacturer, serial } = phone.identity;
      const key = this.#owner.keyOf(this, manufacturer, serial);
      this.#device = { ...this.#device, ...describePhone(phone, this.attached), key };
      this.#owner.identified(this);
      const looks: StorageLooks = new StorageLooks({
        phone,
        keys: this.#owner.storageKeys(this.key),
        keptOn: (storage) => this.#owner.keptOn(this.key, storage),
        onLooked: (storages) => this.#take(phone, looks, storages),
      });
      /** Something said that the storages have changed since the last look began. */
      let isHinted = false;
      const nudge = (): void => {
        isHinted = true;
        this.#nudge.ring();
      };
      void phone.closed.then(() => {
        looks.end();
        nudge();
      });
      phone.onEvent((event) => {
        if (event.kind === 'storages-changed') nudge();
      });
      while (!this.#gone.aborted && !looks.hasEnded && !this.#lending.isLent) {
        isHinted = false;
        await this.#keepLooking(looks);
        if (isHinted) await this.#clock.sleep(HINT_GAP_MS, this.#gone);
        else await this.#pause(this.#connection === undefined ? LOCKED_POLL_MS : STORAGES_POLL_MS);
      }
      return looks.hasEnded ? (await phone.closed).problem : undefined;
    } finally {
      this.#disconnect();
      await phone.close();
      this.#owner.changed();
    }
  }
}
