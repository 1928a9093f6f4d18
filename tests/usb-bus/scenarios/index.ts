import type { Scenario } from '../../usb-lab/guest/lab.ts';
import { SCENARIOS as OF_THE_LAB } from '../../usb-lab/scenarios/index.ts';
import { bus } from './bus.ts';

/** The bus's own, and those of the lab that need nothing but the bus and uMTP-Responder. */
export const SCENARIOS: readonly Scenario[] = [
  ...bus,
  ...OF_THE_LAB.filter(({ phone, needs }) => phone !== 'qemu' && needs === undefined),
];
