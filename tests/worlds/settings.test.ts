import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localPath } from '../../shared/domain.ts';
import { isPhoneError } from '../../shared/errors.ts';
import { begin } from './world.ts';

test('a download folder without its whole path is refused, and the old one stays', async (t) => {
  const world = begin(t);
  await world.start();
  const set = (folder: string) => world.engine.execute('setSettings', { downloadFolder: localPath(folder) });
  await set(world.here);
  for (const folder of ['Downloads', './Downloads', '~/Downloads'])
    await assert.rejects(
      set(folder),
      (error: unknown) =>
        isPhoneError(error) && error.problem.fault?.id === 'whole-path' && error.problem.subject === folder,
    );
  assert.equal((await world.engine.execute('getSettings', undefined)).downloadFolder, world.here);
});
