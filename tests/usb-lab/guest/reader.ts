/** Reads the first file of the phone whole, in a process of its own that is there to be killed. */
import { createUsbBus } from '../../../electron/usb/index.ts';
import { openFirst } from './phones.ts';

const { phone, storage } = await openFirst(createUsbBus());
const object = (await phone.list(storage.id, 'root'))[0];
if (object === undefined) throw new Error('the phone is empty');
let had = 0;
await phone.readWhole(object, (bytes) => {
  had += bytes.length;
  if (had > 4 << 20) console.log('reading');
});
