import { Exit } from './exit.ts';
import { run, type Terminal } from './index.ts';
import type { Interruption } from './command-context.ts';
import { environmentTags } from './language.ts';

/** The process: streams, signals, exit status. Everything else is in `run`. */

const terminal: Terminal = {
  out: process.stdout,
  error: process.stderr,
  isTerminal: process.stdout.isTTY,
  isInteractive: process.stdout.isTTY && process.stdin.isTTY,
  // some terminals say 0 for “unknown”
  columns: () => process.stdout.columns || 80,
  languages: environmentTags(process.env, () =>
    // elsewhere a system that sets no variable means English
    process.platform === 'win32' ? Intl.DateTimeFormat().resolvedOptions().locale : 'en',
  ),
  ask: async (question) => {
    const { createInterface } = await import('node:readline');
    return new Promise((resolve) => {
      const reader = createInterface({ input: process.stdin, output: process.stdout });
      let answer: string | undefined;
      // while it reads, the terminal's Ctrl-C comes here and not as a signal
      reader.on('SIGINT', () => process.emit('SIGINT'));
      reader.on('close', () => resolve(answer));
      reader.question(question, (line) => {
        answer = line;
        reader.close();
      });
    });
  },
};

function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let holding = false;
  const interrupt = (): void => {
    // before anything is worth a good end, and the second time, the end is at once; everything stored is resumable
    if (!holding || controller.signal.aborted) process.exit(Exit.interrupted);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', interrupt);
  return { signal: controller.signal, hold: () => (holding = true) };
}

// `replug ls | head`: whoever read us has seen enough
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(Exit.done);
    throw error;
  });

process.exitCode = await run(process.argv.slice(2), terminal, listenForInterruption());
// a native handle may keep the process alive; what was written to a pipe must be out first
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
);
process.exit();
