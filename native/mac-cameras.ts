import type { Outside, UsbPlace } from './native.ts';

const DEFAULTS = '/usr/bin/defaults';
/** Where Image Capture keeps what “Connecting this device opens” says, one dictionary for each device. */
const CAMERAS = 'com.apple.ImageCaptureCore';
/** Where we remember what was there before: it must outlive a crash. */
const OURS = 'app.replug.desktop';
const LIMIT_MS = 5000;

/**
 * What macOS opens when a phone is plugged in, for each phone. Its camera services read this when they start, and leave
 * a phone alone for which it is “No application”; without it, they take the phone again as soon as they come back. Domain,
 * key and value as elfmz/far2l#3382 found them (mtp/src/LibMtpBackend.cpp); not yet tried on a Mac by us.
 */
export class CameraPreferences {
  readonly #outside: Outside;
  /** Keys of devices that were changed in this run, or in one that crashed. */
  readonly #changed = new Set<string>();

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  /** Sets “No application” for this phone. Does nothing if a person chose that already, or what is set cannot be read. */
  async openNothingFor(place: UsbPlace): Promise<void> {
    const key = keyOf(place);
    const before = await this.#read(CAMERAS, key);
    if (before === 'unknown') return;
    // ours of a run that crashed: what was there before that one is still remembered
    const remembered = await this.#read(OURS, noteOf(key));
    if (remembered === 'unknown') return;
    if (remembered === undefined) {
      if (opensNothing(before)) return;
      if (!(await this.#defaults('write', OURS, noteOf(key), '-string', before ?? ''))) return;
    }
    this.#changed.add(key);
    await this.#defaults('write', CAMERAS, key, '-dict-add', 'autolaunchPath', '');
  }

  /** Sets again what was set before. What a person has chosen since stays. */
  async putBack(): Promise<void> {
    for (const key of this.#changed) {
      const earlier = await this.#read(OURS, noteOf(key));
      const now = await this.#read(CAMERAS, key);
      if (earlier === undefined || earlier === 'unknown' || now === 'unknown') continue;
      const restored =
        !opensNothing(now) ||
        (await (earlier === ''
          ? this.#defaults('delete', CAMERAS, key)
          : // `defaults` writes what `defaults read` prints
            this.#defaults('write', CAMERAS, key, earlier)));
      if (!restored) continue;
      this.#changed.delete(key);
      await this.#defaults('delete', OURS, noteOf(key));
    }
  }

  /** `undefined` if nothing is set, `unknown` if that cannot be told. */
  async #read(domain: string, key: string): Promise<string | undefined> {
    const { code, output } = await this.#outside.run(DEFAULTS, ['read', domain, key], LIMIT_MS);
    // 1: there is no such key
    return code === 0 ? output.trim() : code === 1 ? undefined : 'unknown';
  }

  async #defaults(...args: readonly string[]): Promise<boolean> {
    return (await this.#outside.run(DEFAULTS, args, LIMIT_MS)).code === 0;
  }
}

/** `Device-18D1-4EE1-SERIAL`; without a serial number only the first two. */
function keyOf({ vendorId, productId, serial }: UsbPlace): string {
  const hex = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0');
  return ['Device', hex(vendorId), hex(productId), ...(serial === undefined || serial === '' ? [] : [serial])].join(
    '-',
  );
}

const noteOf = (key: string): string => `Before ${key}`;

const opensNothing = (value: string | undefined): boolean => /\bautolaunchPath = "";/u.test(value ?? '');
