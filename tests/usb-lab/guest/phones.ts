import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openPhone, type Clock, type Phone, type PhoneStorage } from '../../../electron/mtp/index.ts';
import type { UsbBus } from '../../../electron/usb/index.ts';
import { sleep, until } from './wait.ts';

const clock: Clock = { now: () => performance.now(), sleep };

/** Opens the one phone on the bus and gives it with its first storage. */
export async function openFirst(bus: UsbBus): Promise<{ phone: Phone; storage: PhoneStorage }> {
  const attached = await until('a phone is on the bus', 15_000, async () => (await bus.current())[0]);
  const phone = await openPhone(await bus.open(attached), attached, clock);
  const storage = (await phone.storages())[0];
  if (storage === undefined) throw new Error('the phone shows no storage');
  return { phone, storage };
}

export const sha256 = (bytes: Uint8Array | readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) hash.update(piece);
  return hash.digest('hex');
};

/** Every file and folder below `folder`: relative path to SHA-256, or `folder`. Files are read as streams. */
export async function digestTree(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const full = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, full);
    found.set(name, entry.isDirectory() ? 'folder' : await digestFile(full));
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function digestFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** A file of this size whose bytes nobody can guess, made without holding it in memory. */
export async function makeFile(file: string, size: number): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const block = randomBytes(Math.min(size, 1 << 20));
  await writeFile(file, '');
  for (let offset = 0; offset < size; offset += block.length) {
    // Each block differs, so that a swapped chunk shows.
    if (block.length >= 8) block.writeBigUInt64LE(BigInt(offset), 0);
    await writeFile(file, block.subarray(0, Math.min(block.length, size - offset)), { flag: 'a' });
  }
}
