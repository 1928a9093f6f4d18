import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEVICE_INFO } from '../../../tests/support/device-info.ts';
import { KnownCapabilities } from './capabilities.ts';
import { effectsOf } from './quirks.ts';

describe('capabilities', () => {
  const operations = [0x100c, 0x100d, 0x95c1, 0x101b, 0x95c2, 0x95c3, 0x95c4, 0x95c5, 0x9805];
  const known = (): KnownCapabilities => new KnownCapabilities({ ...DEVICE_INFO, operations }, effectsOf([]));
  test('are what is advertised', () => {
    assert.deepEqual(known().current(), {
      edit: true,
      truncate: true,
      partialRead: 64,
      rename: false,
      move: false,
      copy: false,
      delete: false,
      write: true,
      thumbnails: false,
      propList: 'unproven',
      battery: false,
    });
  });
  test('each refusal corrects them', () => {
    const capabilities = known();
    capabilities.correct(0x95c1);
    assert.equal(capabilities.current().partialRead, 32);
    capabilities.correct(0x101b);
    assert.equal(capabilities.current().partialRead, 'none');
    capabilities.correct(0x95c3);
    assert.deepEqual([capabilities.current().edit, capabilities.current().truncate], [true, false]);
    capabilities.correct(0x95c4);
    assert.equal(capabilities.current().edit, false);
    capabilities.correct(0x9805);
    assert.equal(capabilities.current().propList, 'no');
  });
});
