import type { Windows } from '../windows.ts';
import { commands } from './commands.ts';
import { busy } from './busy.ts';
import { events } from './events.ts';
import { hangs } from './hang.ts';
import { larges } from './large.ts';
import { leaks } from './leaks.ts';
import { modes } from './modes.ts';
import { resume } from './resume.ts';
import { troubles } from './troubles.ts';

/** One thing that is shown on Windows; it fails by throwing. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** Takes gigabytes or minutes: runs only when it is named or with `--long`. */
  readonly isLong?: boolean;
  /** Runs before the stand-in is in the registry, with one of each program's own. */
  readonly isUnregistered?: boolean;
  /** `long`: as often as its figures are told for; a sample otherwise. May give figures. */
  readonly run: (windows: Windows, long: boolean) => Promise<string | void>;
}

/** All of them, in the order they run. */
export const SCENARIOS: readonly Scenario[] = [
  ...commands,
  ...events,
  ...modes,
  ...resume,
  ...troubles,
  ...busy,
  ...hangs,
  ...leaks,
  ...larges,
];
