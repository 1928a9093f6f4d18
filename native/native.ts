import type { FirstCheck, Holder } from '../shared/domain.ts';
import type { Advice } from '../shared/errors.ts';

/** Position of a device on the bus. */
export interface UsbPlace {
  readonly bus: number;
  readonly address: number;
  readonly vendorId: number;
  readonly productId: number;
  /** From its USB descriptor; empty or missing if it has none or could not be read. */
  readonly serial?: string;
}

/** What this system knows about access to a phone. One implementation per operating system. */
export interface Native {
  /** The program that holds the phone's interface, if it can be determined. Missing rights do not reject. */
  holderOf(place: UsbPlace): Promise<Holder | undefined>;
  /** The exact instructions that give this user access. */
  forbiddenAdvice(place: UsbPlace): Advice;
  /**
   * Makes the holder release the phone, by the gentlest known way. Only after the user has agreed. Resolves whether
   * anything was released; claim the interface at once if so.
   */
  release(place: UsbPlace): Promise<boolean>;
  /**
   * What would keep any phone from being opened, told before one is there. Empty where nothing is wrong, and where that
   * cannot be determined: a warning without a reason is worse than none. Changes nothing, never rejects.
   */
  checks(): Promise<readonly FirstCheck[]>;
  /**
   * Makes a `releasable` program of `checks` quit, by the gentlest known way. Only after the user has agreed. Resolves
   * whether it was told to; one that `checks` would not name is left alone.
   */
  quitProgram(program: string): Promise<boolean>;
  /** On quit: lets the system's own programs use the phone again. */
  putBack(): Promise<void>;
}

/** Access to the system, injected for tests. */
export interface Outside {
  /** Runs a program to completion. Never rejects: `code` is -1 if it cannot be started. */
  run(
    program: string,
    args: readonly string[],
    limitMs: number,
  ): Promise<{ readonly code: number; readonly output: string }>;
  /** Names in a folder; empty if it cannot be read. */
  list(folder: string): Promise<readonly string[]>;
  /** Content of a text file; `undefined` if it cannot be read. */
  read(file: string): Promise<string | undefined>;
  /** Target of a symbolic link; `undefined` if it cannot be read. */
  link(file: string): Promise<string | undefined>;
  /** Whether this person may read and write a file. */
  mayWrite(file: string): Promise<boolean>;
  /** Our own process id, which is never reported as a holder. */
  readonly pid: number;
}

/** A 16-bit number, such as a vendor id, as four lowercase hex digits. */
export const hex4 = (value: number): string => value.toString(16).padStart(4, '0');
