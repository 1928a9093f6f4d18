import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeDisk } from '../../electron/engine/local/node-disk.ts';
import { describeInEnglish, isPhoneError } from '../../shared/errors.ts';
import { begin } from './opened-world.ts';

/** What is told of a file that cannot be opened names that file, and nothing that Replug makes of it. */

test('a disk that refuses the copy: the message names the phone’s file', async (t) => {
  const refusal = Object.assign(new Error('EIO: i/o error, open'), { code: 'EIO', syscall: 'open' });
  const disk: typeof nodeDisk = Object.assign(Object.create(nodeDisk) as typeof nodeDisk, {
    open: (path: string, ...how: unknown[]) =>
      path.includes('.replug-part')
        ? Promise.reject(refusal)
        : (nodeDisk.open as (...given: unknown[]) => Promise<unknown>)(path, ...how),
  });
  const world = begin(t, {}, { disk });
  world.onPhone('DCIM/a.jpg', 3_000);
  await world.start();
  await assert.rejects(world.engine.execute('fetchCopy', { place: world.place('/DCIM/a.jpg') }), (error: unknown) => {
    assert.ok(isPhoneError(error));
    assert.equal(error.kind, 'local-io');
    assert.equal(error.problem.subject, 'a.jpg');
    assert.doesNotMatch(Object.values(describeInEnglish(error.problem)).join(' '), /replug-/);
    return true;
  });
});
