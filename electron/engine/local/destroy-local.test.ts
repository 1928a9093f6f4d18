import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deleteLocal, isOwnName, publishLocal, removeEmptyFolder, renameLocal, truncateOwn } from './destroy-local.ts';
import type { Disk } from './disk.ts';
import { modifiedOf } from './local-files.ts';
import { nodeDisk } from './node-disk.ts';

/** Nothing of a person’s is destroyed unless it is proved to be what the decision was about. */

function stage(t: TestContext): (name: string, text?: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'replug-destroy-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (name, text) => {
    const path = join(folder, name);
    if (text !== undefined) writeFileSync(path, text);
    return path;
  };
}
const about = (path: string) => {
  const stats = lstatSync(path);
  return { kind: 'file', size: stats.size, modified: modifiedOf(stats) } as const;
};
const inodeOf = (path: string) => {
  const { dev, ino } = lstatSync(path);
  return { dev, ino };
};

test('a file goes while it is the one that was meant', async (t) => {
  const at = stage(t);
  const path = at('photo.jpg', 'old');
  const evidence = about(path);
  assert.deepEqual(await deleteLocal(nodeDisk, path, evidence), { kind: 'done' });
  assert.deepEqual(await deleteLocal(nodeDisk, path, evidence), { kind: 'nothing' });
});

test('a file that was edited, touched or replaced since stays', async (t) => {
  const at = stage(t);
  const path = at('photo.jpg', 'old');
  const evidence = about(path);
  for (const meddle of [
    () => writeFileSync(path, 'older'),
    () => {
      writeFileSync(path, 'new');
      utimesSync(path, 1, 1);
    },
  ]) {
    meddle();
    const kept = await deleteLocal(nodeDisk, path, evidence);
    assert.deepEqual([kept.kind, kept.kind === 'kept' && kept.why], ['kept', 'changed']);
    assert.ok(existsSync(path));
  }
});

test('no evidence is about a folder or a link, whatever they are called', async (t) => {
  const at = stage(t);
  const file = at('file', 'text');
  const folder = at('x.replug-a1');
  mkdirSync(folder);
  const link = at('y.replug-a1');
  symlinkSync(file, link);
  for (const path of [folder, link])
    for (const evidence of [
      about(file),
      about(path),
      { kind: 'own-name' },
      { kind: 'inode', ...inodeOf(path) },
    ] as const) {
      const kept = await deleteLocal(nodeDisk, path, evidence);
      assert.deepEqual([kept.kind, kept.kind === 'kept' && kept.why], ['kept', 'not-a-file']);
    }
  assert.equal(readFileSync(file, 'utf8'), 'text');
  assert.ok(lstatSync(link).isSymbolicLink() && lstatSync(folder).isDirectory());
});

test('only names that Replug makes prove anything by themselves', async (t) => {
  const at = stage(t);
  for (const name of ['film.mkv.a1.replug-part', 'film.mkv.replug-a1', '.replug-a1', '.replug-a1-case'])
    assert.ok(isOwnName(name), name);
  for (const name of ['film.mkv', 'replug-notes', 'x.replug-', 'x.replug-a b', 'x.replug-a1.txt']) {
    assert.ok(!isOwnName(name), name);
    assert.equal((await deleteLocal(nodeDisk, at(name, 'mine'), { kind: 'own-name' })).kind, 'kept');
  }
  assert.equal((await deleteLocal(nodeDisk, at('a.k1.replug-part', 'ours'), { kind: 'own-name' })).kind, 'done');
});

test('an inode proves a file, not the one that took its place', async (t) => {
  const at = stage(t);
  const path = at('a', 'one');
  const evidence = { kind: 'inode', ...inodeOf(path) } as const;
  renameSync(path, at('b'));
  at('a', 'two');
  assert.equal((await deleteLocal(nodeDisk, path, evidence)).kind, 'kept');
  assert.equal((await deleteLocal(nodeDisk, at('b'), evidence)).kind, 'done');
});

test('a part file gets its name where nothing is, and where exactly the file is that is to be replaced', async (t) => {
  const at = stage(t);
  const target = at('photo.jpg');
  const first = at('photo.jpg.k1.replug-part', 'first');
  assert.deepEqual(await publishLocal(nodeDisk, first, lstatSync(first), target, { kind: 'nothing' }), {
    kind: 'done',
  });
  const second = at('photo.jpg.k2.replug-part', 'second');
  assert.deepEqual(await publishLocal(nodeDisk, second, lstatSync(second), target, about(target)), { kind: 'done' });
  assert.equal(readFileSync(target, 'utf8'), 'second');
  assert.deepEqual(readdirSync(at('.')), ['photo.jpg']);
});

test('what was not expected at the target is not overwritten, and the part file stays', async (t) => {
  const at = stage(t);
  const target = at('photo.jpg', 'expected');
  const expected = about(target);
  const part = at('photo.jpg.k1.replug-part', 'ours');
  const publish = async (expectation: Parameters<typeof publishLocal>[4]) => {
    const answer = await publishLocal(nodeDisk, part, lstatSync(part), target, expectation);
    return answer.kind === 'kept' ? answer.why : answer.kind;
  };
  assert.equal(await publish({ kind: 'nothing' }), 'in-the-way');
  assert.equal(await publish({ ...expected, modified: undefined }), 'changed');
  writeFileSync(target, 'edited!!');
  utimesSync(target, 5, 5);
  assert.equal(await publish(expected), 'changed');
  assert.equal(readFileSync(target, 'utf8'), 'edited!!');
  rmSync(target);
  mkdirSync(target);
  assert.equal(await publish(expected), 'not-a-file');
  rmSync(target, { recursive: true });
  symlinkSync(at('elsewhere', 'else'), target);
  assert.equal(await publish(expected), 'not-a-file');
  assert.equal(readFileSync(part, 'utf8'), 'ours');
  rmSync(target);
  assert.equal(await publish(expected), 'done');
});

test('a part file that was exchanged or is gone is not published; one that has its name already is', async (t) => {
  const at = stage(t);
  const target = at('photo.jpg');
  const part = at('photo.jpg.k1.replug-part', 'ours');
  const identity = lstatSync(part);
  linkSync(part, target);
  assert.equal((await publishLocal(nodeDisk, part, identity, target, { kind: 'nothing' })).kind, 'done');
  assert.deepEqual([readFileSync(target, 'utf8'), existsSync(part)], ['ours', false]);
  assert.equal((await publishLocal(nodeDisk, part, identity, target, { kind: 'nothing' })).kind, 'done');
  rmSync(target);
  at('photo.jpg.k1.replug-part', 'another one');
  assert.equal(
    (await publishLocal(nodeDisk, part, { ...identity, ino: identity.ino + 999 }, target, { kind: 'nothing' })).kind,
    'nothing',
  );
  assert.deepEqual(readdirSync(at('.')), ['photo.jpg.k1.replug-part']);
});

test('a rename never takes the place of another file', async (t) => {
  const at = stage(t);
  const from = at('a', 'one');
  const to = at('b', 'two');
  const kept = await renameLocal(nodeDisk, from, to, about(from));
  assert.deepEqual([kept.kind, kept.kind === 'kept' && kept.why], ['kept', 'in-the-way']);
  rmSync(to);
  assert.equal((await renameLocal(nodeDisk, from, to, { ...about(from), size: 9 })).kind, 'kept');
  assert.equal((await renameLocal(nodeDisk, from, to, about(from))).kind, 'done');
  assert.deepEqual(readdirSync(at('.')), ['b']);
});

for (const links of [true, false])
  test(`a number that two files share does not make them one (hard links: ${links})`, async (t) => {
    const at = stage(t);
    const alike = async (path: string) => {
      const stats = await nodeDisk.lstat(path);
      return new Proxy(stats, {
        get: (of, name) => (name === 'ino' ? 0 : name === 'isFile' ? () => of.isFile() : Reflect.get(of, name)),
      });
    };
    const link = () => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));
    const disk: Disk = { ...nodeDisk, lstat: alike, ...(links ? {} : { link }) };
    const part = at('photo.jpg.k1.replug-part', 'ours');
    const mine = at('photo.jpg', 'mine, of another size');
    const identity = await alike(part);
    for (const expected of [{ kind: 'nothing' }, { ...about(mine), size: 5 }] as const)
      assert.equal((await publishLocal(disk, part, identity, mine, expected)).kind, 'kept');
    assert.equal((await renameLocal(disk, part, mine, about(part))).kind, 'kept');
    rmSync(part);
    assert.equal((await publishLocal(disk, part, identity, mine, { kind: 'nothing' })).kind, 'nothing');
    assert.equal(readFileSync(mine, 'utf8'), 'mine, of another size');
  });

test('only part files are cut, and only empty folders are removed', async (t) => {
  const at = stage(t);
  const file = await open(at('mine', 'text'), 'r+');
  await assert.rejects(truncateOwn(file, at('mine'), 0));
  await file.close();
  assert.equal(await removeEmptyFolder(nodeDisk, at('.')), false);
  const inside = at('inside');
  mkdirSync(inside);
  assert.equal(await removeEmptyFolder(nodeDisk, inside), true);
});

/** Right after a look at `path` that was believed, another program does something. */
const meddledAfterTheLook = (under: Disk, path: string, meddle: () => void): Disk => {
  let isDone = false;
  return Object.create(under, {
    lstat: {
      value: async (at: string) => {
        const there = await under.lstat(at).catch((error: unknown) => error as Error);
        if (at === path && !isDone) {
          isDone = true;
          meddle();
        }
        if (there instanceof Error) throw there;
        return there;
      },
    },
  }) as Disk;
};

for (const [title, disk] of [
  ['look and act in one', nodeDisk],
  ['look and act one by one', { ...nodeDisk }],
] as const)
  describe(`what is written after the last look stays: ${title}`, () => {
    const edits: readonly (readonly [string, (path: string) => void])[] = [
      ['rewritten', (path) => writeFileSync(path, 'newer')],
      ['emptied by a program that goes on to write', (path) => writeFileSync(path, '')],
      [
        'replaced by a rename',
        (path) => {
          writeFileSync(`${path}~`, 'newer');
          renameSync(`${path}~`, path);
        },
      ],
    ];
    for (const [what, edit] of edits) {
      test(`a file to be deleted is ${what}`, async (t) => {
        const path = stage(t)('photo.jpg', 'old');
        const meddled = meddledAfterTheLook(disk, path, () => edit(path));
        const kept = await deleteLocal(meddled, path, about(path));
        assert.deepEqual([kept.kind, kept.kind === 'kept' && kept.why], ['kept', 'changed']);
        assert.notEqual(readFileSync(path, 'utf8'), 'old');
      });
      test(`a file to be replaced is ${what}`, async (t) => {
        const at = stage(t);
        const [target, part] = [at('photo.jpg', 'old'), at('photo.jpg.1.replug-part', 'copied')];
        const { size, modified } = about(target);
        const meddled = meddledAfterTheLook(disk, target, () => edit(target));
        const kept = await publishLocal(meddled, part, lstatSync(part), target, { kind: 'file', size, modified });
        assert.deepEqual([kept.kind, kept.kind === 'kept' && kept.why], ['kept', 'changed']);
        assert.notEqual(readFileSync(target, 'utf8'), 'old');
        assert.equal(readFileSync(part, 'utf8'), 'copied');
      });
    }
    test('a file to be deleted is rewritten with as many bytes, and its date set back', async (t) => {
      const path = stage(t)('photo.jpg', 'old');
      const { atime, mtime, ctimeMs } = lstatSync(path);
      // the clock of the disk goes in steps of up to 10 ms
      await sleep(30);
      const evidence = { ...about(path), changed: ctimeMs };
      const meddled = meddledAfterTheLook(disk, path, () => {
        writeFileSync(path, 'new');
        utimesSync(path, atime, mtime);
      });
      const kept = await deleteLocal(meddled, path, evidence);
      assert.deepEqual([kept.kind, kept.kind === 'kept' && kept.why], ['kept', 'changed']);
      assert.equal(readFileSync(path, 'utf8'), 'new');
    });

    test('a file appears where none was, on a disk without hard links', async (t) => {
      const at = stage(t);
      const [target, part] = [at('photo.jpg'), at('photo.jpg.1.replug-part', 'copied')];
      const linkless = Object.create(disk, {
        link: { value: () => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' })) },
      }) as Disk;
      const meddled = meddledAfterTheLook(linkless, target, () => writeFileSync(target, 'theirs'));
      const kept = await publishLocal(meddled, part, lstatSync(part), target, { kind: 'nothing' });
      assert.deepEqual([kept.kind, kept.kind === 'kept' && kept.why], ['kept', 'in-the-way']);
      assert.equal(readFileSync(target, 'utf8'), 'theirs');
    });

    test('a file that gets another name is replaced under its old one', async (t) => {
      const at = stage(t);
      const [from, to] = [at('a.jpg', 'old'), at('b.jpg')];
      const meddled = Object.create(disk, {
        link: {
          value: async (one: string, other: string) => {
            await disk.link(one, other);
            writeFileSync(`${from}~`, 'newer');
            renameSync(`${from}~`, from);
          },
        },
      }) as Disk;
      assert.deepEqual(await renameLocal(meddled, from, to, about(from)), { kind: 'done' });
      assert.deepEqual([readFileSync(from, 'utf8'), readFileSync(to, 'utf8')], ['newer', 'old']);
    });

    test('a file that is only given other permissions goes all the same', async (t) => {
      const path = stage(t)('photo.jpg', 'old');
      const meddled = meddledAfterTheLook(disk, path, () => chmodSync(path, 0o600));
      assert.deepEqual(await deleteLocal(meddled, path, about(path)), { kind: 'done' });
    });
  });
