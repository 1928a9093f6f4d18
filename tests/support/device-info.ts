import type { DeviceInfo } from '../../electron/mtp/wire/datasets.ts';

/** What an Android phone says of itself, without the lists of what it can do; a test adds those that it is about. */
export const DEVICE_INFO: DeviceInfo = {
  standardVersion: 100,
  vendorExtensionId: 6,
  vendorExtensionVersion: 100,
  vendorExtensions: 'microsoft.com: 1.0; android.com: 1.0;',
  functionalMode: 0,
  operations: [],
  events: [],
  deviceProps: [],
  captureFormats: [],
  playbackFormats: [],
  manufacturer: 'Google',
  model: 'Pixel',
  deviceVersion: '1.0',
  serial: 'x',
};
