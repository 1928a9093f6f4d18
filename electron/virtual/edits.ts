import type { StorageFile } from './storage-disk.ts';

/** An object open for editing, between BeginEditObject and EndEditObject. */
export interface Edit {
  readonly file: StorageFile;
  /** AOSP's mSize: grows with confirmed SendPartialObject only, so after an interrupted one it is behind the file. */
  size: number;
}

/** Open edits of one server run. They survive CloseSession and the death of the host's process. */
export class EditList {
  readonly #open = new Map<number, Edit>();

  get(handle: number): Edit | undefined {
    return this.#open.get(handle);
  }
  add(handle: number, file: StorageFile): void {
    this.#open.set(handle, { file, size: file.size });
  }
  end(handle: number): boolean {
    const edit = this.#open.get(handle);
    if (edit === undefined) return false;
    this.#open.delete(handle);
    edit.file.close();
    return true;
  }
  /** Ends edits of objects that disappeared with their storage. */
  endWhere(isGone: (handle: number) => boolean): void {
    for (const handle of [...this.#open.keys()]) if (isGone(handle)) this.end(handle);
  }
  /** When the server's loop ends, everything written stays. */
  commitAll(): void {
    for (const handle of [...this.#open.keys()]) this.end(handle);
  }
}
