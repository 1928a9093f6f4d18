// The rule about what destroys, executed on small files that exist only here: each way to destroy something past the
// one place of its side must fail.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const ROOT = path.resolve(import.meta.dirname, '../..');
const eslint = new ESLint({ cwd: ROOT, overrideConfig: [tseslint.configs.disableTypeChecked] });

async function complaints(file: string, code: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(code, { filePath: path.join(ROOT, file) });
  assert.ok(result, 'the file was linted');
  for (const message of result.messages) assert.ok(!message.fatal, message.message);
  return result.messages.filter(({ ruleId }) => ruleId === 'replug/destroy-in-one-place').map(({ message }) => message);
}

const ENGINE = 'electron/engine/queue/x.ts';
const FORBIDDEN: readonly (readonly [file: string, code: string])[] = [
  [ENGINE, `import { unlink } from 'node:fs/promises';`],
  [ENGINE, `import { rm as remove } from 'node:fs/promises';`],
  [ENGINE, `import { rmSync } from 'node:fs';`],
  [ENGINE, `import { rename } from 'fs/promises';`],
  [ENGINE, `import { writeFile } from 'node:fs/promises';`],
  [ENGINE, `import { createWriteStream } from 'node:fs';`],
  [ENGINE, `import * as fs from 'node:fs/promises';`],
  [ENGINE, `import fs from 'node:fs';`],
  ['electron/sync/x.ts', `import { truncate } from 'node:fs/promises';`],
  [ENGINE, `await phone.delete(1);`],
  [ENGINE, `await connection.phone.delete(1);`],
  [ENGINE, `await this.connection.phone.rename(1, 'a');`],
  [ENGINE, `class A { #phone = 1; b() { this.#phone.delete(1); } }`],
  ['electron/sync/x.ts', `await connection.phone.truncate(1, 0);`],
  [ENGINE, `const { delete: remove } = connection.phone;`],
  [ENGINE, `await file.truncate(0);`],
  [ENGINE, `const file = await open(path, 'w');`],
  // an exception allows only what it names
  ['electron/engine/devices/phone-changes.ts', `await connection.phone.delete(1);`],
  ['electron/engine/devices/phone-browser.ts', `await connection.phone.copy(1, 2, 3);`],
  ['electron/engine/local/local-files.ts', `import { unlink } from 'node:fs/promises';`],
  ['electron/engine/local/destroy-local.ts', `await phone.delete(1);`],
];
const ALLOWED: readonly (readonly [file: string, code: string])[] = [
  [ENGINE, `import { open, stat } from 'node:fs/promises'; import type { Stats } from 'node:fs';`],
  [ENGINE, `this.items.delete(1); map.delete('a'); claims.rename('b');`],
  [ENGINE, `const file = await open(path, 'wx');`],
  ['electron/engine/devices/destroy-on-phone.ts', `await connection.phone.delete(1); await phone.rename(1, 'a');`],
  ['electron/engine/local/destroy-local.ts', `import { link, rename, rm, rmdir, unlink } from 'node:fs/promises';`],
  ['electron/engine/pictures/cache.ts', `import { rename, rm, writeFile } from 'node:fs/promises';`],
  ['electron/engine/queue/x.test.ts', `import { rmSync } from 'node:fs';`],
  ['electron/virtual/x.ts', `import { rm } from 'node:fs/promises';`],
];

for (const [file, code] of FORBIDDEN)
  test(`refused in ${file}: ${code}`, async () => {
    assert.equal((await complaints(file, code)).length, 1);
  });
for (const [file, code] of ALLOWED)
  test(`allowed in ${file}: ${code}`, async () => {
    assert.deepEqual(await complaints(file, code), []);
  });
