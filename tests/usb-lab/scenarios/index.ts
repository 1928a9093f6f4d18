import type { Scenario } from '../guest/lab.ts';
import { cable } from './cable.ts';
import { captures } from './captures.ts';
import { catalogue } from './catalogue.ts';
import { cli } from './cli.ts';
import { disks } from './disks.ts';
import { drive } from './drive.ts';
import { phone } from './phone.ts';
import { qemu } from './qemu.ts';
import { transport } from './transport.ts';
import { window } from './window.ts';

/** All of them, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  ...disks,
  ...transport,
  ...captures,
  ...phone,
  ...qemu,
  ...cli,
  ...catalogue,
  ...cable,
  ...drive,
  ...window,
];
