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
  assert.equal(
    title,
    'Is this the phone “TabA” from before? The one that is plugged in (“TabB”) has no serial number of its own.',
  );
  assert.match(
    facts,
    /^Waiting for it: 3 transfers \(a\.mp4, b\.mp4 and 1 more\) and 1 folder pair \(Camera\) · acme, Internal storage · last seen /,
  );
});
