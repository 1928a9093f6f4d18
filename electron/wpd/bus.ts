import { fail, isPhoneError, type PhoneError, type Problem } from '../../shared/errors.ts';
import type { AttachedDevice, DeviceBus, Transport } from '../mtp/ports.ts';
import { WpdClient } from './client.ts';
import { identifyUsb, type ListedDevice } from './device-names.ts';
import { phoneErrorOf } from './hresults.ts';
import { OpenDevice } from './open-device.ts';
import { Patience } from './patience.ts';
import { probe, probeLines, type Mode, type ProbeResult } from './probe.ts';
import { limited, systemTimers, type Timers } from './timers.ts';
import { WpdTransport } from './transport.ts';

/** Milliseconds between two looks at what is plugged in. Windows tells arrivals to windows only, and this has none. */
const LOOK = 1_000;
/** Milliseconds before the look after an unplug: Windows takes a moment to notice it. */
const AGAIN = 250;
/** Milliseconds that one call may take while devices are listed or one is opened. */
const CALL = 20_000;
/** Milliseconds that letting go of a device may take that could not be opened. */
const CLOSING = 2_000;

/** What was found out about a phone when it was opened, without what names it. */
interface OpenedPhone {
  readonly id: string;
  readonly probe: ProbeResult;
  readonly vendorOperations: readonly number[] | undefined;
}

/** What the bus is made of; tests have their own. */
export interface WpdBusOptions {
  readonly client?: WpdClient;
  readonly timers?: Timers;
  /** Replug's version, which Windows is told. */
  readonly version: string;
}

/**
 * Phones as Windows' portable-device service has them. A thread lists them, started with the first question; each open phone
 * has one of its own.
 */
export class WpdBus implements DeviceBus {
  /** The thread that lists. A phone that is opened takes it over, since it is running already. */
  #lister: WpdClient;
  readonly #timers: Timers;
  readonly #version: string;
  readonly #listeners = new Set<(attached: readonly AttachedDevice[]) => void>();
  readonly #open = new Map<string, WpdTransport>();
  /** How often each device has been plugged in: a phone that comes back is another one. */
  readonly #plugs = new Map<string, number>();
  readonly #opened = new Map<string, OpenedPhone>();
  #known = new Map<string, ListedDevice>();
  #told = '';
  #stopTimer: (() => void) | undefined;
  #isClosed = false;

  constructor({ client = new WpdClient(), timers = systemTimers, version }: WpdBusOptions) {
    this.#lister = client;
    this.#timers = timers;
    this.#version = version;
  }

  /** How each phone that is open is used. */
  get modes(): readonly Mode[] {
    return [...this.#opened.values()].map(({ probe: { mode } }) => mode);
  }

  /** What was found out about a phone, in lines for a public report. */
  traceOf({ id }: AttachedDevice): readonly string[] {
    const opened = [...this.#opened.values()].find((one) => one.id === id);
    return opened === undefined ? [] : probeLines(opened.probe, opened.vendorOperations);
  }

  async current(): Promise<readonly AttachedDevice[]> {
    const listed = await this.#list();
    const present = new Set(listed.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!present.has(id)) this.#unplugged(id);
    this.#known = new Map();
    return listed.flatMap((device) => {
      const attached = this.#attached(device);
      if (attached === undefined) return [];
      this.#known.set(device.id, device);
      return [attached];
    });
  }

  onChange(listener: (attached: readonly AttachedDevice[]) => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#later(0);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stopTimer?.();
    };
  }

  async open(attached: AttachedDevice, onWait?: (problem: Problem) => void): Promise<Transport> {
    const device = [...this.#known.values()].find((one) => this.#attached(one)?.id === attached.id);
    if (device === undefined || this.#isClosed) throw fail('disconnected', 'open', 'not attached');
    if (this.#open.has(device.id)) throw fail('held', 'open', 'already open in this process');
    const client = this.#lister;
    this.#lister = client.another();
    const patience = new Patience(this.#timers);
    if (onWait !== undefined) patience.onLong = ({ problem }) => onWait(problem);
    const transport = await this.#openWith(client, device, attached.id, patience);
    this.#open.set(device.id, transport);
    return transport;
  }

  async #openWith(
    client: WpdClient,
    device: ListedDevice,
    attachedId: string,
    patience: Patience,
  ): Promise<WpdTransport> {
    let lastMove = 0;
    const touch = (): void => {
      lastMove = this.#timers.now();
    };
    const late = (): PhoneError => fail('silent', 'open', `nothing for ${CALL} ms`);
    const bounded = <T>(work: Promise<T>): Promise<T> => limited(work, this.#timers, CALL, () => lastMove, late);
    let transport: WpdTransport | undefined;
    let opened: OpenDevice | undefined;
    const causes: PhoneError[] = [];
    try {
      const { number, pointer } = await bounded(this.#opening(client, device.id, patience, touch));
      const one = new OpenDevice(client, number, pointer, () => this.#lister);
      opened = one;
      client.listen(number, {
        event: (packet) => transport?.hear(packet),
        gone: (cause) => {
          causes.push(cause);
          transport?.lose(cause);
        },
      });
      const raw = client.driver(number, 'raw');
      const vendorOperations = await bounded(client.ask('vendor-operations', 'open', { device: number }));
      const found = await bounded(probe(raw, patience, () => this.#timers.now(), touch));
      const [cause] = causes;
      if (cause !== undefined) throw cause;
      this.#opened.set(device.id, { id: attachedId, probe: found, vendorOperations });
      transport = new WpdTransport({
        drivers: { raw, content: client.driver(number, 'content') },
        route: found.mode === 'raw' ? 'raw' : 'content',
        hidden: found.hidden,
        timers: this.#timers,
        interrupt: () => one.interrupt(),
        onClosed: async (lost) => {
          this.#closed(device.id, lost);
          await one.letGo();
        },
        onStuck: () => {
          this.#closed(device.id, true);
          one.giveUp();
        },
      });
      return transport;
    } catch (error) {
      patience.stop();
      opened?.interrupt();
      const going = opened?.letGo() ?? client.stop();
      await limited(going, this.#timers, CLOSING, () => 0, late).catch(() => client.abandon());
      // it may still be listed for a moment, and is tried again as another one
      if (isPhoneError(error) && error.kind === 'disconnected') this.#unplugged(device.id);
      throw error;
    }
  }

  #closed(id: string, lost: boolean): void {
    if (!this.#open.delete(id)) return;
    if (lost) this.#unplugged(id);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#stopTimer?.();
    await Promise.all([...this.#open.values()].map((transport) => transport.close()));
    await this.#lister.stop();
  }

  async #list(): Promise<readonly ListedDevice[]> {
    const lister = this.#lister;
    const late = (): PhoneError => fail('silent', 'list the portable devices', `nothing for ${CALL} ms`);
    const listing = lister.ask('list', 'list the portable devices', {});
    try {
      return await limited(listing, this.#timers, CALL, () => 0, late);
    } catch (error) {
      if (isPhoneError(error) && error.kind === 'silent') {
        lister.abandon();
        if (this.#lister === lister) this.#lister = lister.another();
      }
      throw error;
    }
  }

  /** Opens the device, which may be busy like everything else. */
  async #opening(
    client: WpdClient,
    id: string,
    patience: Patience,
    onAnswer: () => void,
  ): Promise<{ readonly number: number; readonly pointer: bigint }> {
    const request = { id, version: this.#version };
    const opened = await patience.call('open', () => client.ask('open', 'open', request), onAnswer);
    const { hresult, device, pointer } = opened;
    if (device === undefined || pointer === undefined) throw phoneErrorOf(hresult, 'open');
    return { number: device, pointer };
  }

  #attached({ id, manufacturer, name }: ListedDevice): AttachedDevice | undefined {
    const usb = identifyUsb(id);
    if (usb === undefined) return undefined;
    return {
      id: `wpd-${this.#plugs.get(id) ?? 0}-${id}`,
      vendorId: usb.vendorId,
      productId: usb.productId,
      manufacturer,
      product: name,
      serial: usb.serial,
      virtual: false,
    };
  }

  /** Whatever is plugged in there next is told as another device. */
  #unplugged(id: string): void {
    this.#plugs.set(id, (this.#plugs.get(id) ?? 0) + 1);
    this.#opened.delete(id);
    if (this.#listeners.size > 0) this.#later(AGAIN);
  }

  #later(ms: number): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#timers.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    const attached = await this.current().catch(() => undefined);
    if (this.#listeners.size === 0) return;
    this.#later(LOOK);
    if (attached === undefined) return;
    const key = attached.map(({ id }) => id).join(' ');
    if (key === this.#told) return;
    this.#told = key;
    for (const listener of this.#listeners) listener(attached);
  }
}
