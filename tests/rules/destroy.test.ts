// Runs the destroy-in-one-place rule on code snippets: every way to destroy something outside the one place of its side
// must be refused.
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
  [ENGINE, `await disk.unlink('a');`],
  [ENGINE, `await context.disk.rm('a', { recursive: true, force: true });`],
  [ENGINE, `class A { #disk = 1; b() { return this.#disk.rename('a', 'b'); } }`],
  [ENGINE, `await disk.unlinkIf('a', seen);`],
  [ENGINE, `await disk.renameIf?.('a', 'b', seen);`],
  [ENGINE, `await disk.rmdir('a').catch(() => undefined);`],
  [ENGINE, `const { rename } = this.disk;`],
  ['electron/sync/x.ts', `await parts.engine.disk.unlink('a');`],
  [ENGINE, `await phone.delete(1);`],
  [ENGINE, `await connection.phone.delete(1);`],
  [ENGINE, `await this.connection.phone.rename(1, 'a');`],
  [ENGINE, `class A { #phone = 1; b() { this.#phone.delete(1); } }`],
  ['electron/sync/x.ts', `await connection.phone.truncate(1, 0);`],
  [ENGINE, `const { delete: remove } = connection.phone;`],
  [ENGINE, `await file.truncate(0);`],
  // an exception allows only the calls it names
  ['electron/engine/devices/phone-changes.ts', `await connection.phone.delete(1);`],
  ['electron/engine/devices/phone-browser.ts', `await connection.phone.copy(1, 2, 3);`],
  ['electron/engine/devices/phone-changes.ts', `await connection.phone.move(1, 2, 3);`],
  ['electron/engine/files/near-move.ts', `await connection.phone.move(1, 2, 3);`],
  ['electron/engine/devices/move-on-phone.ts', `await connection.phone.rename(1, 'a');`],
  ['electron/engine/local/local-files.ts', `await disk.unlink('a');`],
  ['electron/engine/pictures/cache.ts', `await this.#disk.rm('a', { recursive: true, force: true });`],
  ['electron/engine/local/destroy-local.ts', `await phone.delete(1);`],
];
const ALLOWED: readonly (readonly [file: string, code: string])[] = [
  [
    'electron/engine/devices/move-on-phone.ts',
    `await connection.phone.move(1, 2, 3); await connection.phone.copy(1, 2, 3);`,
  ],
  [ENGINE, `await disk.open('a', 'create'); await disk.link('a', 'b'); await disk.mkdir('c');`],
  [ENGINE, `this.items.delete(1); map.delete('a'); claims.rename('b');`],
  ['electron/engine/devices/destroy-on-phone.ts', `await connection.phone.delete(1); await phone.rename(1, 'a');`],
  ['electron/engine/local/destroy-local.ts', `await disk.rename('a', 'b'); await disk.unlink('a'); disk.rmdir('c');`],
  ['electron/engine/pictures/cache.ts', `await this.#disk.rename('a', 'b'); await this.#disk.unlink('a');`],
  ['electron/engine/queue/x.test.ts', `await disk.unlink('a');`],
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
