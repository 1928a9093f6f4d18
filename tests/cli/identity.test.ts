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
    /“Test phone” has no serial number .*“film\.bin” is waiting for, add --this-phone/,
  );
  assert.deepEqual(names(path.join(world.phone, 'Download')), before);

  const said = await world.run('resume', '--this-phone');
  assert.equal(said.exit, 0, said.out + said.err);
  assert.equal(digestOf(path.join(world.phone, 'Download/film.bin')), digestOf(file));
  assert.deepEqual(fs.readdirSync(path.join(world.phone, 'Download')), ['film.bin']);
});

test('sync run never guesses a phone without a serial number, and says so; with --this-phone the pair runs', async (t) => {
  const world = new CliWorld(t, 'quirk=placeholder-serial');
  fs.mkdirSync(path.join(world.phone, 'Docs'), { recursive: true });
  fs.writeFileSync(path.join(world.phone, 'Docs/a.txt'), 'a');
  const docs = path.join(path.dirname(world.phone), 'docs');
  for (const name of ['docs', 'docs-2'])
    assert.equal(
      (await world.run('sync', 'add', '/Docs', path.join(path.dirname(world.phone), name), '--name', name)).exit,
      0,
    );

  const unasked = await world.run('sync', 'run', 'docs');
  assert.equal(unasked.exit, 4, unasked.out + unasked.err);
  assert.match(unasked.out + unasked.err, /has no serial number .*is waiting for, add --this-phone/);
  assert.ok(!fs.existsSync(docs));

  // each pair was made in a plug of its own: the one that is named says which is meant
  const said = await world.run('sync', 'run', 'docs', '--this-phone');
  assert.equal(said.exit, 0, said.out + said.err);
  assert.deepEqual(fs.readdirSync(docs), ['a.txt']);
});
