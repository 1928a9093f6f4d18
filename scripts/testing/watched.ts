// Loaded into each test file's process before the file itself (scripts/testing/limited-run.ts). It keeps a note of which
// test is under way, for the runner to read when this process no longer answers or does not end.
import fs from 'node:fs';
import { after, afterEach, beforeEach } from 'node:test';
import { isMainThread } from 'node:worker_threads';

/** While a test is under way, its own limit counts, and the note only has to show that this process is not blocked. */
const BEAT_MS = 1000;
/** What the file's own `after` hooks close is closed by then. */
const LATE_LOOK_MS = 5000;

const folder = process.env['REPLUG_TEST_NOTES'];
// threads and programs that a test starts inherit arguments or environment; they are part of that test
if (folder !== undefined && isMainThread) {
  delete process.env['REPLUG_TEST_NOTES'];
  const note = `${folder}/${process.pid}.json`;
  const file = process.argv[1] ?? '';
  const running = new Set<string>();
  let last: string | undefined;
  const write = (state: object): void => fs.writeFileSync(note, JSON.stringify({ file, ...state }));
  const tell = (): void => {
    if (running.size > 0) write({ state: 'running', tests: [...running] });
    else write({ state: 'between', after: last });
  };
  tell();

  const beat = setInterval(() => {
    if (running.size > 0) tell();
  }, BEAT_MS);
  beat.unref();
  beforeEach((test) => {
    running.add(test.fullName);
    tell();
  });
  afterEach((test) => {
    running.delete(test.fullName);
    last = test.fullName;
    tell();
  });
  after(() => {
    clearInterval(beat);
    const ended = (): void => write({ state: 'ended', open: process.getActiveResourcesInfo() });
    ended();
    setTimeout(ended, LATE_LOOK_MS).unref();
  });
  process.on('exit', () => fs.rmSync(note, { force: true }));
}
