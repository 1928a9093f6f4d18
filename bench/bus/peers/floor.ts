/**
 * The floor in JavaScript: what `floor.c` does, on the addon that Replug uses, and nothing besides. What Node and the
 * addon cost by themselves. `floor.ts list FOLDER | get FOLDER LOCAL | put FOLDER LOCAL`.
 */
import { openSync, closeSync, readdirSync, readFileSync, readSync, fstatSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { BULK, loadAddon } from '../../../electron/usb/addon.ts';

const IN = 0x81;
const OUT = 0x02;
const HEADER = 12;
const PACKET = 512;
const PIECE = 1 << 20;
const FLYING = 3;
const OK = 0x2001;
const [what = '', folderName = '', local = ''] = process.argv.slice(2);

const usb = await loadAddon();
const device = usb
  .getDeviceList()
  .find(({ deviceDescriptor: { idVendor, idProduct } }) => idVendor === 0x1d6b && idProduct === 0x0100);
if (device === undefined) throw new Error('no phone');
device.open(false);
device.__claimInterface(0);

const bulk = (endpoint: number, buffer: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    new usb.Transfer(device, endpoint, BULK, 0, (error, _buffer, actual) => {
      if (error === undefined) resolve(actual);
      else reject(error);
    }).submit(buffer);
  });

let transaction = 0;

function header(buffer: Buffer, length: number, type: number, code: number): void {
  buffer.writeUInt32LE(length, 0);
  buffer.writeUInt16LE(type, 4);
  buffer.writeUInt16LE(code, 6);
  buffer.writeUInt32LE(transaction, 8);
}

function command(code: number, ...parameters: readonly number[]): Promise<number> {
  transaction = code === 0x1002 ? 0 : transaction + 1;
  const buffer = Buffer.alloc(HEADER + 4 * parameters.length);
  header(buffer, buffer.length, 1, code);
  parameters.forEach((one, index) => buffer.writeUInt32LE(one, HEADER + 4 * index));
  return bulk(OUT, buffer);
}

const answer = Buffer.alloc(PACKET);
async function response(): Promise<void> {
  if ((await bulk(IN, answer)) === 0) await bulk(IN, answer);
  const code = answer.readUInt16LE(6);
  if (answer.readUInt16LE(4) !== 3 || code !== OK) throw new Error(`response ${code.toString(16)}`);
}

const memory = Buffer.alloc(PIECE);
/** A data phase that fits into the memory, which it shares, and its response. */
async function smallData(): Promise<Buffer> {
  const length = await bulk(IN, memory);
  if (memory.readUInt16LE(4) !== 2) throw new Error('no data');
  await response();
  return memory.subarray(HEADER, length);
}

const pool = Array.from({ length: FLYING }, () => Buffer.alloc(PIECE));
const pieceOf = (number: number): Buffer => pool[number % FLYING] ?? memory;

async function objectTo(file: number): Promise<void> {
  let total = PIECE;
  let asked = 0;
  const flying: Promise<number>[] = [];
  for (let had = 0, posted = 0, done = 0; had < total; done += 1) {
    while (posted < done + (done === 0 ? 1 : FLYING) && asked < total) {
      const length = Math.min(PIECE, Math.ceil((total - asked) / PACKET) * PACKET);
      flying.push(bulk(IN, pieceOf(posted).subarray(0, length)));
      asked += length;
      posted += 1;
    }
    const length = (await flying.shift()) ?? 0;
    const bytes = pieceOf(done);
    if (done === 0) total = bytes.readUInt32LE(0);
    writeSync(file, bytes, done === 0 ? HEADER : 0, length - (done === 0 ? HEADER : 0));
    had += length;
  }
  await response();
}

async function objectFrom(file: string): Promise<void> {
  const source = openSync(file, 'r');
  const total = fstatSync(source).size + HEADER;
  const flying: Promise<number>[] = [];
  for (let sent = 0, posted = 0; sent < total; posted += 1) {
    if (flying.length === FLYING) await flying.shift();
    const piece = pieceOf(posted).subarray(0, Math.min(PIECE, total - sent));
    if (sent === 0) header(piece, total, 2, 0x100d);
    readSync(source, piece, sent === 0 ? HEADER : 0, piece.length - (sent === 0 ? HEADER : 0), null);
    flying.push(bulk(OUT, piece));
    sent += piece.length;
  }
  await Promise.all(flying);
  closeSync(source);
  if (total % PACKET === 0) await bulk(OUT, Buffer.alloc(0));
  await response();
}

async function info(
  handle: number,
): Promise<{ readonly format: number; readonly name: string; readonly size: number }> {
  await command(0x1008, handle);
  const bytes = await smallData();
  const letters = bytes.readUInt8(52) - 1;
  return {
    format: bytes.readUInt16LE(4),
    size: bytes.readUInt32LE(8),
    name: bytes.toString('utf16le', 53, 53 + 2 * letters),
  };
}

async function handlesIn(storage: number, parent: number): Promise<readonly number[]> {
  await command(0x1007, storage, 0, parent);
  const bytes = await smallData();
  return Array.from({ length: bytes.readUInt32LE(0) }, (_, index) => bytes.readUInt32LE(4 + 4 * index));
}

async function get(handle: number): Promise<void> {
  const { name, size } = await info(handle);
  if (what === 'list') return;
  await command(0x1009, handle);
  const file = path.join(local, name);
  if (size + HEADER <= PIECE) {
    writeFileSync(file, await smallData());
    return;
  }
  const target = openSync(file, 'w');
  await objectTo(target);
  closeSync(target);
}

async function put(storage: number, folder: number, name: string): Promise<void> {
  const file = path.join(local, name);
  const small = readFileIfSmall(file);
  const size = small?.length ?? fileSize(file);
  const text = Buffer.from(`${name}\0`, 'utf16le');
  const set = Buffer.alloc(HEADER + 53 + text.length + 3);
  set.writeUInt32LE(storage, HEADER);
  set.writeUInt16LE(0x3000, HEADER + 4);
  set.writeUInt32LE(size, HEADER + 8);
  set.writeUInt32LE(folder, HEADER + 38);
  set.writeUInt8(name.length + 1, HEADER + 52);
  text.copy(set, HEADER + 53);
  await command(0x100c, storage, folder);
  header(set, set.length, 2, 0x100c);
  await bulk(OUT, set);
  if (set.length % PACKET === 0) await bulk(OUT, Buffer.alloc(0));
  await response();
  await command(0x100d);
  if (small === undefined) return objectFrom(file);
  const container = Buffer.allocUnsafe(HEADER + size);
  header(container, container.length, 2, 0x100d);
  small.copy(container, HEADER);
  await bulk(OUT, container);
  if (container.length % PACKET === 0) await bulk(OUT, Buffer.alloc(0));
  return response();
}

function fileSize(file: string): number {
  const source = openSync(file, 'r');
  const { size } = fstatSync(source);
  closeSync(source);
  return size;
}

const readFileIfSmall = (file: string): Buffer | undefined =>
  fileSize(file) + HEADER > PIECE ? undefined : readFileSync(file);

await command(0x1002, 1);
await response();
await command(0x1004);
const storage = (await smallData()).readUInt32LE(4);
console.log('begin');
let folder: number | undefined;
for (const handle of await handlesIn(storage, 0xffffffff)) {
  const { format, name } = await info(handle);
  if (format === 0x3001 && name === folderName) {
    folder = handle;
    break;
  }
}
if (folder === undefined) throw new Error('no such folder');
let count = 0;
if (what === 'put')
  for (const name of readdirSync(local)) {
    await put(storage, folder, name);
    count += 1;
  }
else
  for (const handle of await handlesIn(storage, folder)) {
    await get(handle);
    count += 1;
  }
console.log('end');
console.log(`${count} files`);
await command(0x1003);
await response();
device.close();
process.exit(0);
