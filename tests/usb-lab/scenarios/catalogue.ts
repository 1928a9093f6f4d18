import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Cli } from '../guest/cli.ts';
import type { Lab, Scenario } from '../guest/lab.ts';

/** What is remembered of a phone that was not written by us, against `find` on the folders it serves. */

const call = promisify(execFile);

const NAMES = [
  'a.txt',
  'ファイル 名.jpg',
  'Ünïcödé ☃.dat',
  'with  two blanks.mp3',
  '.hidden',
  '100% #1 & [x].pdf',
  'b'.repeat(200),
];

/** Some hundred folders and files of every kind of name and of several sizes. */
async function furnish(root: string): Promise<void> {
  for (const folder of ['DCIM/Camera', 'Music/a/b/c/d/e', 'Android/data/app', 'empty/inside', 'Download']) {
    await mkdir(path.join(root, folder), { recursive: true });
    if (folder.startsWith('empty')) continue;
    for (const [index, name] of NAMES.entries())
      await writeFile(path.join(root, folder, name), Buffer.alloc(index * 777));
  }
  for (let index = 0; index < 150; index += 1) {
    const folder = path.join(root, 'Pictures', `set ${index % 15}`, `n${index}`);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, `${index}.png`), Buffer.alloc(index));
  }
}

/** `find` on the computer: each file and folder with its kind, and its size if it is a file. */
async function foundBy(root: string): Promise<readonly string[]> {
  const { stdout } = await call('find', [root, '-mindepth', '1', '-printf', '%y\\t%s\\t/%P\\0'], {
    maxBuffer: 1 << 26,
  });
  return stdout
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [type = '', size = '', at = ''] = line.split('\t');
      return type === 'd' ? `${at}/` : `${at} ${size}`;
    })
    .sort();
}

async function find(lab: Lab): Promise<string> {
  const { internal, card } = lab.gadget;
  await furnish(internal);
  await mkdir(path.join(card, 'on the card'));
  await writeFile(path.join(card, 'on the card/x.bin'), Buffer.alloc(5_000));
  const cli = new Cli(lab, { common: ['--wait', '10'] });
  /** `replug find` of everything, as the same lines; files have a size, folders a kind. */
  const remembered = async (...more: readonly string[]): Promise<readonly string[]> => {
    const lines: string[] = [];
    for (const query of ['size>=0', 'kind:folder']) {
      const { lines: told, result } = await cli.run(['find', ...more, query]);
      assert.equal(result['complete'], true, JSON.stringify(result));
      for (const { type, kind, size, path: at } of told)
        if (type === 'entry') lines.push(kind === 'folder' ? `${String(at)}/` : `${String(at)} ${String(size)}`);
    }
    return lines.sort();
  };
  const compare = async (...more: readonly string[]): Promise<number> => {
    const there = [...(await foundBy(internal)), ...(await foundBy(card))].sort();
    assert.deepEqual(await remembered(...more), there);
    return there.length;
  };
  const first = await compare();
  await rm(path.join(internal, 'Music/a/b/c'), { recursive: true });
  await rename(path.join(internal, 'DCIM/Camera'), path.join(internal, 'DCIM/100ANDRO'));
  await writeFile(path.join(internal, 'DCIM/100ANDRO/a.txt'), Buffer.alloc(99_999));
  await writeFile(path.join(internal, 'Download/new.apk'), Buffer.alloc(12));
  const second = await compare('--refresh');
  await lab.gadget.unplug();
  assert.equal((await cli.run(['find', 'new.apk'])).result['found'], 1, 'while it is away');
  return `${first} entries as find has them, ${second} after changes, and without the phone`;
}

/** Scenarios of the catalogue. */
export const catalogue: readonly Scenario[] = [
  {
    name: 'catalogue/find',
    what: 'everything on both storages is found as `find` finds it, also after changes and without the phone',
    limitMs: 180_000,
    phone: 'gadget',
    run: find,
  },
];
