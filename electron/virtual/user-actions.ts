import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { phonePath, segmentsOf } from '../../shared/domain.ts';
import { DeviceProp, Event } from '../mtp/wire/index.ts';
import type { Entry } from './objects.ts';
import type { Server } from './server.ts';

/**
 * What somebody does with the phone in their hand: files come, change and go behind the initiator's back, and the
 * phone says so for folders that have been listed in this connection; it watches no others.
 */

const real = (root: string, path: string): string => join(root, ...segmentsOf(phonePath(path)));

async function known(server: Server | undefined, path: string): Promise<Entry | undefined> {
  let at = server?.slots[0]?.root;
  for (const segment of segmentsOf(phonePath(path))) {
    if (server === undefined || at?.listed !== true) return undefined;
    await server.table.list(at);
    at = at.children.get(segment);
  }
  return at;
}

export async function writeFileOn(
  root: string,
  server: Server | undefined,
  path: string,
  content: Uint8Array | string,
): Promise<void> {
  const before = await known(server, path);
  await mkdir(dirname(real(root, path)), { recursive: true });
  await writeFile(real(root, path), content);
  const entry = await known(server, path);
  if (entry !== undefined)
    server?.emit(before === undefined ? Event.ObjectAdded : Event.ObjectInfoChanged, entry.handle);
}

export async function makeFolderOn(root: string, server: Server | undefined, path: string): Promise<void> {
  await mkdir(real(root, path), { recursive: true });
  const entry = await known(server, path);
  if (entry !== undefined) server?.emit(Event.ObjectAdded, entry.handle);
}

export async function removeOn(root: string, server: Server | undefined, path: string): Promise<void> {
  const entry = await known(server, path);
  await rm(real(root, path), { recursive: true, force: true });
  if (entry === undefined) return;
  server?.table.forget(entry);
  server?.emit(Event.ObjectRemoved, entry.handle);
}

export function drain(server: Server, percent: number): void {
  server.battery = percent;
  server.emit(Event.DevicePropChanged, DeviceProp.BatteryLevel);
}
