import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ItemState } from './item-state.ts';
import { questionOf } from './question-id.ts';

test('a question is named by what is asked and when: the same words later are another one', () => {
  const asks = (legal: string, updatedAt: number) => {
    const state: ItemState = { kind: 'asking', question: { kind: 'name', name: 'a:b', legal } };
    return questionOf({ state, updatedAt })?.id;
  };
  assert.equal(asks('a_b', 1), asks('a_b', 1));
  assert.notEqual(asks('a_b', 1), asks('a_b', 2));
  assert.notEqual(asks('a_b', 1), asks('a-b', 1));
  assert.equal(questionOf({ state: { kind: 'queued' }, updatedAt: 1 }), undefined);
});
