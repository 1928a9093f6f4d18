import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportLine } from '../../shared/snapshots.ts';
import { resultWords, tally } from './report.ts';
import type { Problem } from '../../shared/errors.ts';

const line = (result: ReportLine['result'], more: Partial<ReportLine> = {}): ReportLine => ({
  name: 'a',
  kind: 'file',
  size: 1,
  result,
  detail: '',
  sha256: undefined,
  verified: undefined,
  ...more,
});
const times = (count: number, one: ReportLine): readonly ReportLine[] => Array.from({ length: count }, () => one);
const moved = line('moved', { verified: 'sampled' });
const folder = line('moved', { kind: 'folder', verified: 'size', size: 0 });

test('files and folders are counted separately', () => {
  assert.equal(tally([...times(412, moved), ...times(12, folder)]), '412 files in 12 folders copied · 412 verified');
  assert.equal(tally([moved, folder]), '1 file in 1 folder copied · 1 verified');
  assert.equal(tally([moved, line('already-there', { kind: 'folder' })]), '1 file in 1 folder copied · 1 verified');
});

test('without folders, without files, with everything else', () => {
  assert.equal(tally([line('moved', { verified: 'size' })]), '1 file copied');
  assert.equal(tally(times(3, folder)), '3 folders created');
  assert.equal(tally([]), '0 files copied');
  assert.equal(
    tally([
      line('moved', { verified: 'full' }),
      line('already-there'),
      line('skipped'),
      line('failed'),
      line('failed', { kind: 'folder' }),
      line('cancelled'),
      line('unfinished'),
    ]),
    '1 file copied, 1 already there, 1 skipped, 2 failed, 1 cancelled, 1 not finished · 1 verified',
  );
});

test('folders are created, files are copied', () => {
  assert.deepEqual(resultWords(folder), { text: 'Created', tone: 'quiet' });
  assert.deepEqual(resultWords(moved), { text: 'Copied and verified by samples', tone: 'good' });
  assert.equal(resultWords(line('already-there', { kind: 'folder' })).text, 'Already there');
  const problem: Problem = { kind: 'full', operation: 'SendObject', detail: '' };
  assert.match(resultWords(line('failed', { problem })).text, /^Failed: The phone’s storage is full\./);
  assert.equal(resultWords(line('skipped', { why: 'trashed' })).text, 'Skipped: it is in the trash');
  assert.equal(
    resultWords(line('skipped', { why: 'said by an older version' })).text,
    'Skipped: said by an older version',
  );
});
