import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

test('every package has a licence we may use, an exact version, a digest, and runs nothing when it is installed', () => {
  const { status, stdout } = spawnSync(process.execPath, [path.join(import.meta.dirname, 'licences.ts')], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /MIT: \d+ shipped/);
});
