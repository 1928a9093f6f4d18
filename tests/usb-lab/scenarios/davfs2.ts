import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { curlOf, showDrive } from '../guest/drive.ts';
import type { Lab, Scenario } from '../guest/lab.ts';
import { digestTree, makeFile } from '../guest/phones.ts';

/**
 * The drive mounted by the kernel, through davfs2. Unlike newer kernels, that of the lab lets davfs2 1.6 list folders
 * (docs/drive.md), so `find`, `cp -r` out of the mount and `rm -r` are run here and not in `tests/dav`.
 */

const LONG = process.env['LONG'] === '1';
const FILES = LONG ? 1_000 : 100;
const FOLDERS = 10;
/** Outside the scenario's folder: what clears that must not walk into the phone. */
const POINT = '/mnt/drive';

/** Programs run to their end, on the mount and beside it. */
class Davfs2 {
  readonly #lab: Lab;
  readonly #url: string;
  #mounts = 0;

  constructor(lab: Lab, url: string) {
    this.#lab = lab;
    this.#url = url;
  }

  /** Throws with what it said unless it succeeds. Gives what it said. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const { code, signal, output, complaint } = await this.#lab.start('davfs2', program, args).ended;
    assert.equal(code ?? signal, 0, `${program} ${args.join(' ')}: ${complaint.slice(-400)}`);
    assert.equal(complaint, '', `${program} ${args.join(' ')} complained`);
    return output;
  }

  /** With an empty cache each time: what is read comes from the phone, not from what davfs2 kept of an earlier mount. */
  async mount(): Promise<void> {
    this.#mounts += 1;
    const conf = path.join(this.#lab.work, `davfs2-${this.#mounts}.conf`);
    const cache = path.join(this.#lab.work, `cache-${this.#mounts}`);
    await mkdir(cache);
    await mkdir(POINT, { recursive: true });
    await writeFile(conf, `ask_auth 0\ndelay_upload 0\ncache_dir ${cache}\n`);
    // Owned and open as /var/cache/davfs2 is: it takes no other.
    await this.run('chown', 'root:davfs2', cache);
    await this.run('chmod', '775', cache);
    await this.run('mount', '-t', 'davfs', '-o', `conf=${conf}`, this.#url, POINT);
  }

  /** davfs2 waits until all that it holds back is written. */
  unmount(): Promise<string> {
    return this.run('umount', POINT);
  }

  async again(): Promise<void> {
    await this.unmount();
    await this.mount();
  }
}

const sorted = (text: string): readonly string[] => text.trim().split('\n').sort();

async function throughDavfs2(lab: Lab): Promise<string> {
  const { url, storage } = await showDrive(lab, curlOf(lab));
  const davfs2 = new Davfs2(lab, url);
  const mount = path.join(POINT, decodeURIComponent(storage.slice(url.length)));
  try {
    await all(lab, davfs2, mount);
  } finally {
    await lab.start('davfs2', 'umount', ['-l', POINT]).ended;
  }
  return `${FILES} files: cp -r in and out, find, sha256sum, mv, append, truncate, rm -r`;
}

async function all(lab: Lab, davfs2: Davfs2, mount: string): Promise<void> {
  const source = await lab.folder('source');
  for (let number = 0; number < FILES; number += 1)
    await makeFile(path.join(source, `Ordner ä ${number % FOLDERS}`, `file ${number}.bin`), (number * 131) % 20_000);
  for (const name of ['appended', 'cut', 'longer', 'emptied']) await makeFile(path.join(source, name), 1_500_000);
  const expected = await digestTree(source);
  const { internal } = lab.gadget;
  const tree = path.join(mount, 'tree');

  await davfs2.mount();
  await davfs2.run('cp', '-r', source, tree);
  await davfs2.again();
  assert.deepEqual(await digestTree(path.join(internal, 'tree')), expected);

  const found = (where: string): Promise<string> => davfs2.run('find', where, '-mindepth', '1', '-printf', '%y %P\\n');
  assert.deepEqual(sorted(await found(tree)), sorted(await found(source)));
  const back = path.join(lab.work, 'back');
  await davfs2.run('cp', '-r', tree, back);
  assert.deepEqual(await digestTree(back), expected);
  // In the short form davfs2 may answer from what `cp -r` has just brought.
  if (LONG) await davfs2.again();
  const sums = (where: string): Promise<string> =>
    davfs2.run('sh', '-c', 'cd "$1" && find . -type f -exec sha256sum {} +', 'sh', where);
  assert.deepEqual(sorted(await sums(tree)), sorted(await sums(source)));

  // The same on the mount and on the copy that came out of it, which is then what the phone must hold.
  for (const there of [tree, back]) {
    const on = (name: string): string => path.join(there, name);
    await davfs2.run('mv', on('Ordner ä 1'), on('moved'));
    await davfs2.run('mv', on('Ordner ä 2/file 2.bin'), on('moved/renamed.bin'));
    await davfs2.run('sh', '-c', 'printf more >> "$1"', 'sh', on('appended'));
    await davfs2.run('truncate', '--size', '1000000', on('cut'));
    await davfs2.run('truncate', '--size', '1500100', on('longer'));
    await davfs2.run('truncate', '--size', '0', on('emptied'));
  }
  const changed = await digestTree(back);
  assert.notDeepEqual(changed, expected);
  await davfs2.again();
  assert.deepEqual(await digestTree(path.join(internal, 'tree')), changed);

  await davfs2.run('rm', '-r', tree);
  assert.equal(await found(mount), '');
  await davfs2.unmount();
  assert.deepEqual(await readdir(internal), []);
}

export const davfs2: Scenario = {
  name: 'drive/davfs2',
  what: 'the phone as a drive mounted by the kernel: cp -r, find, sha256sum, mv, append, truncate, rm -r',
  limitMs: LONG ? 1_200_000 : 300_000,
  phone: 'gadget',
  needs: 'kernel',
  run: throughDavfs2,
};
