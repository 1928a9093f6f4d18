import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CliWorld, bytesOf, digestOf, names } from './replug.ts';

/** Phones that nothing identifies: a script has to say which phone it means. */

test('resume never guesses a phone without a serial number; with --this-phone it continues', async (t) => {
  const world = new CliWorld(t, 'quirk=no-serial');
  const file = world.write('film.bin', bytesOf(3, 40 << 20));
  const broken = await world.run('--fault', 'unplug@bytes=25000000', 'push', 'film.bin', '/Download');
  assert.equal(broken.exit, 3, broken.err);
  const before = names(path.join(world.phone, 'Download'));

  const unasked = await world.run('resume');
  assert.notEqual(unasked.exit, 0);
  assert.match(
    unasked.out + unasked.err,
    /“Test phone” has no serial number .*“film\.bin” waits for, add --this-phone/,
  );
  assert.deepEqual(names(path.join(world.phone, 'Download')), before);

  const said = await world.run('resume', '--this-phone');
  assert.equal(said.exit, 0, said.out + said.err);
  assert.equal(digestOf(path.join(world.phone, 'Download/film.bin')), digestOf(file));
  assert.deepEqual(fs.readdirSync(path.join(world.phone, 'Download')), ['film.bin']);
});
