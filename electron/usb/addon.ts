import { fail, type Advice } from '../../shared/errors.ts';

/**
 * The part of the `usb` addon that this room uses, as our own types, so that both the addon and the tests' stand-in
 * match. Loaded on first use, so that a run without USB never touches the native library.
 */

export interface EndpointDescriptor {
  readonly bEndpointAddress: number;
  readonly bmAttributes: number;
  readonly wMaxPacketSize: number;
}

/** One alternate setting of an interface, by the field names of USB 2.0, table 9-12. */
export interface InterfaceDescriptor {
  readonly bInterfaceNumber: number;
  readonly bAlternateSetting: number;
  readonly bInterfaceClass: number;
  readonly bInterfaceSubClass: number;
  readonly bInterfaceProtocol: number;
  /** Index of the string descriptor; 0 for none. */
  readonly iInterface: number;
  readonly endpoints: readonly EndpointDescriptor[];
}

/** One configuration of a device (USB 2.0, table 9-10). */
export interface ConfigDescriptor {
  readonly bConfigurationValue: number;
  /** The alternate settings of each interface. */
  readonly interfaces: readonly (readonly InterfaceDescriptor[])[];
}

type Done = (error?: Error) => void;

/**
 * One device of the bus. Uses the addon's double-underscored calls, which take the interface number:
 * `Interface.claim` passes the interface's position instead, and the two differ on composite phones.
 */
export interface AddonDevice {
  readonly busNumber: number;
  readonly deviceAddress: number;
  /** Missing for a root hub. */
  readonly portNumbers?: readonly number[] | undefined;
  readonly deviceDescriptor: {
    /** USB version: 0x0210 for a phone that supports more than its link. */
    readonly bcdUSB?: number;
    readonly bDeviceClass: number;
    readonly idVendor: number;
    readonly idProduct: number;
    readonly iManufacturer: number;
    readonly iProduct: number;
    readonly iSerialNumber: number;
  };
  /** The active configuration; `undefined` if there is none. The device does not have to be open. */
  readonly configDescriptor: ConfigDescriptor | undefined;
  readonly allConfigDescriptors: readonly ConfigDescriptor[];
  /** `false` skips building the addon's own interface objects. */
  open(defaultConfig?: boolean): void;
  /** Throws while a transfer is in flight. */
  close(): void;
  setConfiguration(value: number, done: Done): void;
  reset(done: Done): void;
  __claimInterface(number: number): void;
  __releaseInterface(number: number, done: Done): void;
  __setInterface(number: number, alternate: number, done: Done): void;
  __clearHalt(endpoint: number, done: Done): void;
}

/** One libusb transfer. It may be submitted again once it is done; `cancel` only asks, and `done` still follows. */
export interface AddonTransfer {
  /** Throws a libusb error (negative `errno`) if the system accepts no more transfers or the device is gone. */
  submit(buffer: Buffer): unknown;
  cancel(): boolean;
}

/** `error.errno` is a libusb transfer *status* here (positive), not a libusb error. */
export type TransferDone = (error: (Error & { errno?: number }) | undefined, buffer: Buffer, actual: number) => void;

/** What is used of the addon’s `usb` object: the devices of the bus, transfers, and hotplug. */
export interface Addon {
  getDeviceList(): AddonDevice[];
  readonly Transfer: new (
    device: AddonDevice,
    endpoint: number,
    type: number,
    timeout: number,
    done: TransferDone,
  ) => AddonTransfer;
  on(event: 'attach' | 'detach', listener: (device: AddonDevice) => void): void;
  off(event: 'attach' | 'detach', listener: (device: AddonDevice) => void): void;
  /** Lets the process exit although there is a listener for `attach`. */
  unrefHotplugEvents(): void;
}

/** Transfer types of libusb, as USB 2.0 numbers them in an endpoint’s `bmAttributes` (table 9-13). */
export const CONTROL = 0;
/** The transfer type of bulk endpoints, which carry MTP’s containers. */
export const BULK = 2;
/** The transfer type of the endpoint that carries MTP’s events. */
export const INTERRUPT = 3;

/** Loads the addon. Throws a `PhoneError` of kind `internal` whose fix says what is missing. */
export async function loadAddon(): Promise<Addon> {
  let usb: Addon & { readonly INIT_ERROR?: number };
  try {
    const module: unknown = await import('usb');
    usb = (module as { readonly usb: typeof usb }).usb;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw fail('internal', 'load the USB library', detail.split('\n')[0] ?? '', { advice: adviceOn(detail) }, error);
  }
  if (usb.INIT_ERROR)
    throw fail('internal', 'start the USB library', `libusb error ${usb.INIT_ERROR}`, {
      advice: { id: 'no-usb' },
    });
  return usb;
}

const adviceOn = (detail: string): Advice =>
  detail.includes('libudev') ? { id: 'install-libudev' } : { id: 'reinstall' };
