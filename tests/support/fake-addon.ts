import type { Addon, AddonDevice, AddonTransfer, ConfigDescriptor, TransferDone } from '../../electron/usb/addon.ts';
import type { Timers } from '../../electron/usb/urbs.ts';

/** The addon's interface, with transfers and timers that complete when the test says so. */

export class FakeTransfer implements AddonTransfer {
  readonly endpoint: number;
  readonly done: TransferDone;
  readonly bus: FakeAddon;
  buffer: Buffer = Buffer.alloc(0);
  /** Whether `cancel` completes it at once, as the kernel does. */
  state: 'new' | 'flying' | 'done' = 'new';

  constructor(bus: FakeAddon, endpoint: number, done: TransferDone) {
    this.bus = bus;
    this.endpoint = endpoint;
    this.done = done;
  }

  submit(buffer: Buffer): void {
    const refusal = this.bus.refuse.shift();
    if (refusal !== undefined) throw Object.assign(new Error('LIBUSB'), { errno: refusal });
    this.buffer = buffer;
    this.state = 'flying';
    this.bus.submitted.push(this);
  }

  cancel(): boolean {
    if (this.state !== 'flying') return false;
    if (this.bus.cancelsAtOnce) this.end(3);
    return true;
  }

  /** The phone sends these bytes. */
  bring(bytes: Uint8Array | number, status = 0): void {
    const data = typeof bytes === 'number' ? new Uint8Array(bytes) : bytes;
    this.buffer.set(data);
    this.end(status, data.length);
  }

  /** Completes a write: everything was sent. */
  take(): void {
    this.end(0, this.buffer.length);
  }

  end(status: number, actual = 0): void {
    this.state = 'done';
    const error = status === 0 ? undefined : Object.assign(new Error('LIBUSB'), { errno: status });
    this.done(error, this.buffer, actual);
  }
}

export class FakeAddon implements Addon {
  readonly submitted: FakeTransfer[] = [];
  /** libusb errors thrown by the next submits. */
  readonly refuse: number[] = [];
  cancelsAtOnce = true;
  /** Transfers that were made; each may have been submitted many times. */
  made: number;
  devices: AddonDevice[] = [];
  readonly #listeners = {
    attach: new Set<(device: AddonDevice) => void>(),
    detach: new Set<(device: AddonDevice) => void>(),
  };
  readonly Transfer: Addon['Transfer'];

  constructor() {
    // as the addon's, one transfer can be submitted again when it is done, and not before
    const make = (endpoint: number, done: TransferDone): AddonTransfer => {
      let current: FakeTransfer | undefined;
      return {
        submit: (buffer) => {
          if (current?.state === 'flying') throw new Error('Transfer is already active');
          current = new FakeTransfer(this, endpoint, done);
          current.submit(buffer);
        },
        cancel: () => current?.cancel() ?? false,
      };
    };
    this.made = 0;
    const count = (): void => void (this.made += 1);
    this.Transfer = class {
      constructor(_device: AddonDevice, endpoint: number, _type: number, _timeout: number, done: TransferDone) {
        count();
        return make(endpoint, done);
      }
    } as Addon['Transfer'];
  }

  getDeviceList(): AddonDevice[] {
    return [...this.devices];
  }

  on(event: 'attach' | 'detach', listener: (device: AddonDevice) => void): void {
    this.#listeners[event].add(listener);
  }

  off(event: 'attach' | 'detach', listener: (device: AddonDevice) => void): void {
    this.#listeners[event].delete(listener);
  }

  get listening(): number {
    return this.#listeners.attach.size + this.#listeners.detach.size;
  }

  emit(event: 'attach' | 'detach', device: AddonDevice): void {
    for (const listener of this.#listeners[event]) listener(device);
  }

  unrefHotplugEvents(): void {
    // Nothing keeps a test's process alive.
  }

  /** Transfers in flight on an endpoint, oldest first. */
  flying(endpoint: number): FakeTransfer[] {
    return this.submitted.filter((transfer) => transfer.endpoint === endpoint && transfer.state === 'flying');
  }
}

export class FakeTimers implements Timers {
  readonly #pending: { readonly ms: number; readonly run: () => void }[] = [];

  after(ms: number, run: () => void): () => void {
    const timer = { ms, run };
    this.#pending.push(timer);
    return () => {
      const at = this.#pending.indexOf(timer);
      if (at >= 0) this.#pending.splice(at, 1);
    };
  }

  get pending(): readonly number[] {
    return this.#pending.map(({ ms }) => ms);
  }

  /** Fires every timer due within `ms`. */
  ring(ms: number): void {
    for (const timer of [...this.#pending])
      if (timer.ms <= ms) {
        this.#pending.splice(this.#pending.indexOf(timer), 1);
        timer.run();
      }
  }
}

/** Lets promise reactions run. */
export const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

export const BULK_IN = 0x81;
export const BULK_OUT = 0x01;
export const INTERRUPT_IN = 0x82;

/** The interface of a phone as Android describes it. */
export const mtpConfiguration = (
  change: {
    readonly number?: number;
    readonly cls?: number;
    readonly endpoints?: number;
    readonly before?: number;
  } = {},
): ConfigDescriptor => {
  const endpoint = (address: number, attributes: number, size: number) => ({
    bEndpointAddress: address,
    bmAttributes: attributes,
    wMaxPacketSize: size,
  });
  const setting = (number: number, cls: number, count: number) => ({
    bInterfaceNumber: number,
    bAlternateSetting: 0,
    bInterfaceClass: cls,
    bInterfaceSubClass: cls === 6 ? 1 : 0xff,
    bInterfaceProtocol: cls === 6 ? 1 : 0,
    iInterface: number + 4,
    endpoints: [endpoint(BULK_IN, 2, 512), endpoint(BULK_OUT, 2, 512), endpoint(INTERRUPT_IN, 3, 28)].slice(0, count),
  });
  const others = Array.from({ length: change.before ?? 0 }, (_, index) => [setting(index, 0xff, 2)]);
  return {
    bConfigurationValue: 1,
    interfaces: [...others, [setting(change.number ?? 0, change.cls ?? 6, change.endpoints ?? 3)]],
  };
};

export interface FakeDeviceOptions {
  readonly vendorId?: number;
  readonly configuration?: ConfigDescriptor;
  readonly cls?: number;
  readonly address?: number;
  readonly bcdUSB?: number;
  /** libusb errors. */
  readonly openError?: number;
  readonly claimError?: number;
}

export interface FakeDevice extends AddonDevice {
  readonly calls: string[];
}

export function fakeDevice(options: FakeDeviceOptions = {}): FakeDevice {
  const calls: string[] = [];
  const configuration = options.configuration ?? mtpConfiguration();
  const refuse = (errno: number | undefined): void => {
    if (errno !== undefined) throw Object.assign(new Error('LIBUSB'), { errno });
  };
  return {
    calls,
    busNumber: 3,
    deviceAddress: options.address ?? 7,
    portNumbers: [1],
    deviceDescriptor: {
      bDeviceClass: options.cls ?? 0,
      ...(options.bcdUSB === undefined ? {} : { bcdUSB: options.bcdUSB }),
      idVendor: options.vendorId ?? 0x18d1,
      idProduct: 0x4ee1,
      iManufacturer: 1,
      iProduct: 2,
      iSerialNumber: 3,
    },
    configDescriptor: configuration,
    allConfigDescriptors: [configuration],
    open: () => {
      calls.push('open');
      refuse(options.openError);
    },
    close: () => {
      calls.push('close');
    },
    setConfiguration: (value, done) => {
      calls.push(`configuration ${value}`);
      done();
    },
    reset: (done) => {
      calls.push('reset');
      done();
    },
    __claimInterface: (number) => {
      calls.push(`claim ${number}`);
      refuse(options.claimError);
    },
    __releaseInterface: (number, done) => {
      calls.push(`release ${number}`);
      done();
    },
    __setInterface: (number, alternate, done) => {
      calls.push(`alternate ${number}.${alternate}`);
      done();
    },
    __clearHalt: (endpoint, done) => {
      calls.push(`clear ${endpoint.toString(16)}`);
      done();
    },
  };
}
