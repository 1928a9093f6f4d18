import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PhoneCatalogue } from '../../shared/catalogue.ts';
import { deviceKey } from '../../shared/domain.ts';
import { freshnessWords, provenWords } from './freshness.ts';

const NOW = Date.UTC(2026, 4, 14, 12, 30);
const phone = (more: Partial<PhoneCatalogue> = {}): PhoneCatalogue => ({
  device: deviceKey('Google', '1'),
  name: 'Pixel 8',
  activity: 'idle',
  storages: [],
  files: 1,
  folders: 1,
  foldersLeft: 0,
  bytes: 1,
  asOf: NOW,
  complete: true,
  stale: false,
  ...more,
});

test('what is told from memory says as of when, unless it is as the phone told it', () => {
  const fresh = { asOf: NOW, complete: true, stale: false };
  assert.equal(freshnessWords(fresh, phone()), undefined);
  assert.match(freshnessWords({ ...fresh, stale: true }, phone()) ?? '', /^as of .*2026/);
  assert.match(freshnessWords(fresh, phone({ activity: 'away' })) ?? '', /^Pixel 8 is not connected: as of .*2026/);
  assert.equal(freshnessWords({ ...fresh, asOf: undefined }, phone({ activity: 'away' })), 'Pixel 8 is not connected');
  assert.equal(
    freshnessWords({ ...fresh, complete: false }, phone({ activity: 'scanning', foldersLeft: 1 })),
    'Still reading Pixel 8: at least 1 folder left',
  );
  assert.equal(
    freshnessWords({ ...fresh, complete: false }, phone({ foldersLeft: 2 })),
    '2 folders of Pixel 8 could not be read and are left out',
  );
  assert.equal(freshnessWords({ ...fresh, complete: false }), 'Not every folder has been read yet');
});

test('“all of it” is said only of what is known whole', () => {
  const sum = { asOf: NOW, stale: false, folders: 0, bytes: 30 };
  const proven = { files: 3, bytes: 30 };
  assert.match(provenWords({ ...sum, complete: true, files: 3, proven }), /all of it/);
  assert.match(provenWords({ ...sum, complete: false, files: 3, proven }), /^3 of them/);
  assert.match(provenWords({ ...sum, complete: true, files: 4, proven }), /^3 of them/);
  assert.match(provenWords({ ...sum, complete: true, files: 0, proven: { files: 0, bytes: 0 } }), /no verified copy/);
});
