import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CliWorld, bytesOf, digestOf, names, seeded, type Running } from './replug.ts';

/** `kill -9` at random (seeded) moments, without any clean-up: `resume` continues. */

const SIZE = 300_000_000;
const LARGEST_CHUNK = 8 * 1024 * 1024;

const tick = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 1));

/** Kills the process once the growing file in `folder` has at least this many bytes. */
async function killAt({ child, ended }: Running, folder: string, bytes: number): Promise<boolean> {
  for (;;) {
    const ran = await Promise.race([ended, tick()]);
    if (ran !== undefined) return false;
    if (largestIn(folder) >= bytes) {
      child.kill('SIGKILL');
      return (await ended).signal === 'SIGKILL';
    }
  }
}

const largestIn = (folder: string): number =>
  Math.max(
    -1,
    ...(fs.existsSync(folder) ? fs.readdirSync(folder) : []).map(
      (name) => fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? -1,
    ),
  );

interface Way {
  readonly name: string;
  readonly begin: readonly string[];
  readonly target: (world: CliWorld) => string;
  readonly source: (world: CliWorld) => string;
}
const WAYS: readonly Way[] = [
  {
    name: 'push',
    begin: ['push', 'large.bin', '/Download'],
    source: (world) => path.join(world.here, 'large.bin'),
    target: (world) => path.join(world.phone, 'Download/large.bin'),
  },
  {
    name: 'pull',
    begin: ['pull', '/DCIM/large.bin', 'in'],
    source: (world) => path.join(world.phone, 'DCIM/large.bin'),
    target: (world) => path.join(world.here, 'in/large.bin'),
  },
];

for (const way of WAYS) {
  test(`a ${way.name} of 300 MB killed at 16 moments one after the other ends byte-identical`, async (t) => {
    const world = new CliWorld(t);
    fs.writeFileSync(way.source(world), bytesOf(3, SIZE));
    const random = seeded(20 + way.name.length);
    const moments = Array.from({ length: 16 }, () => Math.floor(random() * SIZE)).sort((one, other) => one - other);
    let kills = 0;
    for (const [index, moment] of moments.entries()) {
      const running = world.start('--json', ...(index === 0 ? way.begin : ['resume']));
      if (await killAt(running, path.dirname(way.target(world)), moment)) kills += 1;
    }
    assert.ok(kills >= 12, `only ${kills} of 16 kills came before the end`);
    const last = await world.run('--json', 'resume');
    assert.equal(last.exit, 0, last.out.slice(-2000));
    assert.ok(last.result['bytesResent'] <= LARGEST_CHUNK, `${last.result['bytesResent']} bytes went twice`);
    assert.equal(digestOf(way.target(world)), digestOf(way.source(world)));
    assert.deepEqual(names(path.dirname(way.target(world))), ['large.bin']);
  });

  test(`each of 4 ${way.name} transfers of 300 MB killed once resumes with at most one window sent again`, async (t) => {
    const world = new CliWorld(t);
    fs.writeFileSync(way.source(world), bytesOf(4, SIZE));
    const random = seeded(40 + way.name.length);
    for (let round = 0; round < 4; round += 1) {
      // the last one is killed while the copy is being verified or renamed
      const moment = round === 3 ? SIZE : Math.floor(random() * SIZE);
      await killAt(world.start('--json', ...way.begin), path.dirname(way.target(world)), moment);
      // push or pull of an unfinished transfer continues it, as resume does
      const again = await world.run('--json', ...(round % 2 === 0 ? ['resume'] : way.begin));
      assert.equal(again.exit, 0, again.out.slice(-2000));
      if (again.result['files'].length > 0) {
        assert.ok(
          again.result['bytesResent'] <= LARGEST_CHUNK,
          `killed at ${moment}: ${again.result['bytesResent']} bytes went twice`,
        );
        assert.ok(
          again.result['bytesMoved'] <= SIZE - moment + 2 * LARGEST_CHUNK,
          `killed at ${moment}: ${again.result['bytesMoved']} bytes went`,
        );
      }
      assert.equal(digestOf(way.target(world)), digestOf(way.source(world)), `killed at ${moment}`);
      assert.deepEqual(names(path.dirname(way.target(world))), ['large.bin']);
      fs.rmSync(way.target(world));
    }
  });
}

test('killed while copying many small files: none is missing, incomplete or duplicated', async (t) => {
  const world = new CliWorld(t);
  for (let index = 0; index < 400; index += 1) world.write(`many/${index}.bin`, bytesOf(index, 1000 + index * 37));
  const random = seeded(77);
  const folder = path.join(world.phone, 'Download/many');
  for (let round = 0; round < 6; round += 1) {
    const running = world.start('--json', ...(round === 0 ? ['push', 'many', '/Download'] : ['resume']));
    const wanted = Math.floor(random() * 400);
    for (;;) {
      const ran = await Promise.race([running.ended, tick()]);
      if (ran !== undefined) break;
      if (fs.existsSync(folder) && fs.readdirSync(folder).length >= wanted) running.child.kill('SIGKILL');
    }
  }
  const last = await world.run('--json', 'resume');
  assert.equal(last.exit, 0, last.out.slice(-2000));
  assert.deepEqual(names(folder), names(path.join(world.here, 'many')));
  for (const name of names(folder))
    assert.equal(digestOf(path.join(folder, name)), digestOf(path.join(world.here, 'many', name)), name);
});
