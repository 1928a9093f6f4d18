import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymousKey, deviceKey, storageKey } from '../../shared/domain.ts';
import { ordinalKey } from '../../shared/storages.ts';
import { identityWords, storageWords } from './identity.ts';

test('the question names both phones, what is known of the one, and what waits', () => {
  const candidate = {
    key: anonymousKey('Acme', '1'),
    name: 'TabA',
    maker: 'acme',
    storages: ['Internal storage'],
    lastSeen: Date.UTC(2026, 0, 2),
    transfers: ['a.mp4', 'b.mp4', 'c.mp4'],
    pairs: ['Camera'],
  };
  const { title, facts } = identityWords({ name: 'TabB' }, candidate);
  assert.equal(
    title,
    'Is this the phone “TabA” from before? The one that is plugged in (“TabB”) has no serial number of its own.',
  );
  assert.match(
    facts,
    /^Waiting for it: 3 transfers \(a\.mp4, b\.mp4 and 1 more\) and 1 folder pair \(Camera\) · acme, Internal storage · last seen /,
  );
});

test('a question about storages names them with what tells a person most: their free space', () => {
  const card = storageKey(4, 'SD card', 64e9);
  const there = (place: string, name: string, free: number) => ({
    key: ordinalKey(card, place),
    name,
    removable: true,
    readOnly: false,
    capacity: 64e9,
    free,
  });
  const question = {
    device: deviceKey('Acme', 'R58N12ABCDE'),
    name: 'One',
    storage: card,
    storageName: 'SD card',
    candidates: [there('?1', 'SD card', 1e9), there('?2', 'SD card 2', 2e9)],
    transfers: ['a.mp4'],
    pairs: [],
  };
  const { title, facts, candidates } = storageWords(question);
  assert.equal(title, 'Which of these is the storage “SD card” of “One”? Nothing tells them apart.');
  assert.equal(facts, 'Waiting for it: 1 transfer (a.mp4)');
  assert.deepEqual(candidates, ['SD card · 1.00 GB free of 64.0 GB', 'SD card 2 · 2.00 GB free of 64.0 GB']);
  const one = storageWords({ ...question, candidates: question.candidates.slice(0, 1) });
  assert.equal(one.title, 'Is this the storage “SD card” of “One”? Nothing tells it from others like it.');
});
