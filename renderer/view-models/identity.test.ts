import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymousKey } from '../../shared/domain.ts';
import { identityWords } from './identity.ts';

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
  assert.match(title, /Is this the phone “TabA”\? “TabB” has no serial number/);
  assert.match(
    facts,
    /^3 transfers \(a\.mp4, b\.mp4 and 1 more\) and 1 folder pair \(Camera\) for “TabA” \(acme, Internal storage\)/,
  );
});
