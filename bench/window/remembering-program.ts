import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { serveWindow } from '../../electron/cli/commands/serve.ts';
import { Output } from '../../electron/cli/output.ts';
import { compose, type Replug } from '../../electron/compose.ts';
import { FarBus } from '../in-process/far-bus.ts';
import type { RememberingOptions } from './remembering.ts';

/**
 * The program that `startRemembering` starts: Replug as `replug serve` composes it, with a phone in a process of its own
 * whose files are on no disk. It serves its window once all of them are remembered.
 */

/** Milliseconds between two looks whether the scan has ended. */
const LOOK_MS = 250;

const { folder, files, rate } = JSON.parse(process.argv[2] ?? '') as RememberingOptions;
const phone = join(folder, 'phone');
mkdirSync(phone, { recursive: true });
const output = new Output(
  {
    out: process.stdout,
    error: process.stderr,
    isTerminal: false,
    isInteractive: false,
    columns: () => 80,
    languages: [],
    ask: () => Promise.resolve(undefined),
  },
  { json: true, verbose: false, quiet: false },
);
const ending = new AbortController();
process.on('SIGTERM', () => {
  ending.abort();
});

/** All is listed, and nothing is left to be looked at again. */
function isRemembered({ catalogue }: Replug): boolean {
  const [one] = catalogue.snapshot().phones;
  return one !== undefined && one.activity === 'idle' && one.foldersLeft === 0 && one.files >= files;
}

const replug = await compose({ db: join(folder, 'replug.sqlite'), virtual: [], faults: [], usb: false });
try {
  replug.bus.add(await FarBus.start({ directory: phone, files, rate }));
  await replug.engine.start();
  while (!ending.signal.aborted && !isRemembered(replug)) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  await serveWindow(
    replug,
    { output, interruption: { signal: ending.signal, hold: () => undefined } },
    { port: 0, open: false },
  );
} finally {
  await replug.close();
}
process.exit();
