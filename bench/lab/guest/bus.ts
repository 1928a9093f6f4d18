/**
 * The upper bound of the bus: the kernel's SourceSink gadget sends or receives `SIZE` bytes: `bus.js get|put SIZE`.
 */
import { BULK, loadAddon } from '../../../electron/usb/addon.ts';
import { Urbs, systemTimers } from '../../../electron/usb/urbs.ts';
import { until } from '../../../tests/usb-lab/guest/wait.ts';
import { RAW_PRODUCT } from './source-sink.ts';

const TRANSFER = 1 << 20;
const IN_FLIGHT = 3;

const [what = '', size = '0'] = process.argv.slice(2);
const addon = await loadAddon();
const device = await until('the gadget is on the bus', 15_000, () =>
  addon.getDeviceList().find((one) => one.deviceDescriptor.idProduct === RAW_PRODUCT),
);
device.open(false);
const face = device.configDescriptor?.interfaces[0]?.[0];
const endpoint = face?.endpoints.find(
  ({ bEndpointAddress, bmAttributes }) =>
    (bmAttributes & 3) === BULK && ((bEndpointAddress & 0x80) !== 0) === (what === 'get'),
);
if (face === undefined || endpoint === undefined) throw new Error('no bulk endpoint');
device.__claimInterface(face.bInterfaceNumber);
const urbs = new Urbs(addon, device, systemTimers);

console.log('begin');
await new Promise<void>((resolve, reject) => {
  let posted = 0;
  let moved = 0;
  const post = (buffer: Buffer): void => {
    posted += buffer.length;
    urbs.submit(endpoint.bEndpointAddress, BULK, buffer, ({ status, actual }) => {
      moved += actual;
      if (status !== 0) reject(new Error(`transfer status ${status}`));
      else if (moved >= Number(size)) resolve();
      else if (posted < Number(size)) post(buffer);
    });
  };
  for (let flying = 0; flying < IN_FLIGHT; flying += 1) post(Buffer.alloc(TRANSFER));
});
console.log('end');
process.exit(0);
