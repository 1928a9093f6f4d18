import { closeSync, fstatSync, ftruncateSync, futimesSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdir, rename, rm, writeFile, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { phonePath, segmentsOf } from '../../shared/domain.ts';
import { DeviceProp, Event } from '../mtp/wire/index.ts';
import type { Entry, Slot } from './objects.ts';
import type { Server } from './server.ts';

/**
 * What somebody does with the phone in their hand: files come, change and go behind the initiator's back, and the
 * phone says so for folders that have been listed in this connection; it watches no others.
 */

/** Where a person acts, and whether the phone tells of it. */
export interface UserAction {
  /** 0 is the internal storage, 1 the card, where there is one. */
  readonly storage?: number | undefined;
  /** Milliseconds since the epoch: the date that the file has afterwards; now by default. */
  readonly modified?: number | undefined;
  /** No event: as when an app writes through another path, or before Android 11's media provider noticed. */
  readonly quietly?: boolean | undefined;
}

/** One storage of the phone as a person meets it. */
export class UserOn {
  readonly #root: string;
  readonly #server: Server | undefined;
  readonly #how: UserAction;

  constructor(root: string, server: Server | undefined, how: UserAction) {
    this.#root = root;
    this.#server = server;
    this.#how = how;
  }

  /** Makes a file, or writes another one over it. */
  async write(path: string, content: Uint8Array | string): Promise<void> {
    const before = await this.#known(path);
    const real = this.#real(path);
    await mkdir(dirname(real), { recursive: true });
    await writeFile(real, content);
    if (this.#how.modified !== undefined) await utimes(real, this.#how.modified / 1000, this.#how.modified / 1000);
    const entry = await this.#known(path);
    if (entry !== undefined) this.#emit(before === undefined ? Event.ObjectAdded : Event.ObjectInfoChanged, entry);
  }

  /** Writes over the file's bytes where they are: whoever reads it at that moment gets some of the old, some of the new. */
  async overwrite(path: string, content: Uint8Array): Promise<void> {
    this.#inPlace(path, (file) => {
      writeSync(file, content, 0, content.byteLength, 0);
      ftruncateSync(file, content.byteLength);
    });
    await this.#changed(path);
  }

  /** A recording, a download: the file becomes longer. */
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

  /** Another name or another folder; what has that name goes. */
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

  /** The object, where every folder above it has been listed in this connection. */
  async #known(path: string): Promise<Entry | undefined> {
    const slot: Slot | undefined = this.#server?.slots.find((each) => each.volume.root === this.#root);
    let at = slot?.root;
    for (const segment of segmentsOf(phonePath(path))) {
      if (this.#server === undefined || at?.listed !== true) return undefined;
      await this.#server.table.list(at);
      at = at.children.get(segment);
    }
    return at;
  }
}

/** The battery loses charge, and the phone says so. */
export function setBattery(server: Server, percent: number): void {
  server.battery = percent;
  server.emit(Event.DevicePropChanged, DeviceProp.BatteryLevel);
}
