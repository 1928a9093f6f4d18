import type { AddonDevice } from './addon.ts';

/** What a device says of itself on the bus, without its texts. */
export interface UsbDescriptors {
  /** bcdUSB. */
  readonly usbVersion: number;
  /** The first setting of each interface of the active configuration. */
  readonly interfaces: readonly {
    readonly number: number;
    readonly class: number;
    readonly subclass: number;
    readonly protocol: number;
    readonly endpoints: readonly { readonly address: number; readonly attributes: number; readonly packet: number }[];
  }[];
}

/** The descriptors of a device as a report tells them. */
export function descriptorsIn({
  deviceDescriptor,
  configDescriptor,
  allConfigDescriptors,
}: AddonDevice): UsbDescriptors {
  const { interfaces } = configDescriptor ?? allConfigDescriptors[0] ?? { interfaces: [] };
  return {
    usbVersion: deviceDescriptor.bcdUSB ?? 0,
    interfaces: interfaces.flatMap(([setting]) =>
      setting === undefined
        ? []
        : [
            {
              number: setting.bInterfaceNumber,
              class: setting.bInterfaceClass,
              subclass: setting.bInterfaceSubClass,
              protocol: setting.bInterfaceProtocol,
              endpoints: setting.endpoints.map(({ bEndpointAddress, bmAttributes, wMaxPacketSize }) => ({
                address: bEndpointAddress,
                attributes: bmAttributes,
                packet: wMaxPacketSize,
              })),
            },
          ],
    ),
  };
}
