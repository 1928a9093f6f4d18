import type { AddonDevice, ConfigDescriptor, EndpointDescriptor, InterfaceDescriptor } from './addon.ts';

/** Finds the MTP interface of a device from its descriptors alone. Pure. */

export interface MtpInterface {
  /** bInterfaceNumber. */
  readonly number: number;
  readonly alternate: number;
  /** Whether the interface has several alternate settings, so that one must be selected. */
  readonly chooseAlternate: boolean;
  readonly configuration: number;
  /** Endpoint addresses. */
  readonly bulkIn: number;
  readonly bulkOut: number;
  readonly interruptIn: { readonly address: number; readonly maxPacketSize: number } | undefined;
  /** Of the bulk endpoints, in bytes. */
  readonly maxPacketSize: number;
  /** Index of the interface's string descriptor. */
  readonly string: number;
  readonly certainty: Certainty;
}

/** `still-image`: class 6/1/1, MTP or a PTP camera. `maker`: vendor class of a maker known to use it for MTP. */
export type Certainty = 'still-image' | 'maker' | 'vendor-class';

/**
 * Makers whose MTP interface has the vendor class and may lack the string "MTP" (from libmtp's device list): Amazon
 * Kindle, Garmin, MediaTek, LG, iRiver, Creative, SanDisk, Microsoft (Zune), Nokia.
 */
const VENDOR_CLASS_MAKERS: ReadonlySet<number> = new Set([
  0x1949, 0x091e, 0x0e8d, 0x1004, 0x4102, 0x041e, 0x0781, 0x045e, 0x0421,
]);

const HUB = 9;
const isBulk = (endpoint: EndpointDescriptor): boolean => (endpoint.bmAttributes & 3) === 2;
const isInterrupt = (endpoint: EndpointDescriptor): boolean => (endpoint.bmAttributes & 3) === 3;
const isIn = (endpoint: EndpointDescriptor): boolean => (endpoint.bEndpointAddress & 0x80) !== 0;
/** The upper bits of wMaxPacketSize hold the number of transactions per microframe. */
const packetSize = (endpoint: EndpointDescriptor): number => endpoint.wMaxPacketSize & 0x7ff;

function describe(
  configuration: ConfigDescriptor,
  alternates: readonly InterfaceDescriptor[],
  vendorId: number,
): MtpInterface | undefined {
  const setting = alternates[0];
  if (setting?.endpoints.length !== 3) return undefined;
  const bulkIn = setting.endpoints.find((endpoint) => isBulk(endpoint) && isIn(endpoint));
  const bulkOut = setting.endpoints.find((endpoint) => isBulk(endpoint) && !isIn(endpoint));
  const interruptIn = setting.endpoints.find((endpoint) => isInterrupt(endpoint) && isIn(endpoint));
  if (bulkIn === undefined || bulkOut === undefined || interruptIn === undefined) return undefined;
  const certainty = certaintyOf(setting, vendorId);
  if (certainty === undefined || packetSize(bulkIn) === 0) return undefined;
  return {
    number: setting.bInterfaceNumber,
    alternate: setting.bAlternateSetting,
    chooseAlternate: alternates.length > 1,
    configuration: configuration.bConfigurationValue,
    bulkIn: bulkIn.bEndpointAddress,
    bulkOut: bulkOut.bEndpointAddress,
    interruptIn: { address: interruptIn.bEndpointAddress, maxPacketSize: packetSize(interruptIn) },
    maxPacketSize: packetSize(bulkIn),
    string: setting.iInterface,
    certainty,
  };
}

function certaintyOf(setting: InterfaceDescriptor, vendorId: number): Certainty | undefined {
  const { bInterfaceClass, bInterfaceSubClass, bInterfaceProtocol } = setting;
  if (bInterfaceClass === 6 && bInterfaceSubClass === 1 && bInterfaceProtocol === 1) return 'still-image';
  if (bInterfaceClass !== 0xff) return undefined;
  return VENDOR_CLASS_MAKERS.has(vendorId) ? 'maker' : 'vendor-class';
}

/**
 * Every interface that could be MTP, most likely first: exactly one bulk IN, one bulk OUT and one interrupt IN
 * endpoint on its first setting.
 */
export function candidatesOf(device: AddonDevice): readonly MtpInterface[] {
  if (device.deviceDescriptor.bDeviceClass === HUB) return [];
  const configuration = device.configDescriptor ?? device.allConfigDescriptors[0];
  if (configuration === undefined) return [];
  const rank: Readonly<Record<Certainty, number>> = { 'still-image': 0, maker: 1, 'vendor-class': 2 };
  return configuration.interfaces
    .map((alternates) => describe(configuration, alternates, device.deviceDescriptor.idVendor))
    .filter((found) => found !== undefined)
    .sort((a, b) => rank[a.certainty] - rank[b.certainty]);
}

/**
 * Chooses the interface once the strings are known (`undefined` for one that could not be read). The string "MTP" is
 * decisive. Without it, class 6/1/1 or a known maker is enough to try; any other vendor class is not, since network
 * adapters have the same three endpoints.
 */
export function chooseInterface(
  candidates: readonly MtpInterface[],
  stringOf: (candidate: MtpInterface) => string | undefined,
): MtpInterface | undefined {
  return (
    candidates.find((candidate) => stringOf(candidate)?.toUpperCase().includes('MTP')) ??
    candidates.find((candidate) => candidate.certainty !== 'vendor-class')
  );
}
