import type { Holder } from '../shared/domain.ts';

/** Where a device is on the bus. */
export interface UsbPlace {
  readonly bus: number;
  readonly address: number;
  readonly vendorId: number;
  readonly productId: number;
}

/** What this system knows about who may use a phone. One implementation per operating system. */
export interface Native {
  /** The program that has the phone's interface, as far as it can be found out. Never rejects for want of rights. */
  holderOf(place: UsbPlace): Promise<Holder | undefined>;
  /** Why Replug can open no phone at all on this system, in words for a person; `undefined` where it can. */
  cannotOpen(): string | undefined;
  /** What gives this user access, word for word. */
  forbiddenFix(place: UsbPlace): string;
  /**
   * Makes the holder let go, in the politest way known for it. Only after the user has agreed. Resolves whether
   * something was released; the interface should then be claimed at once.
   */
  release(place: UsbPlace): Promise<boolean>;
  /** On quit: lets the system's own programs have the phone again. */
  putBack(): Promise<void>;
}

/** The outside, as an argument. */
export interface Outside {
  /** Runs a program to its end. Never rejects: a program that cannot be started has `code` -1. */
  run(
    program: string,
    args: readonly string[],
    limitMs: number,
  ): Promise<{ readonly code: number; readonly output: string }>;
  /** Names in a folder; none when it cannot be read. */
  list(folder: string): Promise<readonly string[]>;
  /** A text file; `undefined` when it cannot be read. */
  read(file: string): Promise<string | undefined>;
  /** Where a symbolic link points; `undefined` when it cannot be read. */
  link(file: string): Promise<string | undefined>;
  /** Our own process id, which is never named as a holder. */
  readonly pid: number;
}

export const hex4 = (value: number): string => value.toString(16).padStart(4, '0');
