import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceKey, storageKey, type DeviceKey, type StorageKey } from '../../shared/domain.ts';
import type { StorageQuestion } from '../../shared/snapshots.ts';
import { ordinalKey } from '../../shared/storages.ts';
import type { Replug } from '../compose.ts';
import type { CommandContext } from './command-context.ts';
import { identifyStorages } from './identity.ts';
import { Output, type Terminal } from './output.ts';

const PHONE = deviceKey('Acme', 'R58N12ABCDE');
const CARD = storageKey(4, 'SD card', 64e9);
const [ONE, OTHER] = ['?7', '?8'].map((place) => ordinalKey(CARD, place)) as [StorageKey, StorageKey];
const card = (key: StorageKey, name: string) => ({
  key,
  name,
  removable: true,
  readOnly: false,
  capacity: 64e9,
  free: 1e9,
});

/** A phone with two cards that nothing tells apart, and somebody who answers with `lines`; nobody without any. */
function stage(...lines: readonly string[]) {
  const said: string[] = [];
  const asked: string[] = [];
  const answers: unknown[] = [];
  const left = [...lines];
  const questions: StorageQuestion[] = [
    {
      device: PHONE,
      name: 'One',
      storage: CARD,
      storageName: 'SD card',
      candidates: [card(ONE, 'SD card'), card(OTHER, 'SD card 2')],
      transfers: ['film.mp4', 'b.mp4'],
      pairs: ['Music'],
    },
  ];
  const terminal: Terminal = {
    out: { write: (text: string) => said.push(text) > 0 },
    error: { write: () => true },
    isTerminal: true,
    isInteractive: lines.length > 0,
    languages: [],
    columns: () => 80,
    ask: async (question) => {
      asked.push(question);
      return left.shift();
    },
  };
  const replug = {
    engine: {
      storageQuestions: questions,
      execute: async (command: string, answer: unknown) => {
        answers.push([command, answer]);
        questions.length = 0;
      },
    },
  } as unknown as Replug;
  const context = {
    output: new Output(terminal, { json: false, verbose: false, quiet: false }),
  } as unknown as CommandContext;
  return { said, asked, answers, ask: (device?: DeviceKey) => identifyStorages(context, replug, device) };
}

test('a person is asked about one storage after the other, with its free space and what waits', async () => {
  const { asked, answers, ask } = stage('n', 'y');
  await ask(PHONE);
  assert.deepEqual(
    asked.map((question) => question.replaceAll(/[\u2066-\u2069]/g, '').split(' [')[0]),
    ['SD card', 'SD card 2'].map(
      (name) =>
        `“One” has storages that nothing tells apart. Is “${name}” (1.00 GB free of 64.0 GB) the storage “SD card” that “film.mp4” and 2 more is waiting for?`,
    ),
  );
  assert.deepEqual(answers, [['identifyStorage', { device: PHONE, storage: CARD, as: OTHER }]]);
});

test('none of them is an answer, the end of the input is none', async () => {
  const none = stage('n', 'no');
  await none.ask();
  assert.deepEqual(none.answers, [['identifyStorage', { device: PHONE, storage: CARD, as: undefined }]]);
  const ended = stage('n');
  await ended.ask();
  assert.deepEqual(ended.answers, []);
});

test('a script is told that a person has to answer; another phone’s storages are not asked about', async () => {
  const script = stage();
  await script.ask(PHONE);
  assert.match(
    script.said.join(''),
    /^“SD card” of “One”, which “film\.mp4” and 2 more is waiting for, cannot be told/,
  );
  assert.deepEqual([script.asked, script.answers], [[], []]);
  const other = stage('y');
  await other.ask(deviceKey('Acme', 'R58N12XXXXX'));
  assert.deepEqual([other.asked, other.answers], [[], []]);
});
