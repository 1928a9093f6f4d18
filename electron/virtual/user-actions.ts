import { closeSync, fstatSync, ftruncateSync, futimesSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdir, rename, rm, writeFile, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { phonePath, segmentsOf } from '../../shared/domain.ts';
import { DeviceProp, Event } from '../mtp/wire/index.ts';
import type { Entry, Slot } from './objects.ts';
import type { Server } from './server.ts';

/**
 * What a user does on the phone: files are created, changed and deleted without the initiator. The phone sends events
 * for folders that have been listed in this connection; it watches no others.
 */

/** Where the user acts, and whether the phone sends an event. */
export interface UserAction {
  /** 0 is the internal storage, 1 the card, if there is one. */
  readonly storage?: number | undefined;
  /** Date of the file afterwards, in milliseconds since the epoch; default: now. */
  readonly modified?: number | undefined;
  /** Sends no event, as if an app wrote through another path, or before Android 11's media provider noticed. */
  readonly quietly?: boolean | undefined;
}

/** One storage of the phone, as the user sees it. */
export class UserOn {
  readonly #root: string;
  readonly #server: Server | undefined;
  readonly #how: UserAction;

  constructor(root: string, server: Server | undefined, how: UserAction) {
    this.#root = root;
    this.#server = server;
    this.#how = how;
  }

  /** Creates a file or replaces its content. */
  async write(path: string, content: Uint8Array | string): Promise<void> {
    const before = await this.#known(path);
    const real = this.#real(path);
    await mkdir(dirname(real), { recursive: true });
    await writeFile(real, content);
    if (this.#how.modified !== undefined) await utimes(real, this.#how.modified / 1000, this.#how.modified / 1000);
    const entry = await this.#known(path);
    if (entry !== undefined) this.#emit(before === undefined ? Event.ObjectAdded : Event.ObjectInfoChanged, entry);
  }

  /** Overwrites the file's bytes in place; a reader at that moment gets some of the old and some of the new. */
  async overwrite(path: string, content: Uint8Array): Promise<void> {
    this.#inPlace(path, (file) => {
      writeSync(file, content, 0, content.byteLength, 0);
      ftruncateSync(file, content.byteLength);
    });
    await this.#changed(path);
  }

  /** The file grows, like a recording or a download. */
  async append(path: string, content: Uint8Array): Promise<void> {
    this.#inPlace(path, (file) => writeSync(file, content, 0, content.byteLength, fstatSync(file).size));
    await this.#changed(path);
  }

  async makeFolder(path: string): Promise<void> {
    await mkdir(this.#real(path), { recursive: true });
    const entry = await this.#known(path);
    if (entry !== undefined) this.#emit(Event.ObjectAdded, entry);
  }

  async remove(path: string): Promise<void> {
    const entry = await this.#known(path);
    await rm(this.#real(path), { recursive: true, force: true });
    this.#forget(entry);
  }

  /** Renames or moves; an existing file with the new name is deleted. */
  async rename(from: string, to: string): Promise<void> {
    const entry = await this.#known(from);
    const replaced = await this.#known(to);
    mkdirSync(dirname(this.#real(to)), { recursive: true });
    await rename(this.#real(from), this.#real(to));
    this.#forget(entry);
    this.#forget(replaced);
    const moved = await this.#known(to);
    if (moved !== undefined) this.#emit(Event.ObjectAdded, moved);
  }

  #real(path: string): string {
    return join(this.#root, ...segmentsOf(phonePath(path)));
  }

  #inPlace(path: string, work: (file: number) => void): void {
    const file = openSync(this.#real(path), 'r+');
    try {
      work(file);
      const seconds = (this.#how.modified ?? Date.now()) / 1000;
      futimesSync(file, seconds, seconds);
    } finally {
      closeSync(file);
    }
  }

  async #changed(path: string): Promise<void> {
    const entry = await this.#known(path);
    if (entry !== undefined) this.#emit(Event.ObjectInfoChanged, entry);
  }

  #forget(entry: Entry | undefined): void {
    if (entry === undefined) return;
    this.#server?.table.forget(entry);
    this.#emit(Event.ObjectRemoved, entry);
  }

  #emit(event: number, entry: Entry): void {
    if (this.#how.quietly !== true) this.#server?.emit(event, entry.handle);
  }

  /** The object, if all of its parent folders have been listed in this connection. */
  async #known(path: string): Promise<Entry | undefined> {
    const slot: Slot | undefined = this.#server?.slots.find((each) => each.disk.root === this.#root);
    let at = slot?.root;
    for (const segment of segmentsOf(phonePath(path))) {
      if (this.#server === undefined || at?.listed !== true) return undefined;
      await this.#server.table.list(at);
      at = at.children.get(segment);
    }
    return at;
  }
}

/** Changes the battery level and sends the event. */
export function setBattery(server: Server, percent: number): void {
  server.battery = percent;
  server.emit(Event.DevicePropChanged, DeviceProp.BatteryLevel);
}
