import type { AddonDevice } from './addon.ts';

/** The descriptors of a device as a report tells them: numbers only, of the first setting of each interface. */
export function descriptorsIn({ deviceDescriptor, configDescriptor, allConfigDescriptors }: AddonDevice): {
  readonly usbVersion: number;
  readonly interfaces: readonly {
    readonly number: number;
    readonly class: number;
    readonly subclass: number;
    readonly protocol: number;
    readonly endpoints: readonly { readonly address: number; readonly attributes: number; readonly packet: number }[];
  }[];
} {
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
