import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { complaintsAbout, runtimeOf } from '../../scripts/packing/appimage-runtime.ts';
import { readConfiguration } from '../../scripts/packing/configuration.ts';

/**
 * electron-builder downloads the runtime of AppImages while it packs, which cannot be had here. So the reader is tried
 * on programs that are static and linked for certain, and `scripts/release/check-packages.ts` uses it on the real ones.
 */

const into = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-appimage-'));
after(() => fs.rmSync(into, { recursive: true, force: true }));

test('AppImages are packed with the static runtime, and electron-builder knows this version of it', () => {
  const version = readConfiguration().toolsets?.appimage;
  assert.ok(typeof version === 'string' && version !== '0.0.0');
  const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
  const { appimageChecksums } = builder('app-builder-lib/out/toolsets/linux') as {
    appimageChecksums: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  const files = Object.keys(appimageChecksums[version] ?? {});
  assert.ok(files.length > 0 && files.every((file) => file.startsWith('appimage-tools-runtime-')), files.join());
});

/** A program of this machine with an AppImage's mark, and a file system behind it. */
function appImageOf(program: string, name: string): string {
  const bytes = fs.readFileSync(program);
  bytes.write('AI\x02', 8, 'latin1');
  const { payload } = runtimeOf(program);
  const file = path.join(into, name);
  fs.writeFileSync(file, Buffer.concat([bytes.subarray(0, payload), Buffer.from('hsqs and what follows')]));
  return file;
}

function compiled(t: TestContext, ...options: readonly string[]): string | undefined {
  if (process.platform !== 'linux' || spawnSync('gcc', ['--version']).status !== 0) {
    t.skip('NOT RUN: needs Linux and gcc; remedy: apt-get install gcc libc6-dev');
    return undefined;
  }
  const source = path.join(into, 'main.c');
  const program = path.join(into, `program${options.join('')}`);
  fs.writeFileSync(source, 'int main(void) { return 0; }\n');
  execFileSync('gcc', [...options, '-o', program, source]);
  return program;
}

const here = process.arch === 'arm64' ? 'arm64' : 'x64';

for (const option of ['-static', '-static-pie'])
  test(`a program linked with ${option} is taken`, (t) => {
    const program = compiled(t, option);
    if (program !== undefined) assert.deepEqual(complaintsAbout(appImageOf(program, option), here), []);
  });

test('a program that needs the system’s libraries is not', (t) => {
  const program = compiled(t);
  if (program === undefined) return;
  assert.match(complaintsAbout(appImageOf(program, 'linked'), here).join(), /not the static one/);
});

test('so is neither one for another processor, nor one with nothing behind it', (t) => {
  const program = compiled(t, '-static');
  if (program === undefined) return;
  assert.match(
    complaintsAbout(appImageOf(program, 'other'), here === 'x64' ? 'arm64' : 'x64').join(),
    /not arm64|not x64/,
  );
  const said = complaintsAbout(program, here).join();
  assert.match(said, /not marked/);
  assert.match(said, /no file system/);
});

test('what is no program at all is refused', () => {
  const file = path.join(into, 'text');
  fs.writeFileSync(file, 'hsqs');
  assert.throws(() => runtimeOf(file), /not a 64-bit ELF/);
});
