import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CliWorld, PROGRAM } from './replug.ts';

/** What the built program loads for a command: as little as it needs. The times are the bench's. */

interface Loaded {
  /** Source files of Replug, and of packages (`node_modules/…`), in what was loaded. */
  readonly sources: readonly string[];
  /** Node's own modules in the process. */
  readonly builtins: readonly string[];
  /** Formatters of `Intl` that were made; the first one of a process takes half as long as starting Node. */
  readonly formatters: readonly string[];
}

const NOTER = pathToFileURL(path.join(import.meta.dirname, 'loads.ts')).href;

function loadedBy(t: TestContext, ...args: readonly string[]): Loaded {
  const world = new CliWorld(t);
  const note = path.join(world.root, 'loads.json');
  fs.writeFileSync(path.join(world.here, 'a.jpg'), 'picture');
  fs.writeFileSync(path.join(world.phone, 'DCIM/b.jpg'), 'picture');
  fs.writeFileSync(path.join(world.phone, 'DCIM/c.jpg'), 'picture');
  execFileSync(process.execPath, ['--import', NOTER, PROGRAM, ...world.common, ...args], {
    cwd: world.here,
    env: { ...process.env, REPLUG_TEST_LOADS: note },
  });
  const { files, builtins, formatters } = JSON.parse(fs.readFileSync(note, 'utf8')) as Omit<Loaded, 'sources'> & {
    readonly files: readonly string[];
  };
  const sources = new Set<string>();
  for (const file of files) {
    const text = fs.readFileSync(new URL(file), 'utf8');
    // the bundler names the source of each part in a comment; packages that stay outside are files of their own
    for (const [, name] of text.matchAll(/^\s*\/\/ ((?:electron|shared|native|node_modules)\/\S+)$/gmu))
      sources.add(name ?? '');
    const [, inPackage] = file.split('/node_modules/');
    if (inPackage !== undefined) sources.add(`node_modules/${inPackage}`);
  }
  return { sources: [...sources].sort(), builtins, formatters };
}

const below = (loaded: Loaded, ...folders: readonly string[]): readonly string[] =>
  loaded.sources.filter((name) => folders.some((folder) => name.startsWith(folder)));
const ofNode = (loaded: Loaded, ...names: readonly string[]): readonly string[] =>
  loaded.builtins.filter((name) => names.includes(name));

/** A server, and a WebSocket client that comes with it. */
const NETWORK = ['http', '_http_server', 'https', 'internal/deps/undici/undici'];

test('--version and --help load the command line alone', (t) => {
  const toReadTheCommandLine = [
    'electron/cli/arguments.ts',
    'electron/cli/description.ts',
    'electron/cli/exit.ts',
    'electron/cli/language.ts',
    'electron/cli/main.ts',
    'electron/cli/option-values.ts',
    'electron/cli/output.ts',
    'electron/cli/phone-path.ts',
    'electron/cli/run.ts',
    'electron/cli/sync-arguments.ts',
    'electron/cli/text.ts',
    'shared/domain.ts',
    'shared/errors.ts',
    'shared/photos.ts',
    'shared/sentences.ts',
    'shared/sync.ts',
    ...['languages', 'locale', 'speak'].map((name) => `shared/words/${name}.ts`),
    // in English alone: another language is loaded when it is spoken
    ...['common', 'doctor', 'errors', 'terminal'].flatMap((name) => [
      `shared/words/made/${name}.ts`,
      `shared/words/made/en/${name}.ts`,
    ]),
  ];
  for (const [option, own] of [
    ['--version', ['electron/compose/version.ts']],
    ['--help', ['electron/cli/layout.ts', 'electron/cli/usage.ts']],
  ] as const) {
    const loaded = loadedBy(t, option);
    assert.deepEqual(loaded.sources, [...toReadTheCommandLine, ...own].sort());
    assert.deepEqual(ofNode(loaded, ...NETWORK, 'readline', 'child_process', 'fs/promises', 'crypto'), []);
    if (option === '--version') assert.deepEqual(loaded.formatters, []);
  }
});

test('nothing but “serve” loads a server or a WebSocket', (t) => {
  for (const words of [['devices'], ['ls', '/DCIM'], ['push', 'a.jpg', '/DCIM'], ['pull', '/DCIM', '.'], ['queue']]) {
    const loaded = loadedBy(t, ...words);
    assert.deepEqual(below(loaded, 'electron/web/', 'node_modules/ws/'), [], words.join(' '));
    assert.deepEqual(ofNode(loaded, ...NETWORK, 'readline'), [], words.join(' '));
  }
});

test('a command that only looks at the phone loads no database, no folder sync and no host', (t) => {
  for (const words of [['devices'], ['ls', '/DCIM'], ['mkdir', '/New'], ['rm', '--yes', '/DCIM/b.jpg']]) {
    const loaded = loadedBy(t, ...words);
    assert.deepEqual(
      below(loaded, 'electron/sync/', 'electron/store/sqlite', 'electron/store/open', 'node_modules/better-sqlite3'),
      [],
      words.join(' '),
    );
    assert.deepEqual(
      below(loaded, 'electron/compose/host-commands', 'electron/compose/doctor', 'electron/engine/bridge-host'),
      [],
    );
    assert.deepEqual(ofNode(loaded, 'child_process'), [], words.join(' '));
  }
});

test('without a virtual phone its room is not loaded, and with --no-usb the USB library is not', (t) => {
  const queue = loadedBy(t, 'queue');
  assert.deepEqual(below(queue, 'electron/virtual/', 'electron/usb/', 'native/', 'node_modules/usb/'), []);
  const list = loadedBy(t, 'ls');
  assert.deepEqual(below(list, 'electron/usb/', 'native/', 'node_modules/usb/'), []);
  assert.ok(below(list, 'electron/virtual/').length > 0);
});

test('the built folder holds what the program can load, and nothing of an older build', () => {
  const folder = path.dirname(PROGRAM);
  // a thread's program, looked for beside the file that starts it and one folder up
  const worker = path.join(folder, 'wpd-worker.js');
  const loads = (file: string): readonly string[] =>
    [...fs.readFileSync(file, 'utf8').matchAll(/["'](\.\.?\/[^"'\n]+\.js)["']/gu)].flatMap(([, name = '']) =>
      path.basename(name) === path.basename(worker) ? [] : [path.resolve(path.dirname(file), name)],
    );
  const reached = new Set<string>([PROGRAM, worker]);
  for (const file of reached) for (const other of loads(file)) reached.add(other);
  const there = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => path.join(folder, name));
  assert.deepEqual(there.sort(), [...reached].sort());
});
