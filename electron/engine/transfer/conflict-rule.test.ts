import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFLICT_RULES } from '../../../shared/domain.ts';
import { applyConflictRule } from './conflict-rule.ts';

const side = (size: number, modified: number | undefined) => ({ name: 'a', size, modified });
const SAME = side(10, 50_000);

test('each rule by what is on both sides', () => {
  const decide = (rule: (typeof CONFLICT_RULES)[number], source = SAME, existing = SAME) =>
    applyConflictRule(rule, undefined, source, existing);
  for (const rule of ['skip', 'replace', 'keep-both', 'ask'] as const) assert.equal(decide(rule), rule);
  assert.equal(decide('newer', side(10, 52_001)), 'replace');
  assert.equal(decide('newer', side(10, 52_000)), 'skip', 'FAT rounds dates by up to two seconds');
  assert.equal(decide('newer', side(10, 1)), 'skip');
  assert.equal(decide('newer', side(10, undefined)), 'skip', 'without a date nothing is newer');
  assert.equal(decide('newer', SAME, side(10, undefined)), 'skip');
  assert.equal(decide('larger', side(11, 1)), 'replace');
  assert.equal(decide('larger'), 'skip');
  assert.equal(decide('skip-identical'), 'compare');
  assert.equal(decide('skip-identical', side(11, 50_000)), 'ask');
});

test('an answer about this file comes before any rule; “cancel” is no decision', () => {
  for (const rule of CONFLICT_RULES)
    for (const answer of ['skip', 'replace', 'keep-both'] as const)
      assert.equal(applyConflictRule(rule, answer, SAME, SAME), answer);
  assert.equal(applyConflictRule('ask', 'cancel', SAME, SAME), 'ask');
});
