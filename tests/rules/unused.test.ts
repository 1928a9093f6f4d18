import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const ROOT = path.resolve(import.meta.dirname, '../..');
const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** The arguments of each knip run at the end of `npm run lint`. */
const RUNS = (manifest.scripts['lint:unused'] ?? '')
  .split(' && ')
  .map((run) => run.split('knip.js ')[1]?.split(' ') ?? []);

/** The combined output of the runs for a project of these files; `product.ts` is its entry point. */
function complaints(t: { after: (run: () => void) => void }, files: Readonly<Record<string, string>>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-unused-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const project = {
    'package.json': '{ "name": "x", "type": "module" }',
    'knip.json': JSON.stringify({
      ...(JSON.parse(fs.readFileSync(path.join(ROOT, 'knip.json'), 'utf8')) as object),
      entry: ['product.ts!', '**/*.test.ts'],
      project: ['**/*.ts!', '!**/*.test.ts!'],
    }),
    ...files,
  };
  for (const [name, text] of Object.entries(project)) fs.writeFileSync(path.join(folder, name), text);
  return RUNS.map((args) => {
    const knip = path.join(ROOT, 'node_modules/knip/bin/knip.js');
    const { stdout, stderr, status } = spawnSync(process.execPath, [knip, ...args, '--directory', folder], {
      encoding: 'utf8',
    });
    assert.ok(status === 0 || status === 1, stderr);
    assert.equal(status === 0, stdout.trim() === '', stdout);
    return stdout;
  }).join('');
}

test('lint runs knip', () => {
  assert.match(manifest.scripts['lint'] ?? '', /npm run lint:unused/u);
  assert.equal(RUNS.length, 2);
});

test('unused exports and files, circles, and product files that only tests use are refused', (t) => {
  const product = `import { a } from './a.ts'; a();`;
  const a = `export const a = (): void => undefined;`;
  assert.equal(complaints(t, { 'product.ts': product, 'a.ts': a }), '');
  assert.match(complaints(t, { 'product.ts': product, 'a.ts': `${a} export const unused = 1;` }), /unused\s+a\.ts/u);
  assert.match(complaints(t, { 'product.ts': product, 'a.ts': a, 'alone.ts': '1;' }), /Unused files[^]*alone\.ts/u);
  assert.match(
    complaints(t, {
      'product.ts': product,
      'a.ts': `import { b } from './b.ts'; export const a = (): void => b();`,
      'b.ts': `import { a } from './a.ts'; export const b = (): void => a();`,
    }),
    /[Cc]ircular[^]*a\.ts/u,
  );
  assert.match(
    complaints(t, {
      'product.ts': product,
      'a.ts': a,
      'helper.ts': 'export const help = 1;',
      'a.test.ts': `import { help } from './helper.ts'; help;`,
    }),
    /Unused files[^]*helper\.ts/u,
  );
});
