import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseArguments } from './arguments.ts';
import { UsageError } from './option-values.ts';

const command = (...args: readonly string[]) => parseArguments(args).command;
const globals = (...args: readonly string[]) => parseArguments(args).globals;

test('options stand before and after the command, with “=” or a blank', () => {
  const expected = parseArguments(['--json', '--phone', 'Pixel', '--wait=1.5', 'push', 'a', '/b']);
  assert.deepEqual(parseArguments(['push', '--wait', '1.5', 'a', '--phone=Pixel', '/b', '--json']), expected);
  assert.equal(expected.globals.waitMs, 1500);
  assert.equal(expected.globals.phone, 'Pixel');
  assert.equal(globals('ls').waitMs, undefined);
  assert.equal(globals('ls', '--wait', '0').waitMs, 0);
});

test('virtual phones and faults come in their order', () => {
  const { virtual, faults, usb } = globals(
    '--virtual',
    'a,name=A',
    '--fault',
    'one',
    '--no-usb',
    'ls',
    '--virtual=b',
    '--fault=two',
  );
  assert.deepEqual([virtual, faults, usb], [['a,name=A', 'b'], ['one', 'two'], false]);
});

test('of an option given twice the last counts', () => {
  assert.equal(globals('--db', 'one', 'queue', '--db', 'two').db, 'two');
});

test('after “--” nothing is an option, and “-” is a name', () => {
  const parsed = command('push', '--move', '--', '--json', '-x', '/Download');
  assert.ok(parsed.name === 'push');
  assert.deepEqual(parsed.sources, ['--json', '-x']);
  assert.equal(parsed.moving.move, true);
  const dash = command('push', '-', '/Download');
  assert.deepEqual(dash.name === 'push' && dash.sources, ['-']);
});

test('every command has its form', () => {
  assert.deepEqual(command('ls'), { name: 'ls', path: { storage: undefined, path: '/', text: '/' } });
  const push = command(
    'push',
    'a',
    'b',
    'SD:/x/',
    '--on-clash',
    'newer',
    '--verify=full',
    '--names',
    'legal',
    '--large',
    'keep-dates',
  );
  assert.deepEqual(push, {
    name: 'push',
    sources: ['a', 'b'],
    to: { storage: 'SD', path: '/x', text: 'SD:/x/' },
    moving: { onConflict: 'newer', onName: 'legal', verify: 'full', large: 'keep-dates', move: false },
  });
  const pull = command('pull', '/a', 'Int:/b', 'C:\\here');
  assert.ok(pull.name === 'pull');
  assert.deepEqual(
    pull.sources.map(({ storage, path }) => [storage, path]),
    [
      [undefined, '/a'],
      ['Int', '/b'],
    ],
  );
  assert.equal(pull.to, 'C:\\here');
  assert.deepEqual(command('rm', '/a', '--yes'), {
    name: 'rm',
    paths: [{ storage: undefined, path: '/a', text: '/a' }],
    yes: true,
  });
  assert.deepEqual(command('serve', '--port', '8080', '--open'), { name: 'serve', port: 8080, open: true });
  assert.deepEqual(command('mount', '--port', '8080'), { name: 'mount', port: 8080, addressOnly: false });
  assert.deepEqual(command('mount', '--address-only'), { name: 'mount', port: 0, addressOnly: true });
  assert.deepEqual(command('cancel', '12ab'), { name: 'cancel', id: '12ab' });
});

test('help wins over everything that is still missing', () => {
  assert.equal(command('push', '--help').name, 'help');
  assert.equal(command('-h').name, 'help');
  assert.equal(command('help').name, 'help');
  assert.equal(command('--version', 'fly').name, 'version');
});

for (const args of [
  [],
  ['fly'],
  ['constructor'],
  ['--__proto__', 'ls'],
  ['ls', '-x'],
  ['ls', '--yes'],
  ['push', 'a'],
  ['push', '', '/b'],
  ['push', 'a', 'b'],
  ['push', 'a', ':/b'],
  ['pull', '/a', ''],
  ['pull', '/a/./b', '.'],
  ['--db', '', 'queue'],
  ['--wait', '-1', 'ls'],
  ['--wait', '1e3', 'ls'],
  ['--wait', 'Infinity', 'ls'],
  ['--no-usb=no', 'ls'],
  ['mv', '/', '/b'],
  ['cancel', '1', '2'],
  ['serve', '--port', '-1'],
])
  test(`wrong usage: ${JSON.stringify(args)}`, () => {
    assert.throws(
      () => parseArguments(args),
      (error) => error instanceof UsageError && /^[^\n]+$/.test(error.message),
    );
  });

test('no words make it throw anything but a usage error', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('push', 'pull', 'ls', '--', '-', '--json', '--db', '--wait', '/a', 'x:/', '--virtual=', '=', '--='),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 7 }), (args) => {
      try {
        parseArguments(args);
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
      }
    }),
    { numRuns: 2000, seed: 3 },
  );
});
