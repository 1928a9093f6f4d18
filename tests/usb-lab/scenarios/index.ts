import type { Scenario } from '../guest/lab.ts';
import { captures } from './captures.ts';
import { transport } from './transport.ts';

/** All of them, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [...transport, ...captures];
