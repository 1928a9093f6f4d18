// The completions, typed into the shells they are for: interactive ones on a terminal, with a virtual phone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { writeTerminalFiles } from '../../scripts/terminal/index.ts';
import { CliWorld, PROGRAM } from './replug.ts';

interface Shells {
  /** The words of a line after Tab. */
  readonly bash: (line: string) => readonly string[];
  readonly zsh: (line: string) => readonly string[];
  /** What fish offers for the last word. */
  readonly fish: (line: string) => readonly string[];
}

function shells(t: TestContext): { readonly world: CliWorld; readonly shells: Shells; readonly options: string } {
  const world = new CliWorld(t);
  fs.mkdirSync(path.join(world.phone, 'DCIM', 'My Trip'));
  fs.mkdirSync(path.join(world.sd, 'Music'), { recursive: true });
  fs.writeFileSync(path.join(world.phone, 'DCIM', 'only one.jpg'), '');
  fs.mkdirSync(path.join(world.here, 'Pictures here'));
  const files = path.join(world.root, 'completions');
  writeTerminalFiles(files);
  const bin = path.join(world.root, 'bin');
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, 'replug'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`, {
    mode: 0o755,
  });
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: world.root, LC_ALL: 'C.UTF-8' };
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, args, { cwd: world.here, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const typed = (setup: string, line: string, ...shell: readonly string[]): readonly string[] =>
    [
      ...run('zsh', '-f', path.join(import.meta.dirname, 'type-in.zsh'), setup, line, ...shell).matchAll(
        /^<([^>\r\n]*)>\r?$/gmu,
      ),
    ].map(([, word = '']) => word);
  return {
    world,
    options: `--no-usb --virtual ${world.phone},sd=${world.sd},serial=V1`,
    shells: {
      bash: (line) =>
        typed(`source ${files}/replug.bash; bind 'set enable-bracketed-paste off'`, line, 'bash', '--norc', '-i'),
      zsh: (line) =>
        typed(`fpath=(${files} $fpath); autoload -Uz compinit; compinit -u -D; bindkey -e`, line, 'zsh', '-f', '-i'),
      fish: (line) =>
        run('fish', '-N', '-c', `source ${files}/replug.fish; complete -C "${line.replaceAll('\\', '\\\\')}"`)
          .split('\n')
          .map((one) => one.split('\t')[0] ?? '')
          .filter((one) => one !== ''),
    },
  };
}

for (const shell of ['bash', 'zsh'] as const)
  describe(`${shell}, interactive on a terminal`, () => {
    const last = (t: TestContext, line: (options: string) => string): string => {
      const { shells: all, options } = shells(t);
      return all[shell](line(options)).at(-1) ?? '';
    };
    test('a command', (t) =>
      assert.equal(
        last(t, () => 'replug pus'),
        'push',
      ));
    test('an option of a command, and its value', (t) => {
      assert.equal(
        last(t, () => 'replug push --on-cl'),
        '--on-clash',
      );
      assert.equal(
        last(t, () => 'replug push --on-clash keep'),
        'keep-both',
      );
    });
    test('an action of sync, and an option of it', (t) => {
      assert.equal(
        last(t, () => 'replug sync his'),
        'history',
      );
      assert.equal(
        last(t, () => 'replug sync add --lay'),
        '--layout',
      );
    });
    test('a folder on the phone', (t) =>
      assert.equal(
        last(t, (options) => `replug ${options} ls /DC`),
        '/DCIM/',
      ));
    test('a folder and a file with blanks in their names', (t) => {
      assert.equal(
        last(t, (options) => `replug ${options} ls /DCIM/My`),
        '/DCIM/My Trip/',
      );
      assert.equal(
        last(t, (options) => `replug ${options} pull /DCIM/on`),
        '/DCIM/only one.jpg',
      );
    });
    test('a storage with a blank in its name, and a folder of it', (t) => {
      assert.equal(
        last(t, (options) => `replug ${options} ls SD`),
        'SD card:/',
      );
      assert.equal(
        last(t, (options) => `replug ${options} ls SD\\ card:/Mu`),
        'SD card:/Music/',
      );
    });
    test('a folder of the computer', (t) => {
      assert.equal(last(t, (options) => `replug ${options} pull /DCIM ./Pict`).replace(/\/$/u, ''), './Pictures here');
    });
    test('without a phone nothing is offered, and nothing is said', (t) => {
      assert.equal(
        last(t, () => 'replug --no-usb ls /DC'),
        '/DC',
      );
    });
  });

test('fish offers the same, with explanations', (t) => {
  const { shells: all, options } = shells(t);
  assert.deepEqual(all.fish('replug pu'), ['pull', 'push']);
  assert.ok(all.fish('replug push --').includes('--on-clash'));
  assert.ok(!all.fish('replug ls --').includes('--on-clash'));
  assert.deepEqual(all.fish('replug push --on-clash keep'), ['keep-both']);
  assert.deepEqual(all.fish('replug sync h'), ['history']);
  assert.deepEqual(all.fish(`replug ${options} ls /DC`), ['/DCIM/']);
  assert.deepEqual(all.fish(`replug ${options} ls /DCIM/My`), ['/DCIM/My Trip/']);
  assert.deepEqual(all.fish(`replug ${options} ls SD\\ card:/Mu`), ['SD card:/Music/']);
  assert.deepEqual(all.fish('replug --no-usb ls /DC'), []);
});
