import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ItemView, Question, QuestionId } from '../../shared/snapshots.ts';
import { Output, type Terminal } from './output.ts';
import { answerFor, askPerson } from './questions.ts';

const item = (question: Question): ItemView =>
  ({ name: 'a.jpg', question: { ...question, id: 'q' as QuestionId } }) as ItemView;
const conflict = (
  source: readonly [number, number | undefined],
  existing: readonly [number, number | undefined],
  existingIsFolder = false,
) =>
  item({
    kind: 'conflict',
    source: { name: 'a.jpg', size: source[0], modified: source[1] },
    existing: { name: 'a.jpg', size: existing[0], modified: existing[1] },
    existingIsFolder,
  });
const name = item({ kind: 'name', name: 'a?', legal: 'a_' });

test('where nobody can be asked the rules answer, and what is unsure is skipped', () => {
  const answer = (
    view: ItemView,
    onConflict: Parameters<typeof answerFor>[1]['onConflict'],
    onName: 'ask' | 'legal' | 'fail' = 'fail',
  ) => answerFor(view, { isInteractive: false, onConflict, onName }).choice;
  const newer = conflict([1, 20], [2, 10]);
  assert.equal(answer(newer, 'skip'), 'skip');
  assert.equal(answer(newer, 'ask'), 'skip');
  assert.equal(answer(newer, 'replace'), 'replace');
  assert.equal(answer(newer, 'keep-both'), 'keep-both');
  assert.equal(answer(newer, 'newer'), 'replace');
  assert.equal(answer(newer, 'larger'), 'skip');
  assert.equal(answer(conflict([3, 1], [2, 10]), 'larger'), 'replace');
  assert.equal(answer(conflict([3, undefined], [2, 10]), 'newer'), 'skip');
  assert.equal(answer(conflict([3, 30], [2, undefined]), 'newer'), 'skip');
  assert.equal(answer(conflict([3, 1], [0, 10], true), 'replace'), 'skip');
  assert.equal(answer(name, 'replace'), 'skip');
  assert.equal(answer(name, 'skip', 'legal'), 'use-legal-name');
});

function person(...lines: readonly (string | undefined)[]) {
  const asked: string[] = [];
  const left = [...lines];
  const terminal: Terminal = {
    out: { write: () => true },
    error: { write: () => true },
    isTerminal: true,
    isInteractive: true,
    languages: [],
    columns: () => 80,
    ask: async (question) => {
      asked.push(question);
      return left.shift();
    },
  };
  return { asked, output: new Output(terminal, { json: false, verbose: false, quiet: false }) };
}

test('a person answers with a letter, for all with a capital, and is asked until it is understood', async () => {
  const view = conflict([1, 20], [2, 10]);
  const { output, asked } = person('', 'what?', 'r');
  assert.deepEqual(await askPerson(output, view), { choice: 'replace', applyToAll: false });
  assert.equal(asked.length, 3);
  assert.match(asked[0] ?? '', /“a\.jpg” already exists/);
  assert.deepEqual(await askPerson(person('K').output, view), { choice: 'keep-both', applyToAll: true });
  assert.deepEqual(await askPerson(person('U').output, name), { choice: 'use-legal-name', applyToAll: true });
});

test('a folder is never offered for replacement, and the end of the input overwrites nothing', async () => {
  const folder = conflict([1, 20], [0, 10], true);
  const { output, asked } = person('r', 's');
  assert.deepEqual(await askPerson(output, folder), { choice: 'skip', applyToAll: false });
  assert.doesNotMatch(asked[0] ?? '', /replace/);
  assert.deepEqual(await askPerson(person(undefined).output, folder), { choice: 'skip', applyToAll: true });
});
