import fs from 'node:fs';
import path from 'node:path';

/**
 * Position of the window, and which one-time messages have been shown. Stored in a file of its own, because the
 * engine knows nothing about windows.
 */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is kept of the window between runs. */
export interface Kept {
  readonly bounds: Bounds | undefined;
  readonly maximized: boolean;
  /** Whether the message that transfers continue after the window is closed has been shown. */
  readonly saidBackground: boolean;
}

/** Smallest size of the window, in device-independent pixels. */
export const SMALLEST = { width: 480, height: 400 } as const;
const USUAL = { width: 1080, height: 720 } as const;
const NOTHING: Kept = { bounds: undefined, maximized: false, saidBackground: false };

/**
 * Reads and writes the kept state. A file that is missing or damaged counts as empty, and one that cannot be written is
 * no error.
 */
export class KeptState {
  readonly #file: string;
  #kept: Kept;

  constructor(file: string) {
    this.#file = file;
    this.#kept = read(file);
  }

  get kept(): Kept {
    return this.#kept;
  }

  change(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    try {
      fs.mkdirSync(path.dirname(this.#file), { recursive: true });
      // Written atomically. A truncated file would only lose the window's position, but would look like damage.
      fs.writeFileSync(`${this.#file}.new`, JSON.stringify(this.#kept));
      fs.renameSync(`${this.#file}.new`, this.#file);
    } catch {
      // a full or read-only disk must not prevent the window from closing
    }
  }
}

function read(file: string): Kept {
  try {
    const value = JSON.parse(fs.readFileSync(file, 'utf8')) as Partial<Record<keyof Kept, unknown>>;
    return {
      bounds: isBounds(value.bounds) ? value.bounds : undefined,
      maximized: value.maximized === true,
      saidBackground: value.saidBackground === true,
    };
  } catch {
    return NOTHING;
  }
}

const isBounds = (value: unknown): value is Bounds =>
  typeof value === 'object' &&
  value !== null &&
  ['x', 'y', 'width', 'height'].every((key) => Number.isSafeInteger((value as Record<string, unknown>)[key]));

/** Pixels; how much of the title bar must be visible to be grabbed. */
const GRIP = 48;

/**
 * Position of the window: the previous one if enough of its title bar is on a current screen, otherwise the default
 * size in the centre (which is Electron's default). Never larger than the screen.
 */
export function placeFor(kept: Bounds | undefined, screens: readonly Bounds[]): Partial<Bounds> {
  const largest = screens[0];
  const fit = (wanted: number, least: number, most: number | undefined): number =>
    Math.max(least, Math.min(wanted, most ?? wanted));
  if (kept !== undefined) {
    const on = screens.find(
      (screen) =>
        kept.x + kept.width >= screen.x + GRIP &&
        kept.x <= screen.x + screen.width - GRIP &&
        kept.y >= screen.y &&
        kept.y <= screen.y + screen.height - GRIP,
    );
    if (on !== undefined)
      return {
        x: kept.x,
        y: kept.y,
        width: fit(kept.width, SMALLEST.width, on.width),
        height: fit(kept.height, SMALLEST.height, on.height),
      };
  }
  return {
    width: fit(USUAL.width, SMALLEST.width, largest?.width),
    height: fit(USUAL.height, SMALLEST.height, largest?.height),
  };
}
