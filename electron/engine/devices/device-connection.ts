import type { Device, DeviceKey, DeviceState } from '../../../shared/domain.ts';
import { problemOf, type Problem } from '../../../shared/errors.ts';
import {
  LADDER_START,
  nextStep,
  openPhone,
  type AttachedDevice,
  type DeviceBus,
  type LadderPosition,
  type OpenOptions,
  type Phone,
} from '../../mtp/index.ts';
import { protocolClock, type EngineClock } from '../api.ts';
import { describePhone, describeUnopened, storageInfos } from './device-description.ts';
import { PhoneTree } from './phone-tree.ts';

/** A phone that is ready: its protocol side and its folders. Dead once `phone.closed` has settled. */
export interface Connection {
  readonly key: DeviceKey;
  readonly phone: Phone;
  readonly tree: PhoneTree;
  /** False once the phone has gone. */
  alive: boolean;
}

/** What a device tells its registry. */
export interface DeviceOwner {
  /** Something that is shown has changed. */
  changed(): void;
  /** Who the phone is, by what an open session tells. */
  keyOf(device: DeviceConnection, maker: string, serial: string): DeviceKey;
  /** The session told who the phone is; its key is final now. */
  identified(device: DeviceConnection): void;
  ready(connection: Connection): void;
}

/** At the top of the ladder the user is asked to replug; meanwhile the phone is tried again at this pace. */
const TOP_GAP_MS = 30_000;
/** How often a held interface is tried; never more than once a second. */
const HELD_GAP_MS = 2_000;
const LOCKED_POLL_MS = 1_500;
/** A timer's longest. */
const AT_REST_MS = 2 ** 31 - 1;

const AT_REST = 'waiting until you try again or plug the phone in again';

type Preparations = NonNullable<OpenOptions['before']>;

/** One attached device from plug to unplug: opens it, serves it, and opens it again when it falls silent. */
export class DeviceConnection {
  readonly attached: AttachedDevice;
  readonly #bus: DeviceBus;
  readonly #clock: EngineClock;
  readonly #log: (line: string) => void;
  readonly #owner: DeviceOwner;
  readonly #gone = new AbortController();
  #device: Device;
  #connection: Connection | undefined;
  /** Ends the present pause between attempts. */
  #nudge = new AbortController();
  /** The user stopped the recovery. */
  #resting = false;

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
    while (!this.#gone.signal.aborted) {
      let running = false;
      try {
        const transport = await this.#bus.open(this.attached);
        this.#show({ linkSpeed: transport.linkSpeed, bestLinkSpeed: transport.bestLinkSpeed });
        const phone = await openPhone(transport, this.attached, protocolClock(this.#clock), {
          before,
          again: position !== LADDER_START,
        });
        position = LADDER_START;
        this.#resting = false;
        // still on the bus afterwards: silent, confused, or an unplug whose news has not come yet
        running = await this.#serve(phone);
      } catch (error) {
        const problem = problemOf(error, 'open');
        if (await this.#keptOut(problem)) continue;
        this.#log(`${this.attached.product}: ${problem.kind} in ${problem.operation}: ${problem.detail}`);
      }
      [position, before] = await this.#climb(position, running);
    }
  }

  /** It was unplugged, or the program ends: `run` comes to its end. */
  leave(): void {
    if (this.#connection !== undefined) this.#connection.alive = false;
    this.#gone.abort();
    this.#nudge.abort();
  }

  /** Tries now instead of after the present pause. */
  retry(): void {
    this.#resting = false;
    this.#nudge.abort();
  }

  /** Stops recovery until `retry()` or a replug. */
  rest(): void {
    if (this.#device.state.kind !== 'recovering') return;
    this.#resting = true;
    this.#nudge.abort();
  }

  /** Asks for free space and battery again. Rejects as `Phone.storages` does. */
  async refresh(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    const storages = await connection.phone.storages();
    const battery = await connection.phone.battery();
    // locked meanwhile: it shows none then, and keeps answering for what is open
    if (storages.length === 0 || this.#connection !== connection) return;
    connection.tree.setStorages(storages);
    this.#show({ storages: storageInfos(storages), battery });
  }

  #show(change: Partial<Device>): void {
    this.#device = { ...this.#device, ...change };
    this.#owner.changed();
  }
  #state(state: DeviceState): void {
    this.#show({ state });
  }

  async #pause(ms: number): Promise<void> {
    this.#nudge = new AbortController();
    if (this.#gone.signal.aborted) return;
    await this.#clock.sleep(ms, this.#nudge.signal);
  }

  /** Held and forbidden are no silence: the phone is fine, somebody stands in between. */
  async #keptOut(problem: Problem): Promise<boolean> {
    if (this.#gone.signal.aborted) return false;
    if (problem.kind === 'held') this.#state({ kind: 'held', holder: problem.holder });
    else if (problem.kind === 'forbidden') this.#state({ kind: 'forbidden', fix: problem.fix });
    else return false;
    await this.#pause(HELD_GAP_MS);
    return true;
  }

  /** Climbs the recovery ladder up to its next attempt to open the phone. */
  async #climb(from: LadderPosition, running: boolean): Promise<[position: LadderPosition, before: Preparations]> {
    let position = from;
    while (!this.#gone.signal.aborted) {
      if (this.#resting) {
        this.#state({ kind: 'recovering', step: AT_REST, nextTryAt: undefined });
        await this.#pause(AT_REST_MS);
        if (this.#resting) continue;
        return [LADDER_START, []];
      }
      const next = nextStep(position, running);
      position = next.position;
      const { name, action } = next.step;
      const show = (ms: number | undefined): void => {
        const nextTryAt = ms === undefined ? undefined : this.#clock.now() + ms;
        this.#state({ kind: 'recovering', step: name, nextTryAt });
      };
      switch (action.kind) {
        case 'wait':
          show(action.milliseconds);
          await this.#pause(action.milliseconds);
          break;
        case 'open':
          show(0);
          return [position, action.before];
        case 'reset':
          show(0);
          await this.#reset();
          break;
        case 'ask-user':
          show(undefined);
          await this.#pause(TOP_GAP_MS);
          return [position, []];
      }
    }
    return [position, []];
  }

  async #reset(): Promise<void> {
    try {
      const transport = await this.#bus.open(this.attached);
      await transport.reset().finally(() => transport.close());
    } catch {
      // what it led to shows at the next attempt
    }
  }

  /** From an open session to its end. Answers whether an operation was still running on the phone then. */
  async #serve(phone: Phone): Promise<boolean> {
    try {
      const { manufacturer, serial } = phone.identity;
      const key = this.#owner.keyOf(this, manufacturer, serial);
      this.#device = { ...this.#device, ...describePhone(phone, this.attached), key };
      this.#owner.identified(this);
      let storages = await phone.storages();
      const ended = { value: false };
      void phone.closed.then(() => {
        ended.value = true;
        this.#nudge.abort();
      });
      const events = phone.onEvent((event) => {
        if (event.kind === 'storages-changed') this.#nudge.abort();
      });
      while (storages.length === 0) {
        if (this.#device.state.kind !== 'locked') this.#show({ state: { kind: 'locked' }, storages: [] });
        await this.#pause(LOCKED_POLL_MS);
        if (this.#gone.signal.aborted || ended.value) return false;
        storages = await phone.storages();
      }
      events();
      const battery = await phone.battery().catch(() => undefined);
      const connection: Connection = { key: this.key, phone, tree: new PhoneTree(phone, storages), alive: true };
      this.#connection = connection;
      this.#show({
        state: { kind: 'ready' },
        storages: storageInfos(storages),
        battery,
        resumableUpload: phone.capabilities.edit,
        resumableDownload: phone.capabilities.partialRead !== 'none',
      });
      this.#owner.ready(connection);
      const cause = await phone.closed;
      return cause.kind === 'silent' && /^(Get|Send)(Partial)?Object(64)?$/.test(cause.problem.operation);
    } finally {
      if (this.#connection !== undefined) {
        this.#connection.alive = false;
        this.#connection = undefined;
      }
      await phone.close();
      this.#owner.changed();
    }
  }
}
