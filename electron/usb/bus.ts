import { randomBytes } from 'node:crypto';
import { fail, type PhoneError } from '../../shared/errors.ts';
import type { FirstCheck } from '../../shared/domain.ts';
import type { Native, UsbPlace } from '../../native/index.ts';
import type { AttachedDevice, DeviceBus, Transport } from '../mtp/ports.ts';
import type { Addon, AddonDevice } from './addon.ts';
import { bestSpeed } from './best-speed.ts';
import { descriptorsIn } from './descriptors.ts';
import { candidatesOf, chooseInterface, type MtpInterface } from './identify.ts';
import { phoneErrorOf } from './problems.ts';
import { speedOfPackets, wordsFromDevice, type DeviceWords, type InterfaceToRead } from './strings.ts';
import { UsbTransport } from './transport.ts';
import type { Timers } from './urbs.ts';

/**
 * Milliseconds to wait after an attach, while udev sets permissions and desktop programs probe the phone. After a
 * detach there is nothing to wait for.
 */
const SETTLE_ATTACH_MS = 400;
const SETTLE_DETACH_MS = 20;
const CONFIGURE_LIMIT_MS = 5000;
/** Milliseconds before retrying a listing that failed, or a USB library that could not be loaded. */
const LIST_AGAIN_MS = 2000;
const LOAD_AGAIN_MS = 30_000;

/** What the bus needs of the system: the addon, loaded when first used, and `native`, which finds a phone’s holder. */
export interface UsbBusOptions {
  readonly load: () => Promise<Addon>;
  readonly native: Native;
  readonly timers: Timers;
  /** Reads the strings from sysfs; `undefined` on systems without it. */
  readonly words?:
    ((device: AddonDevice, interfaces: readonly InterfaceToRead[]) => Promise<DeviceWords | undefined>) | undefined;
  readonly openedBefore?: OpenedBefore | undefined;
}

/** Remembers, beyond this process, that a phone was opened on this computer. Neither call rejects. */
export interface OpenedBefore {
  has(): Promise<boolean>;
  note(): Promise<void>;
}

/** One attached device. Holds the addon's object, so that it keeps its identity while attached. */
interface Known {
  readonly device: AddonDevice;
  readonly attached: AttachedDevice;
  readonly mtp: MtpInterface;
  readonly words: DeviceWords;
}

/** The USB bus. Loads nothing native before the first call that needs it. */
export class UsbBus implements DeviceBus {
  readonly #options: UsbBusOptions;
  readonly #listeners = new Set<(attached: readonly AttachedDevice[]) => void>();
  readonly #open = new Map<AddonDevice, UsbTransport>();
  readonly #identity = new WeakMap<AddonDevice, number>();
  readonly #trigger = { attach: (): void => undefined, detach: (): void => undefined };
  #known = new Map<AddonDevice, Known | undefined>();
  #sequence = 0;
  /** Makes ids unique to this process; the counter alone would repeat in the next one. */
  readonly #process = randomBytes(4).toString('hex');
  #addon: Promise<Addon> | undefined;
  #listing: Promise<readonly AttachedDevice[]> | undefined;
  #listeningTo: Addon | undefined;
  #told = '';
  #stopTimer: (() => void) | undefined;
  #closed = false;
  #hasOpened = false;

  constructor(options: UsbBusOptions) {
    this.#options = options;
    this.#trigger.attach = () => {
      this.#settle(SETTLE_ATTACH_MS);
    };
    this.#trigger.detach = () => {
      this.#settle(SETTLE_DETACH_MS);
    };
  }

  current(): Promise<readonly AttachedDevice[]> {
    // One listing at a time; two would open the same device for its strings.
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
    });
    return this.#listing;
  }

  onChange(listener: (attached: readonly AttachedDevice[]) => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) void this.#listen();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#deafen();
    };
  }

  async open(attached: AttachedDevice): Promise<Transport> {
    const addon = await this.#load();
    await this.current();
    const known = this.#find(attached.id);
    if (known === undefined || this.#closed) throw fail('disconnected', 'open', `${attached.id} is not attached`);
    const { device, mtp, words } = known;
    if (this.#open.has(device)) throw fail('held', 'open', 'already open in this process');
    try {
      device.open(false);
    } catch (error) {
      throw await this.#explain(phoneErrorOf(error, 'open the USB device'), known);
    }
    try {
      await this.#claim(device, mtp);
    } catch (error) {
      closeQuietly(device);
      throw await this.#explain(phoneErrorOf(error, 'claim the MTP interface'), known);
    }
    const linkSpeed = words.linkSpeed ?? speedOfPackets(mtp.maxPacketSize);
    // a device that runs at its best speed need not be asked
    const isFast = linkSpeed === 'super' || linkSpeed === 'super-plus';
    const bestLinkSpeed = isFast ? undefined : await bestSpeed(addon, device, this.#options.timers);
    if (this.#closed) {
      closeQuietly(device);
      throw fail('disconnected', 'open', 'the bus was closed');
    }
    const transport = new UsbTransport({
      addon,
      device,
      mtp,
      linkSpeed,
      bestLinkSpeed,
      timers: this.#options.timers,
      onClosed: () => {
        this.#open.delete(device);
      },
    });
    this.#open.set(device, transport);
    if (!this.#hasOpened) void this.#options.openedBefore?.note();
    this.#hasOpened = true;
    return transport;
  }

  /** What the device's descriptors say, without its texts; `undefined` where it is not on this bus. */
  descriptorsOf(attached: AttachedDevice): ReturnType<typeof descriptorsIn> | undefined {
    const known = this.#find(attached.id);
    return known === undefined ? undefined : descriptorsIn(known.device);
  }

  /** Asks the program that holds this phone to release it. Only with the user's consent. Resolves whether it did. */
  async release(attached: AttachedDevice): Promise<boolean> {
    const known = this.#find(attached.id);
    return known !== undefined && (await this.#options.native.release(placeOf(known)));
  }

  /**
   * What on this computer would keep a phone from being opened. Loads nothing. Where one was opened before, no rule is
   * missed: access may come from anywhere, and a phone that is refused shows the rule then.
   */
  async checks(): Promise<readonly FirstCheck[]> {
    const found = await this.#options.native.checks();
    if (!found.some(({ kind }) => kind === 'no-rule')) return found;
    const isOpen = this.#hasOpened || (await this.#options.openedBefore?.has()) === true;
    return isOpen ? found.filter(({ kind }) => kind !== 'no-rule') : found;
  }

  /** Makes a program of `checks` quit. Only with the user's consent. Resolves whether it was told to. */
  quitProgram(program: string): Promise<boolean> {
    return this.#options.native.quitProgram(program);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    this.#deafen();
    await Promise.all([...this.#open.values()].map((transport) => transport.close()));
    await this.#options.native.putBack();
  }

  #load(): Promise<Addon> {
    // A failed load is retried at the next call, since the missing library may have been installed.
    this.#addon ??= this.#options.load().catch((error: unknown) => {
      this.#addon = undefined;
      throw error;
    });
    return this.#addon;
  }

  #find(id: string): Known | undefined {
    for (const known of this.#known.values()) if (known?.attached.id === id) return known;
    return undefined;
  }

  async #list(): Promise<readonly AttachedDevice[]> {
    const addon = await this.#load();
    let devices: readonly AddonDevice[];
    try {
      devices = addon.getDeviceList();
    } catch (error) {
      throw phoneErrorOf(error, 'list the USB devices');
    }
    const known = new Map<AddonDevice, Known | undefined>();
    for (const device of devices) {
      const before = this.#known.get(device);
      // A device that was not a phone stays that way: its descriptors change only if it comes back as a new device.
      known.set(device, this.#known.has(device) ? before : await this.#identify(addon, device));
    }
    this.#known = known;
    return [...known.values()].flatMap((one) => (one === undefined ? [] : [one.attached]));
  }

  async #identify(addon: Addon, device: AddonDevice): Promise<Known | undefined> {
    let candidates: readonly MtpInterface[];
    try {
      candidates = candidatesOf(device);
    } catch {
      return undefined;
    }
    if (candidates.length === 0) return undefined;
    const cached = await this.#options.words?.(device, candidates);
    // Without sysfs, only a likely candidate is opened for its strings.
    const likely = candidates.some((candidate) => candidate.certainty !== 'vendor-class');
    if (cached === undefined && !likely) return undefined;
    const words = cached ?? (await wordsFromDevice(addon, device, candidates, this.#options.timers));
    const mtp = chooseInterface(candidates, (candidate) => words.interfaces.get(candidate.number));
    if (mtp === undefined) return undefined;
    let sequence = this.#identity.get(device);
    if (sequence === undefined) {
      sequence = this.#sequence += 1;
      this.#identity.set(device, sequence);
    }
    const { idVendor, idProduct } = device.deviceDescriptor;
    const attached: AttachedDevice = {
      id: `usb-${this.#process}-${device.busNumber}-${device.deviceAddress}-${sequence}`,
      vendorId: idVendor,
      productId: idProduct,
      manufacturer: words.manufacturer,
      product: words.product,
      serial: words.serial,
      virtual: false,
    };
    return { device, attached, mtp, words };
  }

  async #claim(device: AddonDevice, mtp: MtpInterface): Promise<void> {
    if (device.configDescriptor === undefined) {
      // macOS publishes no interfaces of a vendor-class device before this.
      await this.#call('set configuration', (done) => {
        device.setConfiguration(mtp.configuration, done);
      });
    }
    device.__claimInterface(mtp.number);
    // Skipped if there is only one setting: the request resets data toggles, and some phones stall it.
    if (mtp.chooseAlternate)
      await this.#call('choose the alternate setting', (done) => {
        device.__setInterface(mtp.number, mtp.alternate, done);
      });
  }

  #call(operation: string, start: (done: (error?: Error) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.#options.timers.after(CONFIGURE_LIMIT_MS, () => {
        reject(fail('silent', operation, 'no answer'));
      });
      start((error) => {
        stop();
        if (error === undefined) resolve();
        else reject(phoneErrorOf(error, operation));
      });
    });
  }

  /** Adds the holder to a `held` error, and the exact fix to a `forbidden` one. */
  async #explain(error: PhoneError, known: Known): Promise<PhoneError> {
    const { native } = this.#options;
    const { kind, operation, detail } = error.problem;
    if (kind !== 'held' && kind !== 'forbidden') return error;
    const place = placeOf(known);
    const holder = await native.holderOf(place).catch(() => undefined);
    // macOS reports "access denied" if another program holds the phone.
    if (kind === 'held' || holder !== undefined) return fail('held', operation, detail, { holder }, error);
    return fail('forbidden', operation, detail, { advice: native.forbiddenAdvice(place) }, error);
  }

  async #listen(): Promise<void> {
    let addon: Addon;
    try {
      addon = await this.#load();
    } catch {
      // No USB here; `current` reports why. The library may be installed while we run.
      this.#later(LOAD_AGAIN_MS, () => void this.#listen());
      return;
    }
    try {
      this.#told = keyOf(await this.current());
    } catch {
      // Nothing was reported yet; the events and the listing below take care of it.
    }
    if (this.#listeners.size === 0 || this.#listeningTo !== undefined) return;
    this.#listeningTo = addon;
    addon.on('attach', this.#trigger.attach);
    addon.on('detach', this.#trigger.detach);
    addon.unrefHotplugEvents();
    // Devices that came or went between the listing and the registration.
    this.#settle(SETTLE_DETACH_MS);
  }

  #deafen(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#listeningTo?.off('attach', this.#trigger.attach);
    this.#listeningTo?.off('detach', this.#trigger.detach);
    this.#listeningTo = undefined;
  }

  /** Events are only triggers: waits, lists the bus, and reports if anything changed. */
  #settle(ms: number): void {
    this.#later(ms, () => void this.#tell());
  }

  #later(ms: number, action: () => void): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#listeners.size === 0) return;
    this.#stopTimer = this.#options.timers.after(ms, () => {
      this.#stopTimer = undefined;
      action();
    });
  }

  async #tell(): Promise<void> {
    let attached: readonly AttachedDevice[];
    try {
      // A listing that began before the event may have missed it.
      await this.#listing?.catch(() => undefined);
      attached = await this.current();
    } catch {
      // The event will not be repeated, so the listing must be.
      this.#settle(LIST_AGAIN_MS);
      return;
    }
    const key = keyOf(attached);
    if (key === this.#told) return;
    this.#told = key;
    for (const listener of this.#listeners) listener(attached);
  }
}

const keyOf = (attached: readonly AttachedDevice[]): string => attached.map((one) => one.id).join(' ');

const placeOf = ({ device, attached, words }: Known): UsbPlace => ({
  bus: device.busNumber,
  address: device.deviceAddress,
  vendorId: attached.vendorId,
  productId: attached.productId,
  serial: words.serial,
});

function closeQuietly(device: AddonDevice): void {
  try {
    device.close();
  } catch {
    // Nothing was claimed; the system closes the device when the process ends.
  }
}
