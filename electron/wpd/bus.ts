import { fail, isPhoneError, type PhoneError } from '../../shared/errors.ts';
import type { AttachedDevice, DeviceBus, Transport } from '../mtp/ports.ts';
import { WpdClient } from './client.ts';
import { identifyUsb, type ListedDevice } from './device-names.ts';
import { phoneErrorOf } from './hresults.ts';
import { Patience } from './patience.ts';
import { probe, probeLines, type Mode, type ProbeResult } from './probe.ts';
import { systemTimers, type Timers } from './timers.ts';
import { WpdTransport } from './transport.ts';

/** Milliseconds between two looks at what is plugged in. Windows tells arrivals to windows only, and this has none. */
const LOOK = 1_000;
/** Milliseconds before the look after an unplug: Windows takes a moment to notice it. */
const AGAIN = 250;

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

/** Phones as Windows' portable-device service has them. Starts its thread with the first question. */
export class WpdBus implements DeviceBus {
  readonly #client: WpdClient;
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
  #closed = false;

  constructor({ client = new WpdClient(), timers = systemTimers, version }: WpdBusOptions) {
    this.#client = client;
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
    const listed = await this.#client.ask('list', 'list the portable devices', {});
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

  async open(attached: AttachedDevice): Promise<Transport> {
    const device = [...this.#known.values()].find((one) => this.#attached(one)?.id === attached.id);
    if (device === undefined || this.#closed) throw fail('disconnected', 'open', `${attached.id} is not attached`);
    if (this.#open.has(device.id)) throw fail('held', 'open', 'already open in this process');
    const patience = new Patience(this.#timers);
    const number = await this.#opening(device.id, patience);
    let transport: WpdTransport | undefined;
    const causes: PhoneError[] = [];
    const forget = this.#client.listen(number, {
      event: (packet) => transport?.hear(packet),
      gone: (cause) => {
        causes.push(cause);
        transport?.lose(cause);
      },
    });
    const letGo = async (): Promise<void> => {
      forget();
      await this.#client.ask('close', 'close', { device: number }).catch(() => undefined);
    };
    try {
      const raw = this.#client.driver(number, 'raw');
      const vendorOperations = await this.#client.ask('vendor-operations', 'open', { device: number });
      const found = await probe(raw, patience, () => this.#timers.now());
      const [cause] = causes;
      if (cause !== undefined) throw cause;
      this.#opened.set(device.id, { id: attached.id, probe: found, vendorOperations });
      transport = new WpdTransport({
        drivers: { raw, content: this.#client.driver(number, 'content') },
        route: found.mode === 'raw' ? 'raw' : 'content',
        hidden: found.hidden,
        timers: this.#timers,
        onClosed: async (lost) => {
          this.#open.delete(device.id);
          if (lost) this.#unplugged(device.id);
          await letGo();
        },
      });
    } catch (error) {
      await letGo();
      // it may still be listed for a moment, and is tried again as another one
      if (isPhoneError(error) && error.kind === 'disconnected') this.#unplugged(device.id);
      throw error;
    }
    this.#open.set(device.id, transport);
    return transport;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    this.#stopTimer?.();
    await Promise.all([...this.#open.values()].map((transport) => transport.close()));
    await this.#client.stop();
  }

  /** Opens the device, which may be busy like everything else. */
  async #opening(id: string, patience: Patience): Promise<number> {
    const request = { id, version: this.#version };
    const { hresult, device } = await patience.call('open', () => this.#client.ask('open', 'open', request));
    if (device === undefined) throw phoneErrorOf(hresult, 'open');
    return device;
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
