// Runs test files with a time limit for each test, so that a hang fails and is named. Three kinds are detected: a
// test that waits forever (by Node's own limit for each test), a test that blocks its process so that no timer fires
// there any more, and a process that does not end after its tests (the latter two because its note is no longer
// renewed).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from 'node:test';

type TestsStream = ReturnType<typeof run>;

export interface LimitedRunOptions {
  readonly files: readonly string[];
  readonly concurrency: number;
  readonly cwd: string;
  /** Milliseconds for each test; a test with a limit of its own keeps it. */
  readonly limitMs: number;
  /** Called for each process that is killed, with a message. */
  readonly onHang: (words: string) => void;
}

/** The note written by `watched.ts`. */
type Note = { readonly file: string } & (
  | { readonly state: 'running'; readonly tests: readonly string[] }
  | { readonly state: 'between'; readonly after?: string }
  | { readonly state: 'ended'; readonly open: readonly string[] }
);

/** Like `run` of `node:test`. Call `stop` when the stream has ended. */
export function limitedRun(options: LimitedRunOptions): { readonly stream: TestsStream; readonly stop: () => void } {
  const { limitMs, onHang, cwd } = options;
  const notes = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-tests-'));
  const look = setInterval(
    () => {
      for (const hung of hungProcesses(notes, limitMs)) {
        onHang(wordsFor(hung.note, path.relative(cwd, hung.note.file), limitMs));
        fs.rmSync(path.join(notes, `${hung.pid}.json`), { force: true });
        try {
          process.kill(hung.pid, 'SIGKILL');
        } catch {
          // The process has just ended by itself.
        }
      }
    },
    Math.min(2000, limitMs / 2),
  );
  const stream = run({
    files: [...options.files],
    concurrency: options.concurrency,
    cwd,
    execArgv: [`--test-timeout=${limitMs}`, '--import', new URL('watched.ts', import.meta.url).href],
    env: { ...process.env, REPLUG_TEST_NOTES: notes },
  });
  return {
    stream,
    stop: () => {
      clearInterval(look);
      fs.rmSync(notes, { recursive: true, force: true });
    },
  };
}

function hungProcesses(folder: string, limitMs: number): { readonly pid: number; readonly note: Note }[] {
  return fs.readdirSync(folder).flatMap((name) => {
    try {
      const file = path.join(folder, name);
      // `watched.ts` renews the note every second. A few seconds more than the limit let Node's own limit act first.
      if (Date.now() - fs.statSync(file).mtimeMs < limitMs + Math.min(5000, limitMs)) return [];
      return [{ pid: Number.parseInt(name, 10), note: JSON.parse(fs.readFileSync(file, 'utf8')) as Note }];
    } catch {
      // The process has just ended, or is writing the note.
      return [];
    }
  });
}

function wordsFor(note: Note, file: string, limitMs: number): string {
  const limit = `${limitMs / 1000} s`;
  switch (note.state) {
    case 'running':
      return `${file}: “${note.tests.join('”, “')}” blocks its process: nothing else ran in it for ${limit}. Ended.`;
    case 'between':
      return `${file}: ${note.after === undefined ? 'no test began' : `nothing came after “${note.after}”`} for ${limit}: a hook or the file itself hangs. Ended.`;
    case 'ended':
      return `${file}: its tests are over and its process does not end after ${limit}; still open: ${note.open.join(', ')}. Ended.`;
  }
}
