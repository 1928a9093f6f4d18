import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { bytesFor, treeOf } from '../worlds/world.ts';
import { driveWorld, run, succeed, type DriveWorld } from './drive-world.ts';

/**
 * The drive mounted by the kernel through davfs2. Everything on the mount is done by other processes: one that waits for its
 * own server would wait for ever.
 */

interface MountedWorld extends DriveWorld {
  /** The phone's storage, as a folder. */
  readonly mount: string;
  /** Whether davfs2 can list folders here; see `listsNothing`. */
  readonly lists: boolean;
  /** Everything that davfs2 holds back is written. */
  readonly flush: () => Promise<void>;
}

/** `rclone serve` in its place: davfs2 1.6 lists nothing at all on kernels from 6.18 on (`Invalid argument`), whatever serves. */
async function listsNothing(t: TestContext, { folder }: DriveWorld, conf: string): Promise<boolean> {
  const [served, point] = [join(folder, 'served'), join(folder, 'control')];
  mkdirSync(join(served, 'x'), { recursive: true });
  mkdirSync(point);
  const script = `rclone serve webdav --addr 127.0.0.1:0 "$1" 2> "$1.log" & server=$!
    for i in $(seq 100); do grep -q 'started on' "$1.log" && break; sleep 0.1; done
    mount -t davfs -o "conf=$3" "$(grep -o 'http://[0-9.:]*/' "$1.log" | head -1)" "$2"
    ls "$2"; status=$?; umount "$2"; kill $server; exit $status`;
  const { code, output } = await run('sh', ['-c', script, 'sh', served, point, conf]);
  t.diagnostic(`davfs2 with another server: ${output.trim()}`);
  return code !== 0;
}

async function mounted(t: TestContext): Promise<MountedWorld> {
  const world = await driveWorld(t);
  const point = join(world.folder, 'mnt');
  mkdirSync(point);
  const conf = join(world.folder, 'davfs2.conf');
  writeFileSync(conf, 'ask_auth 0\ndelay_upload 0\n');
  const mount = (): Promise<string> => succeed('mount', ['-t', 'davfs', '-o', `conf=${conf}`, world.drive.url, point]);
  const unmount = (): Promise<string> => succeed('umount', [point]);
  await mount();
  world.before.push(() => run('umount', ['-l', point]));
  const lists = (await run('ls', [point])).code === 0;
  if (!lists) {
    assert.ok(await listsNothing(t, world, conf), 'davfs2 lists what another server serves, and not the drive');
    t.diagnostic('NOT RUN: what lists folders of the mount, since davfs2 cannot with this kernel');
  }
  return {
    ...world,
    mount: join(point, world.inside),
    lists,
    flush: async () => {
      await unmount();
      await mount();
    },
  };
}

test('davfs2: 1,000 files in, compared, moved, out and away', async (t) => {
  const { mount, lists, flush, folder, on } = await mounted(t);
  const source = join(folder, 'source');
  const names = Array.from({ length: 1_000 }, (_, number) => `folder ${number % 10}/file ${number}.bin`);
  for (const [number, name] of names.entries()) {
    mkdirSync(join(source, name, '..'), { recursive: true });
    writeFileSync(join(source, name), bytesFor(String(number), (number * 131) % 20_000));
  }
  const tree = join(mount, 'tree');
  const input = names.join('\n');
  await succeed('cp', ['-r', source, tree]);
  await flush();
  const expected = await treeOf(source);
  assert.deepEqual(await treeOf(on('tree')), expected);

  await succeed('mv', [join(tree, 'folder 1'), join(mount, 'moved')]);
  await succeed('mv', [join(mount, 'moved/file 1.bin'), join(mount, 'moved/renamed.bin')]);
  assert.ok(statSync(on('moved/renamed.bin')).size > 0);
  await succeed('mv', [join(mount, 'moved/renamed.bin'), join(mount, 'moved/file 1.bin')]);
  await succeed('mv', [join(mount, 'moved'), join(tree, 'folder 1')]);
  const sums = (cwd: string): Promise<string> => succeed('xargs', ['-d', '\n', 'sha256sum'], { cwd, input });
  assert.equal(await sums(tree), await sums(source));
  if (lists) {
    assert.equal((await succeed('find', [tree, '-type', 'f'])).trim().split('\n').length, 1_000);
    await succeed('cp', ['-r', tree, join(folder, 'back')]);
    assert.deepEqual(await treeOf(join(folder, 'back')), expected);
    await succeed('rm', ['-r', tree]);
  } else {
    mkdirSync(join(folder, 'back'));
    await succeed('xargs', ['-d', '\n', 'cp', '--parents', '-t', join(folder, 'back')], { cwd: tree, input });
    assert.deepEqual(await treeOf(join(folder, 'back')), expected);
    await succeed('xargs', ['-d', '\n', 'rm'], { cwd: tree, input });
    for (let number = 0; number < 10; number += 1) await succeed('rmdir', [join(tree, `folder ${number}`)]);
    await succeed('rmdir', [tree]);
  }
  await flush();
  assert.deepEqual(await treeOf(on('')), {});
});

test('davfs2: appended, truncated, replaced, and room', async (t) => {
  const { mount, flush, folder, on } = await mounted(t);
  const bytes = bytesFor('a.bin', 6_000_000);
  const source = join(folder, 'a.bin');
  writeFileSync(source, bytes);
  const target = join(mount, 'a.bin');
  await succeed('cp', [source, target]);
  await flush();
  await succeed('sh', ['-c', 'printf more >> "$1"', 'sh', target]);
  await flush();
  assert.ok(readFileSync(on('a.bin')).equals(Buffer.concat([bytes, Buffer.from('more')])));
  await succeed('truncate', ['--size', '1000000', target]);
  await flush();
  assert.ok(readFileSync(on('a.bin')).equals(bytes.subarray(0, 1_000_000)));
  await succeed('truncate', ['--size', '0', target]);
  await flush();
  assert.equal(statSync(on('a.bin')).size, 0);
  assert.match(await succeed('df', ['--output=avail', mount]), /\d+/);
});
