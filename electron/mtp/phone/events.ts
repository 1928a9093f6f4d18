import { handleOf } from './object-info.ts';
import type { PhoneEvent } from './phone-types.ts';
import { ContainerType, DeviceProp, Event, HEADER_SIZE } from '../wire/codes.ts';

/** Interrupt packets as events. They are hints only: what is malformed or unknown is no event. */
export function eventIn(packet: Uint8Array): PhoneEvent | undefined {
  if (packet.byteLength < HEADER_SIZE) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (view.getUint16(4, true) !== ContainerType.event) return undefined;
  const parameter = packet.byteLength >= HEADER_SIZE + 4 ? view.getUint32(HEADER_SIZE, true) : undefined;
  switch (view.getUint16(6, true)) {
    case Event.ObjectAdded:
      return about('object-added', parameter);
    case Event.ObjectRemoved:
      return about('object-removed', parameter);
    case Event.ObjectInfoChanged:
    case Event.ObjectPropChanged:
      return about('object-changed', parameter);
    case Event.StoreAdded:
    case Event.StoreRemoved:
    case Event.StoreFull:
    case Event.StorageInfoChanged:
      return { kind: 'storages-changed' };
    case Event.DevicePropChanged:
      return parameter === DeviceProp.BatteryLevel ? { kind: 'battery-changed' } : undefined;
    default:
      return undefined;
  }
}

function about(
  kind: 'object-added' | 'object-removed' | 'object-changed',
  handle: number | undefined,
): PhoneEvent | undefined {
  return handle === undefined ? undefined : { kind, handle: handleOf(handle) };
}
