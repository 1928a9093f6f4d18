import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { CliWorld, bytesOf, names, type Ran } from './replug.ts';

/** What a person gave up in the terminal is not taken up again. */

const MIB = 1024 * 1024;

/** A phone with a card, which cannot hold the name of one of two files. */
function world(t: ConstructorParameters<typeof CliWorld>[0]): CliWorld {
  const made = new CliWorld(t);
  fs.mkdirSync(made.sd);
  made.phoneOptions = `sd=${made.sd}`;
  made.write('what?.txt', 'x');
  made.write('film.bin', bytesOf(3, 40 * MIB));
  return made;
}

const idIn = ({ events }: Ran): string => String(events.find(({ type }) => type === 'transfer')?.['id']);

test('what had failed in a transfer that was cancelled is not tried again by resume', async (t) => {
  const one = world(t);
  const sources = ['what?.txt', 'film.bin'];
  const broken = await one.run('--json', '--fault', 'unplug@bytes=9000000', 'push', ...sources, 'SD card:/');
  assert.equal(broken.exit, 3, broken.out);
  assert.equal((await one.run('cancel', idIn(broken))).exit, 0);
  assert.deepEqual(names(one.sd), []);
  const resumed = await one.run('--json', 'resume');
  assert.equal(resumed.exit, 0, resumed.out);
  assert.deepEqual(resumed.result['transfers'], []);
});

test('a transfer that failed for good is tried again by resume until it is cancelled', async (t) => {
  const one = world(t);
  const failed = await one.run('--json', 'push', 'what?.txt', 'SD card:/');
  assert.equal(failed.exit, 1, failed.out);
  assert.equal((await one.run('resume')).exit, 1);
  assert.equal((await one.run('cancel', idIn(failed))).exit, 0);
  const resumed = await one.run('--json', 'resume');
  assert.equal(resumed.exit, 0, resumed.out);
  assert.deepEqual(resumed.result['transfers'], []);
  assert.equal((await one.run('cancel', idIn(failed))).exit, 2);
});
