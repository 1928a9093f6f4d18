import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const RUNNER = pathToFileURL(path.resolve(import.meta.dirname, '../../scripts/testing/limited-run.ts')).href;
const LIMIT_MS = 1500;

/** Test files that hang, and the message expected for each. */
const HANGING: readonly (readonly [name: string, source: string, said: RegExp])[] = [
  [
    'waits',
    `test('waits for ever', async () => { setInterval(() => {}, 1000); await new Promise(() => {}); });`,
    /FAIL waits for ever: test timed out/u,
  ],
  [
    'turns',
    `test('waits in turns', async () => { for (;;) await new Promise((r) => setImmediate(r)); });`,
    /FAIL waits in turns: test timed out/u,
  ],
  [
    'awaits',
    `test('a loop of awaits', async () => { for (;;) await null; });`,
    /HANG awaits\.mjs: “a loop of awaits” blocks/u,
  ],
  ['blocks', `test('blocks', () => { for (;;); });`, /HANG blocks\.mjs: “blocks” blocks its process/u],
  [
    'stays',
    `test('ends', () => {}); setInterval(() => {}, 1000);`,
    /HANG stays\.mjs: its tests are over and its process does not end.*Timeout.*[^]*FAIL \S*stays\.mjs/u,
  ],
  [
    'nested',
    `describe('a suite', () => { test('inside', () => { for (;;); }); });`,
    /HANG nested\.mjs: “a suite > inside” blocks/u,
  ],
  [
    'loading',
    `setInterval(() => {}, 1000); await new Promise(() => {}); test('never', () => {});`,
    /HANG loading\.mjs: no test began/u,
  ],
  [
    'hook',
    `before(async () => { setInterval(() => {}, 1000); await new Promise(() => {}); }); test('x', () => {});`,
    /FAIL x/u,
  ],
];

test('a test that hangs fails and names itself, whatever it hangs in; long suites of short tests do not', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-hanging-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, source: string): string => {
    const file = path.join(folder, `${name}.mjs`);
    fs.writeFileSync(file, `import { before, describe, test } from 'node:test';\n${source}\n`);
    return file;
  };
  const files = HANGING.map(([name, source]) => write(name, source));
  files.push(
    write(
      'patient',
      `describe('patient', () => { for (const n of [1, 2, 3, 4]) test('step ' + n, () => new Promise((r) => setTimeout(r, ${LIMIT_MS / 3}))); });`,
    ),
  );
  const program = `
    import { limitedRun } from ${JSON.stringify(RUNNER)};
    const { stream, stop } = limitedRun({
      files: ${JSON.stringify(files)}, concurrency: 4, cwd: ${JSON.stringify(folder)}, limitMs: ${LIMIT_MS},
      onHang: (words) => console.log('HANG ' + words),
    });
    stream.on('test:fail', ({ name, details }) => console.log('FAIL ' + name + ': ' + details.error.message));
    stream.on('test:pass', ({ name }) => console.log('PASS ' + name));
    for await (const _ of stream) ;
    stop();`;
  // NODE_TEST_CONTEXT would make it a subtest of this file
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const file = path.join(folder, 'run.mjs');
  fs.writeFileSync(file, program);
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], { encoding: 'utf8', env });
  assert.equal(status, 0, stderr);
  for (const [, , said] of HANGING) assert.match(stdout, said);
  assert.match(stdout, /PASS patient\n/u);
  assert.doesNotMatch(stdout, /(?:FAIL|HANG).*patient/u);
});
