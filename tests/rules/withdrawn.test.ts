import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * Replug once advised installing this replacement driver on Windows. It is unmaintained, has no ARM64 build
 * (daynix/UsbDk#135, kevinmehall/nusb#191) and has open reports of Windows 11 that no longer starts
 * (daynix/UsbDk#134, #96, #110, #120, #129). The advice must not come back.
 */
const WITHDRAWN = /usb[\s_-]?dk/iu;

/** Files that may mention it: this test, and the changelog, which says that the advice was withdrawn. */
const ALLOWED = new Set(['tests/rules/withdrawn.test.ts', 'CHANGELOG.md']);

void test('nothing in the repository advises or uses the withdrawn Windows driver', () => {
  // --no-index also works in an unpacked archive; -I ignores binary files
  const grep = (...args: string[]): string => {
    const search = ['grep', '--no-index', '--exclude-standard', '-I', ...args];
    const { status, stdout, stderr } = spawnSync('git', search, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20 });
    assert.ok(status === 0 || status === 1, stderr);
    return stdout;
  };
  const found = grep('-n', '-i', '-E', WITHDRAWN.source.replace('\\s', '[:space:]'));
  const elsewhere = found.split('\n').filter((line) => line !== '' && !ALLOWED.has(line.split(':')[0] ?? ''));
  assert.deepEqual(elsewhere, []);
  const changelog = found.split('\n').filter((line) => line.startsWith('CHANGELOG.md:'));
  assert.ok(changelog.every((line) => /withdrawn/u.test(line)) && changelog.length <= 1, changelog.join('\n'));
  assert.ok(found.includes('tests/rules/withdrawn.test.ts:'), 'the search finds what is there');
  assert.doesNotMatch(grep('-l', ''), WITHDRAWN, 'no file is named after it');
});
