import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as selecting from './selection.ts';

const order = (...ids: string[]): selecting.Order => ({
  length: ids.length,
  idAt: (position) => ids[position],
  indexOf: (id) => ids.indexOf(id),
});
const LETTERS = order('a', 'b', 'c', 'd', 'e', 'f');
const chosen = (selection: selecting.Selection): string => [...selection.chosen].sort().join('');
const plain = { range: false, toggle: false };
const shift = { range: true, toggle: false };
const ctrl = { range: false, toggle: true };

describe('choosing', () => {
  test('a click chooses one, Ctrl adds and takes away', () => {
    let now = selecting.click(selecting.NOTHING, LETTERS, 'b', plain);
    assert.equal(chosen(now), 'b');
    now = selecting.click(now, LETTERS, 'd', ctrl);
    assert.equal(chosen(now), 'bd');
    now = selecting.click(now, LETTERS, 'b', ctrl);
    assert.equal(chosen(now), 'd');
    assert.equal(chosen(selecting.click(now, LETTERS, 'f', plain)), 'f');
  });

  test('Shift makes a range from the anchor, and a new one replaces it', () => {
    let now = selecting.click(selecting.NOTHING, LETTERS, 'c', plain);
    now = selecting.click(now, LETTERS, 'f', shift);
    assert.equal(chosen(now), 'cdef');
    now = selecting.click(now, LETTERS, 'a', shift);
    assert.equal(chosen(now), 'abc', 'the anchor stays where it was');
    now = selecting.click(now, LETTERS, 'd', shift);
    assert.equal(chosen(now), 'cd');
  });

  test('after Ctrl the range begins where Ctrl was pressed, and Ctrl+Shift keeps the rest', () => {
    let now = selecting.click(selecting.NOTHING, LETTERS, 'a', plain);
    now = selecting.click(now, LETTERS, 'd', ctrl);
    assert.equal(chosen(selecting.click(now, LETTERS, 'f', shift)), 'def');
    assert.equal(chosen(selecting.click(now, LETTERS, 'f', { range: true, toggle: true })), 'adef');
  });

  test('Shift without an anchor begins at the first entry', () => {
    assert.equal(chosen(selecting.click(selecting.NOTHING, LETTERS, 'c', shift)), 'abc');
  });

  test('an anchor that is not shown any more is replaced', () => {
    const now = selecting.only('gone');
    assert.equal(chosen(selecting.click(now, LETTERS, 'c', shift)), 'c');
  });
});

describe('by keyboard', () => {
  test('arrows go one further and stop at both ends', () => {
    let now = selecting.move(selecting.NOTHING, LETTERS, 1, false);
    assert.equal(chosen(now), 'a', 'from nowhere, the first');
    now = selecting.move(now, LETTERS, 1, false);
    assert.equal(chosen(now), 'b');
    now = selecting.move(now, LETTERS, -5, false);
    assert.equal(chosen(now), 'a');
    now = selecting.move(now, LETTERS, 100, false);
    assert.equal(chosen(now), 'f');
    assert.equal(chosen(selecting.move(selecting.NOTHING, LETTERS, -1, false)), 'f');
    assert.equal(chosen(selecting.move(selecting.NOTHING, LETTERS, 'first', false)), 'a', 'Home, from nowhere');
    assert.equal(chosen(selecting.move(selecting.only('c'), LETTERS, 'last', true)), 'cdef', 'Shift and End');
  });

  test('Shift and back again takes away what Shift gave', () => {
    let now = selecting.only('c');
    now = selecting.move(now, LETTERS, 1, true);
    now = selecting.move(now, LETTERS, 1, true);
    assert.equal(chosen(now), 'cde');
    now = selecting.move(now, LETTERS, -1, true);
    assert.equal(chosen(now), 'cd');
    now = selecting.move(now, LETTERS, -3, true);
    assert.equal(chosen(now), 'abc', 'over the anchor to the other side');
    assert.equal(now.anchor, 'c');
  });

  test('Ctrl walks without choosing', () => {
    const now = selecting.walk(selecting.only('b'), LETTERS, 2);
    assert.equal(chosen(now), 'b');
    assert.equal(now.focus, 'd');
  });

  test('an empty folder changes nothing', () => {
    assert.equal(selecting.move(selecting.NOTHING, order(), 1, false), selecting.NOTHING);
    assert.equal(chosen(selecting.all(selecting.NOTHING, order())), '');
  });

  test('all, none, and the right button', () => {
    assert.equal(chosen(selecting.all(selecting.NOTHING, LETTERS)), 'abcdef');
    assert.equal(chosen(selecting.none(selecting.only('b'))), '');
    assert.equal(selecting.none(selecting.only('b')).focus, 'b');
    const two = selecting.click(selecting.only('b'), LETTERS, 'd', ctrl);
    assert.equal(chosen(selecting.context(two, 'b')), 'bd', 'a chosen one keeps the choice');
    assert.equal(chosen(selecting.context(two, 'e')), 'e');
  });

  test('what is filtered away is not chosen any more', () => {
    const now = selecting.prune(selecting.all(selecting.NOTHING, LETTERS), order('b', 'e'));
    assert.equal(chosen(now), 'be');
    assert.equal(now.anchor, undefined);
    const same = selecting.only('b');
    assert.equal(selecting.prune(same, LETTERS), same, 'nothing to do, nothing new');
  });
});

describe('typing a name', () => {
  test('letters gather until one pauses', () => {
    const first = selecting.typed(undefined, 'f', 0);
    const second = selecting.typed(first.typing, 'a', 300);
    assert.equal(second.typing.letters, 'fa');
    assert.equal(second.again, false);
    assert.equal(selecting.typed(second.typing, 'x', 300 + selecting.TYPING_PAUSE).typing.letters, 'x');
  });
  test('one letter again and again walks on', () => {
    const first = selecting.typed(undefined, 'i', 0);
    const second = selecting.typed(first.typing, 'i', 200);
    assert.deepEqual([second.typing.letters, second.again], ['i', true]);
  });
});
