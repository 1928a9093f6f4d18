import type { Windows } from '../windows.ts';
import { commands } from './commands.ts';
import { modes } from './modes.ts';

/** One thing that is shown on Windows; it fails by throwing. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  readonly run: (windows: Windows) => Promise<void>;
}

/** All of them, in the order they run. */
export const SCENARIOS: readonly Scenario[] = [...commands, ...modes];
