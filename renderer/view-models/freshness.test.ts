import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PhoneCatalogue, ProvenSum } from '../../shared/catalogue.ts';
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

test('what is told from memory says as of when, of a phone that is here as well', () => {
  const fresh = { asOf: NOW, complete: true, stale: false };
  assert.match(freshnessWords(fresh, phone()) ?? '', /^as of .*2026/);
  assert.match(freshnessWords({ ...fresh, stale: true }, phone()) ?? '', /^as of .*2026/);
  assert.match(freshnessWords(fresh) ?? '', /^as of .*2026/);
  assert.equal(freshnessWords({ ...fresh, asOf: undefined }, phone()), undefined);
  assert.match(freshnessWords(fresh, phone({ activity: 'away' })) ?? '', /^Pixel 8 is not connected: as of .*2026/);
  assert.equal(freshnessWords({ ...fresh, asOf: undefined }, phone({ activity: 'away' })), 'Pixel 8 is not connected');
});

test('and what of it is missing', () => {
  const some = { asOf: NOW, complete: false, stale: false };
  assert.match(
    freshnessWords(some, phone({ activity: 'scanning', foldersLeft: 1 })) ?? '',
    /^as of .*2026.* · Still reading Pixel 8: at least 1 folder left$/,
  );
  assert.match(
    freshnessWords(some, phone({ foldersLeft: 2 })) ?? '',
    /^as of .*2026.* · 2 folders of Pixel 8 could not be read and are left out$/,
  );
  assert.equal(freshnessWords({ ...some, asOf: undefined }), 'Not every folder has been read yet');
});

test('“all of it” is said only of what is known whole', () => {
  const sum = { asOf: NOW, stale: false, folders: 0, bytes: 30 };
  const [proven, none] = [
    { files: 3, bytes: 30 },
    { files: 0, bytes: 0 },
  ];
  const told = (more: Pick<ProvenSum, 'complete' | 'files' | 'proven' | 'mirrored'>): string =>
    provenWords({ ...sum, ...more }).join('\n');
  assert.match(told({ complete: true, files: 3, proven, mirrored: none }), /^A verified copy of all of it is .*\.$/);
  assert.match(told({ complete: false, files: 3, proven, mirrored: none }), /^3 of them .*\.$/);
  assert.match(told({ complete: true, files: 4, proven, mirrored: none }), /^3 of them .*\.$/);
  assert.match(told({ complete: true, files: 4, proven: none, mirrored: none }), /no verified copy/);
  // copies that go with what is deleted
  assert.match(told({ complete: true, files: 3, proven: none, mirrored: proven }), /^The only verified copy on .*\.$/);
  assert.match(told({ complete: true, files: 4, proven: none, mirrored: proven }), /^The only verified copies of 3 /);
  assert.match(
    told({ complete: true, files: 6, proven, mirrored: proven }),
    /^3 of them .*\.\nThe only verified copies of 3 of them /,
  );
});
