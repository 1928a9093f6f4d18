// Help, manual and completions are made from one description: what one lists, all list.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { COMMAND_NAMES, DESCRIBED, GLOBAL_OPTIONS } from '../../electron/cli/description.ts';
import { columns } from '../../electron/cli/text.ts';
import { commandHelp, helpText } from '../../electron/cli/usage.ts';
import { parseArguments } from '../../electron/cli/arguments.ts';
import { manual } from '../../scripts/terminal/manual.ts';
import { TERMINAL_FILES } from '../../scripts/terminal/index.ts';
import { LANGUAGES } from '../../shared/words/languages.ts';
import { loadTerminalWords } from '../../shared/words/made/terminal.ts';
import { speak } from '../../shared/words/speak.ts';
import { CliWorld } from './replug.ts';

const say = (language: (typeof LANGUAGES)[number]): Promise<void> =>
  speak(language, [], [loadTerminalWords], { isolates: false });
afterEach(() => say('en'));

/** Every option that help names: `--on-clash`. */
const optionsIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/^ {2}(--[a-z-]+)/gmu)].map(([, option = '']) => option)),
];
const PAGES = (): string => [helpText(), ...COMMAND_NAMES.map(commandHelp)].join('\n');

test('every command has a page with its options and examples, by “help COMMAND” and by “COMMAND --help”', async (t) => {
  const world = new CliWorld(t);
  for (const name of COMMAND_NAMES) {
    const [help, option] = await Promise.all([world.bare('help', name), world.bare(name, '--help')]);
    assert.deepEqual([help.exit, option.exit, help.err], [0, 0, '']);
    assert.equal(help.out, option.out);
    const { forms, options, examples } = DESCRIBED[name];
    for (const { form } of forms) assert.ok(help.out.includes(`replug ${form}`), form);
    for (const one of options) assert.match(help.out, new RegExp(`^ {2}--${one.name}\\b`, 'mu'));
    assert.ok(examples.length > 0, name);
    for (const example of examples) assert.ok(help.out.includes(`  ${example}\n`), example);
  }
  const wrong = await world.bare('help', 'nothing');
  assert.equal(wrong.exit, 2);
});

test('every example is understood', () => {
  for (const name of COMMAND_NAMES)
    for (const example of DESCRIBED[name].examples) {
      const { command } = parseArguments(example.split(' ').slice(1));
      assert.equal(command.name, name, example);
    }
});

describe('no line of any page is wider than a terminal of 92 columns, wide letters counted twice', () => {
  for (const language of LANGUAGES)
    test(language, async () => {
      await say(language);
      const wide = PAGES()
        .split('\n')
        .filter((line) => columns(line) > 92);
      assert.deepEqual(wide, []);
      // each option is explained
      assert.doesNotMatch(PAGES(), /^ {2}--[a-z-]+[^ ]*(?: [^ ]+)?\n(?! {20})/mu);
    });
});

test('the manual lists every command and option that the help lists, and mandoc has nothing to say about it', (t) => {
  const { root } = new CliWorld(t);
  const page = manual(new Date(Date.UTC(2026, 10, 27)));
  const options = optionsIn(PAGES());
  assert.ok(options.length > 30);
  for (const option of options) assert.match(page, new RegExp(`^\\.It Fl Fl ${option.slice(2)}( |$)`, 'mu'));
  for (const name of COMMAND_NAMES) assert.match(page, new RegExp(`^\\.It Ic ${name}\\b`, 'mu'));
  const file = path.join(root, 'replug.1');
  const lint = (text: string): void => {
    fs.writeFileSync(file, text);
    execFileSync('mandoc', ['-T', 'lint', file], { stdio: 'pipe' });
  };
  lint(page);
  assert.throws(() => lint(page.replace('.El\n', '')), 'a broken manual is refused');
});

test('the completions of each shell have every option and command', () => {
  for (const name of ['replug.bash', '_replug', 'replug.fish'] as const) {
    const script = TERMINAL_FILES[name]();
    for (const option of GLOBAL_OPTIONS) assert.ok(script.includes(option.name), option.name);
    for (const command of COMMAND_NAMES) {
      assert.ok(script.includes(command));
      for (const option of DESCRIBED[command].options) assert.ok(script.includes(option.name), option.name);
    }
  }
});

test('--quiet says nothing but what was asked for, and problems', async (t) => {
  const world = new CliWorld(t);
  fs.writeFileSync(path.join(world.here, 'a.txt'), 'a');
  const pushed = await world.run('--quiet', 'push', 'a.txt', '/Download');
  assert.deepEqual([pushed.exit, pushed.out, pushed.err], [0, '', '']);
  assert.match((await world.run('--quiet', 'ls', '/Download')).out, /a\.txt/u);
  const failed = await world.run('--quiet', 'push', 'missing.txt', '/Download');
  assert.notEqual(failed.exit, 0);
  assert.match(failed.err, /missing\.txt/u);
});

test('nothing is coloured, with NO_COLOR and without', async (t) => {
  const world = new CliWorld(t);
  for (const args of [['--help'], ['devices'], ['doctor']]) {
    const { out, err } = await world.run(...args);
    // the sequences that colour
    assert.doesNotMatch(out + err, /\u001b\[[\d;]*m/u);
  }
});
