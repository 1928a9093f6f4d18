import fs from 'node:fs';
import path from 'node:path';

/** `bytes` is the size at which a file of the log is followed by the next. */
export interface LogLimits {
  readonly bytes: number;
  /** The current file and older ones. */
  readonly files: number;
}

const LIMITS: LogLimits = { bytes: 1024 * 1024, files: 4 };

/** A plain text log on this computer: `replug.log`, and `replug.1.log` and so on for older ones. */
export class LogFile {
  readonly #folder: string;
  readonly #limits: LogLimits;
  readonly #now: () => Date;
  #size: number | undefined;

  constructor(folder: string, limits: LogLimits = LIMITS, now: () => Date = () => new Date()) {
    this.#folder = folder;
    this.#limits = limits;
    this.#now = now;
  }

  get file(): string {
    return this.#file(0);
  }

  /** Writes synchronously, because the last line before a crash is the one that matters. Never throws. */
  readonly write = (line: string): void => {
    const text = `${this.#now().toISOString()} ${line.replaceAll('\n', '\n  ')}\n`;
    try {
      this.#size ??= this.#open();
      if (this.#size > 0 && this.#size + Buffer.byteLength(text) > this.#limits.bytes) {
        this.#rotate();
        this.#size = 0;
      }
      fs.appendFileSync(this.file, text);
      this.#size += Buffer.byteLength(text);
    } catch {
      // a full or read-only disk cannot be reported anywhere
    }
  };

  /** The last part of the current file. */
  tail(bytes: number): string {
    try {
      const text = fs.readFileSync(this.file, 'utf8').slice(-bytes);
      return text.slice(text.length < bytes ? 0 : text.indexOf('\n') + 1);
    } catch {
      return '';
    }
  }

  #open(): number {
    fs.mkdirSync(this.#folder, { recursive: true });
    return fs.statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
  }

  #rotate(): void {
    for (let index = this.#limits.files - 2; index >= 0; index -= 1) {
      if (fs.existsSync(this.#file(index))) fs.renameSync(this.#file(index), this.#file(index + 1));
    }
  }

  #file(index: number): string {
    return path.join(this.#folder, index === 0 ? 'replug.log' : `replug.${index}.log`);
  }
}
