// Loaded into each test file's process before the file itself (scripts/testing/limited-run.ts). Keeps a note of the
// current test, which the runner reads if this process stops responding or does not end.
import fs from 'node:fs';
import { after, afterEach, beforeEach } from 'node:test';
import { isMainThread } from 'node:worker_threads';

/**
 * Milliseconds between renewals. During a test its own limit applies; the note only has to show that the process is
 * not blocked.
 */
const BEAT_MS = 1000;
/** By then the file's own `after` hooks have closed what they close. */
const LATE_LOOK_MS = 5000;

const folder = process.env['REPLUG_TEST_NOTES'];
// threads and programs started by a test inherit arguments or environment, but belong to that test
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
