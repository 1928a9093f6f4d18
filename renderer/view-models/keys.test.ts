import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keys, paneCommand, shortcutSheet, windowCommand, type Press } from './keys.ts';

const press = (key: string, ...held: readonly ('ctrl' | 'meta' | 'alt' | 'shift')[]): Press => ({
  key,
  ctrl: held.includes('ctrl'),
  meta: held.includes('meta'),
  alt: held.includes('alt'),
  shift: held.includes('shift'),
});
const kind = (given: Press, mac = false) => paneCommand(given, mac)?.kind;

test('each system has its own shortcuts', () => {
  assert.equal(kind(press('Enter')), 'open');
  assert.equal(kind(press('Enter'), true), 'rename');
  assert.equal(kind(press('F2')), 'rename');
  assert.equal(kind(press('ArrowDown', 'meta'), true), 'open');
  assert.equal(kind(press('Delete')), 'delete');
  assert.equal(kind(press('Backspace', 'meta'), true), 'delete');
  assert.equal(kind(press('a', 'ctrl')), 'select-all');
  assert.equal(kind(press('a', 'meta'), true), 'select-all');
  assert.equal(kind(press('a', 'ctrl'), true), undefined, 'Ctrl is not Cmd');
  assert.equal(kind(press(' ')), 'look');
  assert.equal(kind(press(' ', 'ctrl')), 'toggle');
  assert.equal(kind(press('z', 'ctrl')), 'undo');
});

test('arrows move, with Shift they choose a range, with Ctrl they walk', () => {
  assert.deepEqual(paneCommand(press('ArrowDown', 'shift'), false), {
    kind: 'move',
    step: 'down',
    range: true,
    walk: false,
  });
  assert.deepEqual(paneCommand(press('End', 'ctrl'), false), { kind: 'move', step: 'last', range: false, walk: true });
  assert.equal(kind(press('ArrowLeft', 'alt')), undefined, 'that one is for going back');
});

test('letters of every script type a name; keys without a letter do not', () => {
  assert.deepEqual(paneCommand(press('é'), false), { kind: 'type', letter: 'é' });
  assert.deepEqual(paneCommand(press('旅'), false), { kind: 'type', letter: '旅' });
  assert.deepEqual(paneCommand(press('A', 'shift'), false), { kind: 'type', letter: 'A' });
  for (const key of ['Shift', 'F7', 'Dead', 'Tab']) assert.equal(kind(press(key)), undefined, key);
});

test('the window’s own keys', () => {
  assert.equal(windowCommand(press('ArrowLeft', 'alt'), false), 'back');
  assert.equal(windowCommand(press('[', 'meta'), true), 'back');
  assert.equal(windowCommand(press('f', 'ctrl'), false), 'filter');
  assert.equal(windowCommand(press('F', 'ctrl', 'shift'), false), 'find');
  assert.equal(windowCommand(press('N', 'ctrl', 'shift'), false), 'new-folder');
  assert.equal(windowCommand(press('n', 'ctrl'), false), undefined, 'that one opens a window of the browser');
  assert.equal(windowCommand(press('h', 'meta'), true), undefined, 'that one hides the window');
  assert.equal(windowCommand(press('F5'), false), 'refresh');
  assert.equal(windowCommand(press('Backspace'), false), 'up');
  assert.equal(windowCommand(press('x'), false), undefined);
});

test('the sheet names keys as they are printed', () => {
  assert.equal(keys(false, 'Mod', 'Shift', 'N'), 'Ctrl+Shift+N');
  assert.equal(keys(true, 'Mod', 'Shift', 'N'), '⌘⇧N');
  for (const mac of [true, false])
    for (const { lines } of shortcutSheet(mac)) for (const line of lines) assert.notEqual(line.keys, '', line.what);
});
