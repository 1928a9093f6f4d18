// Runs on Windows' Node: asks the thread of `electron/wpd` directly, without the rest of Replug.
// thread.ts WORKER COUNT
import { Worker } from 'node:worker_threads';

interface Told {
  readonly number?: number;
  readonly value?: unknown;
}

const [file = '', count = '0'] = process.argv.slice(2);
const worker = new Worker(file);
const waiting = new Map<number, (value: unknown) => void>();
let next = 1;
worker.on('message', ({ number, value }: Told) => {
  if (number === undefined) return;
  waiting.get(number)?.(value);
  waiting.delete(number);
});

const ask = (request: object): Promise<unknown> =>
  new Promise((resolve) => {
    const number = next;
    next += 1;
    waiting.set(number, resolve);
    worker.postMessage({ number, ...request });
  });

const [listed] = (await ask({ ask: 'list' })) as readonly { readonly id: string }[];
const { device } = (await ask({ ask: 'open', id: listed?.id ?? '', version: '1.2.3' })) as { readonly device: number };
const driver = (call: string, ...args: readonly unknown[]): Promise<unknown> =>
  ask({ ask: 'call', device, route: 'raw', call, args });

// of each kind: without data, with data to read, with data to write, refused; several on the way at once
const LANES = 16;
const NO_HANDLE = 0xffff_fffd;
const ROUND = LANES + 3;
for (let done = 0; done < Number(count); done += ROUND) {
  await Promise.all(Array.from({ length: LANES }, () => driver('execute', 0x95c4, [NO_HANDLE])));
  const read = (await driver('beginRead', 0x1004, [])) as { readonly context: string };
  await driver('read', read.context, 65_536);
  await driver('end', read.context);
  await driver('beginRead', 0x95c1, [NO_HANDLE, 0, 0, 1]);
  const written = (await driver('beginWrite', 0x9804, [NO_HANDLE, 0xdc07], 2)) as { readonly context: string };
  await driver('write', written.context, new Uint8Array(2));
  await driver('end', written.context);
  await ask({ ask: 'list' });
}
await ask({ ask: 'close', device });
// its request tells what is left
await ask({ ask: 'list' });
process.exit(0);
