import { join } from 'node:path';
import { localPath, type LocalPath } from '../../../shared/domain.ts';
import { deleteLocal } from '../local/destroy-local.ts';
import type { Disk, OpenFile } from '../local/disk.ts';
import { local } from '../local/local-files.ts';
import type { Samples } from './samples.ts';

/** A file of unknown length on its way to a phone that takes whole objects only: all of it is kept on this computer first. */
export class Spool {
  readonly #disk: Disk;
  readonly #path: LocalPath;
  readonly #file: OpenFile;
  #length = 0;
  #isOpen = true;

  private constructor(disk: Disk, path: LocalPath, file: OpenFile) {
    this.#disk = disk;
    this.#path = path;
    this.#file = file;
  }

  /** A new one in `folder`. Rejects with kinds of the computer's side. */
  static async make(disk: Disk, folder: LocalPath): Promise<Spool> {
    const path = localPath(join(folder, 'spool.replug-1'));
    return new Spool(disk, path, await local('target', 'open', path, () => disk.open(path, 'create', 0o600)));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.byteLength;) {
      const rest = bytes.subarray(written);
      const { bytesWritten } = await local('target', 'write', this.#path, () =>
        this.#file.writev([rest], this.#length),
      );
      written += bytesWritten;
      this.#length += bytesWritten;
    }
  }

  /** All of it, in pieces of so many bytes; `samples` sees each. */
  async *pieces(size: number, samples: Samples): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.#length;) {
      const piece = new Uint8Array(Math.min(size, this.#length - at));
      for (let got = 0; got < piece.byteLength;) {
        const from = at + got;
        const { bytesRead } = await local('source', 'read', this.#path, () =>
          this.#file.read(piece, got, piece.byteLength - got, from),
        );
        if (bytesRead === 0) throw new Error('the spool is shorter than what was written to it');
        got += bytesRead;
      }
      samples.saw(at, piece);
      yield piece;
      at += piece.byteLength;
    }
  }

  /** Never rejects. A second call does nothing. */
  async remove(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.close().catch(() => undefined);
    await deleteLocal(this.#disk, this.#path, { kind: 'own-name' }).catch(() => undefined);
  }
}
