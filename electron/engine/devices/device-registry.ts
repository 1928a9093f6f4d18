import { deviceKey, type Device, type DeviceKey, type DeviceState, type StorageInfo } from '../../../shared/domain.ts';
import { problemOf, type Problem } from '../../../shared/errors.ts';
import {
  FOOT,
  climb,
  openPhone,
  type AttachedDevice,
  type DeviceBus,
  type LadderPosition,
  type OpenOptions,
  type Phone,
  type PhoneStorage,
} from '../../mtp/index.ts';
import type { EngineClock } from '../api.ts';
import { PhoneTree } from './phone-tree.ts';

/** A phone that is ready: its protocol side and its folders. Dead once `phone.closed` has settled. */
export interface Connection {
  readonly key: DeviceKey;
  readonly phone: Phone;
  readonly tree: PhoneTree;
  /** False once the phone has gone. */
  alive: boolean;
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

interface Known {
  readonly attached: AttachedDevice;
  key: DeviceKey;
  device: Device;
  connection: Connection | undefined;
  readonly gone: AbortController;
  /** Ends the present pause between attempts. */
  nudge: AbortController;
  /** The user stopped the ladder. */
  resting: boolean;
}

/**
 * Who is plugged in and in which state. A bus event is only a trigger: the list is compared each time. Each attached
 * device has one task that opens it, keeps it, and opens it again when it falls silent.
 */
export class DeviceRegistry {
  readonly #bus: DeviceBus;
  readonly #clock: EngineClock;
  readonly #log: (line: string) => void;
  readonly #known = new Map<string, Known>();
  /** Phones that went away, for the list while transfers wait for them. */
  readonly #gone = new Map<DeviceKey, Device>();
  readonly #changed = new Set<() => void>();
  readonly #ready = new Set<(connection: Connection) => void>();
  #stopWatching: (() => void) | undefined;
  #tasks: Promise<void>[] = [];
  #stopped = false;

  constructor(bus: DeviceBus, clock: EngineClock, log: (line: string) => void) {
    this.#log = log;
    this.#bus = bus;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    this.#stopWatching = this.#bus.onChange((attached) => {
      this.#compare(attached);
    });
    this.#compare(await this.#bus.current());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopWatching?.();
    for (const known of this.#known.values()) {
      known.gone.abort();
      known.nudge.abort();
    }
    await Promise.all([...this.#known.values()].map(async (known) => known.connection?.phone.close()));
    await Promise.allSettled(this.#tasks);
  }

  /** Attached ones first, then those that went away. */
  get devices(): readonly Device[] {
    const attached = [...this.#known.values()].map((known) => asNow(known));
    const keys = new Set(attached.map((device) => device.key));
    return [...attached, ...[...this.#gone.values()].filter((device) => !keys.has(device.key))];
  }

  connection(key: DeviceKey): Connection | undefined {
    for (const known of this.#known.values())
      if (known.connection?.key === key && known.connection.alive) return known.connection;
    return undefined;
  }

  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }
  onReady(listener: (connection: Connection) => void): () => void {
    this.#ready.add(listener);
    return () => this.#ready.delete(listener);
  }

  /** Tries a phone again now: it was unlocked, or its holder was closed. */
  retry(key: DeviceKey): void {
    for (const known of this.#known.values()) {
      if (known.key !== key) continue;
      known.resting = false;
      known.nudge.abort();
    }
  }
  /** Climbs no further: a phone that does not answer is left alone until `retry` or a replug. */
  rest(key: DeviceKey): void {
    for (const known of this.#known.values()) {
      if (known.key !== key || known.device.state.kind !== 'recovering') continue;
      known.resting = true;
      known.nudge.abort();
    }
  }

  attached(key: DeviceKey): AttachedDevice | undefined {
    for (const known of this.#known.values()) if (known.key === key) return known.attached;
    return undefined;
  }

  /** Free space, battery: looked up again; called when something changed them. */
  async refresh(connection: Connection): Promise<void> {
    const known = [...this.#known.values()].find((one) => one.connection === connection);
    if (known === undefined) return;
    const storages = await connection.phone.storages();
    const battery = await connection.phone.battery();
    // locked meanwhile: it shows none then, and keeps answering for what is open
    if (storages.length === 0 || known.connection !== connection) return;
    connection.tree.setStorages(storages);
    this.#show(known, { storages: storageViews(storages), battery });
  }

  #compare(attached: readonly AttachedDevice[]): void {
    if (this.#stopped) return;
    for (const [id, known] of this.#known) if (!attached.some((one) => one.id === id)) this.#leave(known);
    for (const one of attached) {
      if (this.#known.has(one.id)) continue;
      const key = deviceKey(one.manufacturer, one.serial === '' ? `unnamed-${one.id}` : one.serial);
      const known: Known = {
        attached: one,
        key,
        device: this.#gone.get(key) ?? unopened(one, key),
        connection: undefined,
        gone: new AbortController(),
        nudge: new AbortController(),
        resting: false,
      };
      this.#known.set(one.id, known);
      this.#show(known, { state: { kind: 'opening' } });
      const task = this.#keep(known);
      this.#tasks.push(task);
      void task.finally(() => {
        this.#tasks = this.#tasks.filter((other) => other !== task);
      });
    }
  }

  #leave(known: Known): void {
    this.#known.delete(known.attached.id);
    if (known.connection !== undefined) known.connection.alive = false;
    known.gone.abort();
    known.nudge.abort();
    this.#gone.set(known.key, { ...known.device, state: { kind: 'gone', since: this.#clock.now() } });
    this.#announce();
  }

  #show(known: Known, change: Partial<Device>): void {
    known.device = { ...known.device, ...change };
    this.#announce();
  }
  #state(known: Known, state: DeviceState): void {
    this.#show(known, { state });
  }
  #announce(): void {
    for (const listener of this.#changed) listener();
  }

  async #pause(known: Known, ms: number): Promise<void> {
    known.nudge = new AbortController();
    if (known.gone.signal.aborted) return;
    await this.#clock.sleep(ms, known.nudge.signal);
  }

  /** One device from plug to unplug. */
  async #keep(known: Known): Promise<void> {
    let position = FOOT;
    let before: Preparations = [];
    while (!known.gone.signal.aborted) {
      let running = false;
      try {
        const transport = await this.#bus.open(known.attached);
        this.#show(known, { linkSpeed: transport.linkSpeed, bestLinkSpeed: transport.bestLinkSpeed });
        const phone = await openPhone(transport, known.attached, this.#clock, { before, again: position !== FOOT });
        position = FOOT;
        known.resting = false;
        // still on the bus afterwards: silent, confused, or an unplug whose news has not come yet
        running = await this.#serve(known, phone);
      } catch (error) {
        const problem = problemOf(error, 'open');
        if (await this.#keptOut(known, problem)) continue;
        this.#log(`${known.attached.product}: ${problem.kind} in ${problem.operation}: ${problem.detail}`);
      }
      [position, before] = await this.#climb(known, position, running);
    }
  }

  /** Held and forbidden are no silence: the phone is fine, somebody stands in between. */
  async #keptOut(known: Known, problem: Problem): Promise<boolean> {
    if (known.gone.signal.aborted) return false;
    if (problem.kind === 'held') this.#state(known, { kind: 'held', holder: problem.holder });
    else if (problem.kind === 'forbidden') this.#state(known, { kind: 'forbidden', fix: problem.fix });
    else return false;
    await this.#pause(known, HELD_GAP_MS);
    return true;
  }

  /** Climbs the recovery ladder up to its next attempt to open the phone. */
  async #climb(
    known: Known,
    from: LadderPosition,
    running: boolean,
  ): Promise<[position: LadderPosition, before: Preparations]> {
    let position = from;
    while (!known.gone.signal.aborted) {
      if (known.resting) {
        this.#state(known, { kind: 'recovering', step: AT_REST, nextTryAt: undefined });
        await this.#pause(known, AT_REST_MS);
        if (known.resting) continue;
        return [FOOT, []];
      }
      const step = climb(position, running);
      position = step.position;
      const { name, action } = step.rung;
      const show = (ms: number | undefined): void => {
        const nextTryAt = ms === undefined ? undefined : this.#clock.now() + ms;
        this.#state(known, { kind: 'recovering', step: name, nextTryAt });
      };
      switch (action.kind) {
        case 'wait':
          show(action.milliseconds);
          await this.#pause(known, action.milliseconds);
          break;
        case 'open':
          show(0);
          return [position, action.before];
        case 'reset':
          show(0);
          await this.#reset(known);
          break;
        case 'ask-user':
          show(undefined);
          await this.#pause(known, TOP_GAP_MS);
          return [position, []];
      }
    }
    return [position, []];
  }

  async #reset(known: Known): Promise<void> {
    try {
      const transport = await this.#bus.open(known.attached);
      await transport.reset().finally(() => transport.close());
    } catch {
      // what it led to shows at the next attempt
    }
  }

  /** From an open session to its end. Answers whether an operation was still running on the phone then. */
  async #serve(known: Known, phone: Phone): Promise<boolean> {
    try {
      const { identity } = phone;
      if (identity.serial !== '') known.key = deviceKey(identity.manufacturer, identity.serial);
      this.#gone.delete(known.key);
      this.#show(known, {
        key: known.key,
        name: nameOf(phone, known.attached),
        maker: identity.manufacturer,
        model: identity.model,
        serial: identity.serial,
      });
      let storages = await phone.storages();
      const ended = { value: false };
      void phone.closed.then(() => {
        ended.value = true;
        known.nudge.abort();
      });
      const events = phone.onEvent((event) => {
        if (event.kind === 'storages-changed') known.nudge.abort();
      });
      while (storages.length === 0) {
        if (known.device.state.kind !== 'locked') this.#show(known, { state: { kind: 'locked' }, storages: [] });
        await this.#pause(known, LOCKED_POLL_MS);
        if (known.gone.signal.aborted || ended.value) return false;
        storages = await phone.storages();
      }
      events();
      const battery = await phone.battery().catch(() => undefined);
      const connection: Connection = { key: known.key, phone, tree: new PhoneTree(phone, storages), alive: true };
      known.connection = connection;
      this.#show(known, {
        state: { kind: 'ready' },
        storages: storageViews(storages),
        battery,
        resumableUpload: phone.capabilities.edit,
        resumableDownload: phone.capabilities.partialRead !== 'none',
      });
      for (const listener of this.#ready) listener(connection);
      const cause = await phone.closed;
      return cause.kind === 'silent' && /^(Get|Send)(Partial)?Object(64)?$/.test(cause.problem.operation);
    } finally {
      if (known.connection !== undefined) {
        known.connection.alive = false;
        known.connection = undefined;
      }
      await phone.close();
      this.#announce();
    }
  }
}

/** What a phone advertises and then refuses is known after its first refusal only. */
function asNow(known: Known): Device {
  const can = known.connection?.phone.capabilities;
  if (can !== undefined && can.edit !== known.device.resumableUpload)
    known.device = { ...known.device, resumableUpload: can.edit };
  return known.device;
}

const nameOf = (phone: Phone, attached: AttachedDevice): string => {
  const { friendlyName, model } = phone.identity;
  if (friendlyName !== undefined && friendlyName !== '') return friendlyName;
  return model !== '' ? model : attached.product !== '' ? attached.product : 'Phone';
};

const unopened = (attached: AttachedDevice, key: DeviceKey): Device => ({
  key,
  name: attached.product !== '' ? attached.product : 'Phone',
  maker: attached.manufacturer,
  model: attached.product,
  serial: attached.serial,
  virtual: attached.virtual,
  state: { kind: 'opening' },
  battery: undefined,
  storages: [],
  resumableUpload: false,
  resumableDownload: false,
  linkSpeed: undefined,
});

/** Distinct names within the phone: two cards of one description are `SD card` and `SD card 2`. */
function storageViews(storages: readonly PhoneStorage[]): readonly StorageInfo[] {
  const seen = new Map<string, number>();
  return storages.map((storage) => {
    const base = storage.description === '' ? (storage.removable ? 'SD card' : 'Storage') : storage.description;
    const number = (seen.get(base) ?? 0) + 1;
    seen.set(base, number);
    return {
      key: storage.key,
      name: number === 1 ? base : `${base} ${number}`,
      removable: storage.removable,
      readOnly: storage.readOnly,
      capacity: storage.capacity,
      free: storage.free,
    };
  });
}
