/**
 * Lists one folder of the root with Replug's engine, in a process of its own: `list.js FOLDER`. Prints when it begins
 * and ends.
 */
import { composePhones } from '../../../electron/compose/phones.ts';
import { joinPhonePath, ROOT } from '../../../shared/domain.ts';

const [folder = ''] = process.argv.slice(2);
const replug = await composePhones({ virtual: [], faults: [], usb: true });
await replug.engine.start();
const device = await replug.engine.waitForDevice(undefined, 30_000);
const storage = replug.engine.devices.find((one) => one.key === device)?.storages[0]?.key;
if (storage === undefined) throw new Error('the phone shows no storage');
console.log('begin');
const { entries } = await replug.engine.entries({ device, storage, path: joinPhonePath(ROOT, folder) });
console.log('end');
console.log(`${entries.length} files`);
await replug.close();
