/**
 * The fastest whole-file transfer through `usb`: our transport with its transfers in flight, without protocol layer,
 * engine or disk (`whole.js get` discards the bytes, `whole.js put SIZE` sends the same block repeatedly).
 */
import { createUsbBus } from '../../../electron/usb/index.ts';
import type { Transport } from '../../../electron/mtp/ports.ts';
import { command, Hand, header, OPERATION } from '../../../tests/usb-lab/guest/containers.ts';
import { until } from '../../../tests/usb-lab/guest/wait.ts';

const LIMIT = { limitMs: 30_000 };
const OK = 0x2001;
const EVERYTHING = 0xffffffff;

async function childOf(hand: Hand, storage: number, folder: number): Promise<number> {
  const handles = await hand.transact(OPERATION.getObjectHandles, [storage, 0, folder]);
  if (handles.data === undefined || handles.data.readUInt32LE(0) !== 1) throw new Error('not exactly one child');
  return handles.data.readUInt32LE(4);
}

/** Reads the folder's only file without copying a byte: pieces are counted and discarded. */
async function get(transport: Transport, handle: number): Promise<number> {
  await transport.write([command(OPERATION.getObject, 1000, [handle])], { last: true, ...LIMIT });
  const first = await transport.read(1 << 20, LIMIT);
  const total = Buffer.from(first.bytes.buffer, first.bytes.byteOffset, 12).readUInt32LE(0);
  let had = first.bytes.length;
  while (had < total) had += (await transport.read(total - had, LIMIT)).bytes.length;
  let response = await transport.read(512, LIMIT);
  if (response.bytes.length === 0) response = await transport.read(512, LIMIT);
  if (Buffer.from(response.bytes).readUInt16LE(6) !== OK) throw new Error('GetObject failed');
  return total - 12;
}

async function put(transport: Transport, hand: Hand, storage: number, size: number): Promise<void> {
  const info = Buffer.alloc(52);
  info.writeUInt16LE(0x3000, 4);
  info.writeUInt32LE(size, 8);
  const name = Buffer.from('whole.bin\0', 'utf16le');
  const dataset = Buffer.concat([info, Buffer.from([name.length / 2]), name, Buffer.from([0, 0, 0])]);
  const made = await hand.transact(OPERATION.sendObjectInfo, [storage, EVERYTHING], dataset);
  if (made.code !== OK) throw new Error('SendObjectInfo failed');
  const block = Buffer.alloc(8 << 20, 0x5a);
  const parts: Uint8Array[] = [header(2, OPERATION.sendObject, 1000, size)];
  for (let left = size; left > 0; left -= block.length) parts.push(block.subarray(0, Math.min(left, block.length)));
  await transport.write([command(OPERATION.sendObject, 1000, [])], { last: true, ...LIMIT });
  await transport.write(parts, { last: true, ...LIMIT });
  if ((await hand.answer()).code !== OK) throw new Error('SendObject failed');
}

const [what = '', size = '0'] = process.argv.slice(2);
const bus = createUsbBus();
const attached = await until('the phone is on the bus', 15_000, async () => (await bus.current())[0]);
const transport = await bus.open(attached);
const hand = new Hand(transport);
await hand.transact(OPERATION.openSession, [1]);
const storage = (await hand.transact(OPERATION.getStorageIds)).data?.readUInt32LE(4) ?? 0;
if (what === 'get') {
  const root = await hand.transact(OPERATION.getObjectHandles, [storage, 0, EVERYTHING]);
  // The folders are created in this order, so `film` is the first.
  const handle = await childOf(hand, storage, root.data?.readUInt32LE(4) ?? 0);
  console.log('begin');
  const had = await get(transport, handle);
  console.log('end');
  console.log(`${had} bytes`);
} else {
  console.log('begin');
  await put(transport, hand, storage, Number(size));
  console.log('end');
}
await bus.close();
