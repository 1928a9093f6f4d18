import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMAND_NAMES, DESCRIBED } from './description.ts';
import { isForTerminal } from './for-terminal.ts';

test('every example of every command is for the terminal, and so is what shells and readers of the manual ask', () => {
  for (const name of COMMAND_NAMES)
    for (const example of DESCRIBED[name].examples) assert.ok(isForTerminal(example.split(' ').slice(1)), example);
  for (const line of ['help', 'help push', '--help', '--version', 'push --help', 'complete -- /DC'])
    assert.ok(isForTerminal(line.split(' ')), line);
});

test('options before the command are skipped together with their values', () => {
  for (const line of ['--json ls', '--db ls.db ls', '--virtual push push a /', '--on-clash skip push a /', '--db=x ls'])
    assert.ok(isForTerminal(line.split(' ')), line);
});

test('no word, paths, and what systems add open the window', () => {
  for (const line of [
    [],
    ['/home/me/push'],
    ['./push'],
    ['file:///home/me/a.jpg'],
    ['a.jpg', 'push'],
    ['--', 'push'],
    ['--no-sandbox'],
    ['-psn_0_1234'],
    ['--virtual', 'push'],
    ['--no-usb', '--db', 'ls'],
    [''],
    ['Push'],
  ])
    assert.equal(isForTerminal(line), false, line.join(' '));
});
