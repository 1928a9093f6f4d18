import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FILTERS, type SyncPair, type SyncRun } from '../../shared/sync.ts';
import { syncWordsOf } from './sync-words.ts';

const pair = (change: Partial<SyncPair>): SyncPair =>
  ({
    name: 'Camera',
    deviceName: 'Pixel',
    direction: 'to-computer',
    local: '/p',
    filters: NO_FILTERS,
    ...change,
  }) as SyncPair;
const said = (run: Partial<SyncRun>, change: Partial<SyncPair> = {}): string | undefined =>
  syncWordsOf({
    kind: 'finished',
    pair: pair(change),
    run: { state: 'done', filesMoved: 0, filesFailed: 0, problem: undefined, ...run } as SyncRun,
  })?.title;

test('a run that copied something says what; one that found nothing is silent', () => {
  assert.equal(said({}), undefined);
  assert.equal(said({ filesMoved: 37 }, { filters: { ...NO_FILTERS, kinds: ['photos'] } }), '37 new photos saved');
  assert.equal(
    said({ filesMoved: 1 }, { filters: { ...NO_FILTERS, kinds: ['photos', 'videos'] } }),
    '1 new photo or video saved',
  );
  assert.equal(said({ filesMoved: 2 }, { direction: 'to-phone' }), '2 new files on Pixel');
  assert.equal(said({ filesMoved: 2, filesFailed: 1, state: 'failed' }), '“Camera” is not complete');
  assert.equal(said({ filesMoved: 2, state: 'interrupted' }), undefined);
});
