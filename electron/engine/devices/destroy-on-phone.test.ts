import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { deviceKey, phonePath } from '../../../shared/domain.ts';
import { openPhone, type PhoneObject } from '../../mtp/index.ts';
import { Operation } from '../../mtp/wire/codes.ts';
import { VirtualPhone, type VirtualPhoneOptions } from '../../virtual/index.ts';
import type { SourceReader } from './beginning-of-source.ts';
import { proofOf } from '../transfer/fingerprint.ts';
import { destroyOnPhone, publishOnPhone } from './destroy-on-phone.ts';
import { lookAgain } from './look-again.ts';
import { copyOnPhone, moveOnPhone } from './move-on-phone.ts';
import type { PhoneEvidence } from './phone-evidence.ts';
import type { Connection } from './device-connection.ts';
import type { PhoneBrowser } from './phone-browser.ts';
import { PhoneDeletions } from './phone-deletions.ts';
import type { ListedFolder } from './listed-folder.ts';
import { PhoneTree } from './phone-tree.ts';
import { isTemporaryName, temporaryName } from './temporary-name.ts';

/** Whatever a listing said, only what is there now and is proved to be what was meant goes. */

const FOLDER = phonePath('/Download');

interface Place {
  readonly connection: Connection;
  readonly folder: ListedFolder;
  /** `Download` of the phone, on disk. */
  readonly real: string;
  readonly device: VirtualPhone;
  listed(name: string): PhoneObject;
  put(name: string, content: string): void;
  target(name: string, withHandle?: boolean): Parameters<typeof destroyOnPhone>[1];
}

/** A phone with `files` in its Download folder, which was listed before anything else happens. */
async function place(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  options: Partial<VirtualPhoneOptions> = {},
): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'replug-destroy-'));
  const device = new VirtualPhone({ directory: join(directory, 'phone'), ...options });
  const real = join(device.internal, 'Download');
  mkdirSync(real, { recursive: true });
  const put = (name: string, content: string): void => {
    writeFileSync(join(real, name), content);
  };
  for (const [name, content] of Object.entries(files)) put(name, content);
  const clock = {
    now: () => performance.now(),
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  const phone = await openPhone(device.open(), device.attached(), clock);
  t.after(async () => {
    await phone.close();
    await device.dispose();
    rmSync(directory, { recursive: true, force: true });
  });
  const tree = new PhoneTree(phone, await phone.storages());
  const storage = tree.storages[0];
  assert.ok(storage);
  const folder = await tree.folder(storage.key, FOLDER);
  const listed = (name: string): PhoneObject => {
    const found = folder.exactly(name);
    assert.ok(found, name);
    return found;
  };
  return {
    connection: { key: deviceKey('x', 'y'), phone, tree, alive: true, lookAgain: () => Promise.resolve() },
    folder,
    real,
    device,
    listed,
    put,
    target: (name, withHandle = true) => ({
      storage: storage.key,
      folder: FOLDER,
      name,
      handle: withHandle ? listed(name).handle : undefined,
    }),
  };
}

const seen = (object: PhoneObject): PhoneEvidence => ({
  kind: 'as-seen',
  size: object.size,
  modified: object.modified,
});
function reader(content: string): SourceReader {
  const bytes = Buffer.from(content);
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  };
}

for (const withHandle of [true, false])
  describe(`an object found by its ${withHandle ? 'handle' : 'name'}`, () => {
    test('goes when it is what was seen, and from the listing too', async (t) => {
      const { connection, folder, real, listed, target } = await place(t, { 'a.txt': 'one', 'b.txt': 'two' });
      assert.equal(await destroyOnPhone(connection, target('a.txt', withHandle), seen(listed('a.txt'))), 'done');
      assert.deepEqual(readdirSync(real), ['b.txt']);
      assert.equal(folder.find('a.txt'), undefined);
    });
    test('stays when it was written to since', async (t) => {
      const { connection, real, listed, target, put } = await place(t, { 'a.txt': 'one' });
      const before = seen(listed('a.txt'));
      put('a.txt', 'a longer one');
      assert.equal(await destroyOnPhone(connection, target('a.txt', withHandle), before), 'changed');
      assert.ok(existsSync(join(real, 'a.txt')));
    });
    test('stays when a folder is there by now', async (t) => {
      const { connection, real, listed, target, device } = await place(t, { 'a.txt': 'one' });
      const where = target('a.txt', withHandle);
      const before = seen(listed('a.txt'));
      await device.touchRemove('/Download/a.txt');
      mkdirSync(join(real, 'a.txt'));
      writeFileSync(join(real, 'a.txt', 'inside.jpg'), 'x');
      assert.match(await destroyOnPhone(connection, where, before), /^(is-folder|gone)$/);
      assert.ok(existsSync(join(real, 'a.txt', 'inside.jpg')));
    });
    test('that is gone already is told as gone', async (t) => {
      const { connection, listed, target, device } = await place(t, { 'a.txt': 'one' });
      const where = target('a.txt', withHandle);
      const before = seen(listed('a.txt'));
      await device.touchRemove('/Download/a.txt');
      assert.equal(await destroyOnPhone(connection, where, before), 'gone');
    });
    test('under a temporary name goes on the name alone, under another never', async (t) => {
      const name = temporaryName('film.mkv', 'a1b2c3');
      const { connection, real, target } = await place(t, { [name]: 'half', 'film.mkv': 'the user’s' });
      assert.equal(await destroyOnPhone(connection, target(name, withHandle), { kind: 'temporary' }), 'done');
      assert.equal(await destroyOnPhone(connection, target('film.mkv', withHandle), { kind: 'temporary' }), 'changed');
      assert.deepEqual(readdirSync(real), ['film.mkv']);
    });
    test('under a temporary name goes with what an edit that broke off has left in it', async (t) => {
      const name = temporaryName('film.mkv', 'a1b2c3');
      const { connection, real, target, device } = await place(t, { [name]: '' });
      const where = target(name, withHandle);
      const { handle } = await connection.phone.stat(target(name).handle ?? assert.fail());
      await connection.phone.beginEdit(handle);
      device.behave('full@bytes=20000');
      await assert.rejects(connection.phone.writeChunk(handle, 0, new Uint8Array(50_000)));
      assert.equal(await destroyOnPhone(connection, where, { kind: 'temporary' }), 'done');
      assert.deepEqual(readdirSync(real), []);
    });
    test('goes as a beginning of its source, and stays as anything else', async (t) => {
      const files = { empty: '', half: 'abcd', whole: 'abcdefgh', other: 'abxx', longer: 'abcdefgh+' };
      const { connection, real, target } = await place(t, files);
      const evidence: PhoneEvidence = { kind: 'beginning-of', source: reader('abcdefgh') };
      const answers = [];
      for (const name of Object.keys(files))
        answers.push(await destroyOnPhone(connection, target(name, withHandle), evidence));
      assert.deepEqual(answers, ['done', 'done', 'changed', 'changed', 'changed']);
      assert.deepEqual(readdirSync(real).sort(), ['longer', 'other', 'whole']);
      const whole = target('whole', withHandle);
      assert.equal(await destroyOnPhone(connection, whole, { ...evidence, whole: true }), 'done');
    });
  });

test('goes when it is what a phone that was cut off took for content: the next programs’ openings of a session', async (t) => {
  const opening = Buffer.from('10000000010002100000000001000000', 'hex');
  const dropped = opening.subarray(12);
  const files = {
    one: dropped.toString('latin1'),
    three: Buffer.concat([dropped, opening, opening]).toString('latin1'),
    edited: Buffer.concat([dropped, Buffer.alloc(16)]).toString('latin1'),
    whole: opening.toString('latin1'),
    cut: Buffer.concat([dropped, opening]).subarray(0, 10).toString('latin1'),
  };
  const { connection, real, target } = await place(t, files);
  const of = (source: string): PhoneEvidence => ({ kind: 'beginning-of', source: reader(source) });
  const answers = [];
  for (const name of Object.keys(files))
    answers.push(await destroyOnPhone(connection, target(name), of('x'.repeat(100))));
  assert.deepEqual(answers, ['done', 'done', 'changed', 'changed', 'changed']);
  // no more than it was announced; what is all of its source stays, whatever it holds
  assert.equal(await destroyOnPhone(connection, target('cut'), of(files.cut)), 'changed');
  assert.equal(await destroyOnPhone(connection, target('cut'), of('x'.repeat(10))), 'done');
  assert.deepEqual(readdirSync(real).sort(), ['edited', 'whole']);
});

for (const quirks of [[], [['no-partial-reads', 1]]] satisfies VirtualPhoneOptions['quirks'][])
  test(`goes without a source as what a phone took for content, and as nothing else${quirks.length > 0 ? ', also from a phone that reads whole objects only' : ''}`, async (t) => {
    const opening = Buffer.from('10000000010002100000000001000000', 'hex').toString('latin1');
    const taken = opening.slice(12) + opening;
    const files = { taken, cut: taken.slice(0, 10), other: 'abcdefghij', short: taken.slice(0, 5), empty: '' };
    const { connection, real, target } = await place(t, files, { quirks });
    const answers = [];
    for (const [name, { length }] of Object.entries(files)) {
      const announced = name === 'taken' ? 100 : length;
      answers.push(await destroyOnPhone(connection, target(name), { kind: 'taken-for-content', announced }));
    }
    assert.deepEqual(answers, ['done', 'done', 'changed', 'changed', 'changed']);
    assert.deepEqual(readdirSync(real).sort(), ['empty', 'other', 'short']);
  });

test('what its name proves goes though the phone has given it another handle while it was locked; what has gone has gone', async (t) => {
  const names = [temporaryName('a.txt', 'aaaaa11'), 'begun.txt', temporaryName('gone.txt', 'aaaaa12')];
  const files = Object.fromEntries([...names, 'other.txt'].map((name) => [name, 'abc']));
  const { connection, real, target, device } = await place(t, files);
  const [temporary, begun, gone, other] = [...names, 'other.txt'].map((name) => target(name));
  assert.ok(temporary && begun && gone && other);
  device.lock();
  device.unlock();
  connection.tree.setStorages(await connection.phone.storages());
  rmSync(join(real, gone.name));
  const beginning: PhoneEvidence = { kind: 'beginning-of', source: reader('abcdef') };
  assert.equal(await destroyOnPhone(connection, temporary, { kind: 'temporary' }), 'done');
  assert.equal(await destroyOnPhone(connection, begun, beginning), 'done');
  assert.equal(await destroyOnPhone(connection, gone, { kind: 'temporary' }), 'gone');
  assert.equal(await destroyOnPhone(connection, other, { kind: 'made', size: 3, modified: undefined }), 'gone');
  assert.deepEqual(readdirSync(real), ['other.txt']);
});

for (const quirks of [[], [['no-partial-reads', 1]]] satisfies VirtualPhoneOptions['quirks'][])
  test(`a copy that is damaged goes, and what somebody else wrote stays${quirks.length > 0 ? ', also on a phone that reads whole objects only' : ''}`, async (t) => {
    const sent = 'abcdefgh'.repeat(2_000);
    const bad = (from: number, bytes: number): string =>
      sent.slice(0, from) + 'x'.repeat(bytes) + sent.slice(from + bytes);
    const files = {
      one: bad(9_000, 1),
      eighth: bad(14_000, 2_000),
      more: bad(1_000, 2_001),
      theirs: 'z'.repeat(sent.length),
      shorter: sent.slice(1),
      dated: bad(9_000, 1),
      renumbered: bad(9_000, 1),
    };
    const { connection, real, listed, target } = await place(t, files, { quirks });
    const answers = [];
    for (const name of Object.keys(files)) {
      const { size, modified = 0 } = listed(name);
      const date = name === 'dated' ? modified - 1_000 : modified;
      const evidence: PhoneEvidence = { kind: 'damaged-copy', source: reader(sent), size, modified: date };
      answers.push(await destroyOnPhone(connection, target(name, name !== 'renumbered'), evidence));
    }
    assert.deepEqual(answers, ['done', 'done', ...Array.from({ length: 5 }, () => 'changed')]);
    assert.deepEqual(readdirSync(real).sort(), ['dated', 'more', 'renumbered', 'shorter', 'theirs']);
  });

test('what Replug made goes by the handle it was answered with, while nobody has written to it', async (t) => {
  const { connection, real, listed, target, put } = await place(t, { 'a.txt': 'one', 'b.txt': 'two' });
  const made = (name: string): PhoneEvidence => ({
    kind: 'made',
    size: 3,
    modified: (listed(name).modified ?? 0) + 900,
  });
  assert.equal(await destroyOnPhone(connection, target('a.txt'), made('a.txt')), 'done');
  assert.equal(await destroyOnPhone(connection, target('b.txt', false), made('b.txt')), 'changed');
  const later: PhoneEvidence = { kind: 'made', size: 3, modified: (listed('b.txt').modified ?? 0) - 60_000 };
  assert.equal(
    await destroyOnPhone(connection, target('b.txt'), later),
    'changed',
    'of the same size, written to since',
  );
  put('b.txt', 'rewritten');
  assert.equal(await destroyOnPhone(connection, target('b.txt'), made('b.txt')), 'changed');
  assert.deepEqual(readdirSync(real), ['b.txt']);
});

test('what Replug made and the phone gave a date of its own, or none, goes by its content', async (t) => {
  const { connection, real, listed, target, put } = await place(t, { 'a.txt': 'one', 'b.txt': 'two', 'c.txt': 'six' });
  const sent = (text: string, modified: number | undefined): PhoneEvidence => ({
    kind: 'made',
    size: 3,
    modified,
    content: proofOf(connection.phone, { sha256: createHash('sha256').update(text).digest('hex') }),
  });
  const another = (listed('a.txt').modified ?? 0) - 60_000;
  assert.equal(await destroyOnPhone(connection, target('a.txt'), sent('one', another)), 'done');
  assert.equal(await destroyOnPhone(connection, target('b.txt'), sent('one', another)), 'changed');
  put('c.txt', 'ten');
  assert.equal(await destroyOnPhone(connection, target('c.txt'), sent('six', undefined)), 'changed', 'rewritten');
  assert.deepEqual(readdirSync(real), ['b.txt', 'c.txt']);
});

test('what Replug made and the phone tells no date of stays where nothing says what was sent', async (t) => {
  const { connection, real, target } = await place(t, { 'a.txt': 'one', empty: '' }, { quirks: [['no-dates', 1]] });
  const made = (size: number): PhoneEvidence => ({ kind: 'made', size, modified: Date.now() });
  assert.equal(await destroyOnPhone(connection, target('a.txt'), made(3)), 'changed');
  assert.equal(await destroyOnPhone(connection, target('empty'), made(0)), 'done');
  assert.deepEqual(readdirSync(real), ['a.txt']);
});

test('a folder goes only when a person chose it', async (t) => {
  const { connection, real, folder } = await place(t, {});
  mkdirSync(join(real, 'album.replug-a1'));
  writeFileSync(join(real, 'album.replug-a1', 'x.jpg'), 'x');
  const album = await lookAgain(connection, folder, 'album.replug-a1');
  assert.ok(album);
  const target = { storage: folder.storage.key, folder: FOLDER, name: album.name, handle: album.handle };
  for (const evidence of [
    { kind: 'temporary' },
    { kind: 'as-seen', size: 0, modified: album.modified },
    { kind: 'beginning-of', source: reader('x') },
  ] satisfies PhoneEvidence[])
    assert.equal(await destroyOnPhone(connection, target, evidence), 'is-folder');
  assert.equal(
    await destroyOnPhone(connection, target, { kind: 'chosen', object: { ...album, kind: 'file' } }),
    'changed',
  );
  assert.ok(existsSync(join(real, 'album.replug-a1', 'x.jpg')));
  assert.equal(
    await destroyOnPhone(connection, target, { kind: 'chosen', object: album }),
    'changed',
    'with what is in it',
  );
  const holds = new Set(await connection.phone.handles(folder.storage.id, album.handle));
  assert.equal(await destroyOnPhone(connection, target, { kind: 'chosen', object: album, holds }), 'done');
  assert.deepEqual(readdirSync(real), []);
});

test('what a person chose stays when its content is another by now', async (t) => {
  const { connection, real, listed, target, put } = await place(t, { 'a.txt': 'one' });
  const object = listed('a.txt');
  put('a.txt', 'saved again');
  assert.equal(await destroyOnPhone(connection, target('a.txt'), { kind: 'chosen', object }), 'changed');
  assert.ok(existsSync(join(real, 'a.txt')));
});

test('a phone that reads whole objects only proves a beginning of a file of this computer, by all of it', async (t) => {
  const files = { half: 'abcd', other: 'abce', empty: '', all: 'abcdefgh', onPhone: 'abcd' };
  const { connection, real, target } = await place(t, files, { quirks: [['no-partial-reads', 1]] });
  const evidence: PhoneEvidence = { kind: 'beginning-of', source: reader('abcdefgh') };
  // to compare it with a file of its own, it would have to read two at a time
  const own: PhoneEvidence = { kind: 'beginning-of', source: { ...reader('abcdefgh'), isOnPhone: true } };
  assert.equal(await destroyOnPhone(connection, target('onPhone'), own), 'unproved');
  for (const name of ['other', 'all'])
    assert.equal(await destroyOnPhone(connection, target(name), evidence), 'changed');
  for (const name of ['half', 'empty']) assert.equal(await destroyOnPhone(connection, target(name), evidence), 'done');
  assert.deepEqual(readdirSync(real), ['all', 'onPhone', 'other']);
});

describe('giving a copy its name', () => {
  const copy = 'film.mkv.replug-a1';
  const content = 'the copy';

  test('over nothing', async (t) => {
    const { connection, folder, real, listed } = await place(t, { [copy]: content });
    assert.equal(await publishOnPhone(connection, folder, listed(copy), 'film.mkv', { kind: 'nothing' }), 'done');
    assert.equal(readFileSync(join(real, 'film.mkv'), 'utf8'), content);
    assert.equal(folder.find('film.mkv')?.name, 'film.mkv');
  });
  test('over what the decision was about, under whatever spelling', async (t) => {
    const { connection, folder, real, listed } = await place(t, { [copy]: content, 'FILM.mkv': 'old' });
    const old = listed('FILM.mkv');
    const expected = { kind: 'file', size: old.size, modified: old.modified } as const;
    assert.equal(await publishOnPhone(connection, folder, listed(copy), 'film.mkv', expected), 'done');
    assert.deepEqual(readdirSync(real), ['film.mkv']);
  });
  for (const name of ['film.mkv', 'FILM.mkv'])
    test(`not over what has got the name as ${name} from here since this listing`, async (t) => {
      const other = 'film.mkv.replug-b2';
      const { connection, folder, real, listed } = await place(t, { [copy]: content, [other]: 'the other' });
      const { tree } = connection;
      tree.forget();
      const again = await tree.folder(folder.storage.key, FOLDER);
      assert.equal(await publishOnPhone(connection, again, listed(other), name, { kind: 'nothing' }), 'done');
      assert.equal(await publishOnPhone(connection, folder, listed(copy), 'film.mkv', { kind: 'nothing' }), 'changed');
      assert.equal(readFileSync(join(real, name), 'utf8'), 'the other');
      assert.equal(readFileSync(join(real, copy), 'utf8'), content);
    });
  test('one of two that want it at the same time, and the other one stays as it is', async (t) => {
    const other = 'film.mkv.replug-b2';
    const { connection, folder, real, listed } = await place(t, { [copy]: content, [other]: 'the other' });
    connection.tree.forget();
    const again = await connection.tree.folder(folder.storage.key, FOLDER);
    const answers = await Promise.all([
      publishOnPhone(connection, folder, listed(copy), 'film.mkv', { kind: 'nothing' }),
      publishOnPhone(connection, again, listed(other), 'Film.mkv', { kind: 'nothing' }),
    ]);
    assert.deepEqual(answers.sort(), ['changed', 'done']);
    assert.equal(readdirSync(real).length, 2);
  });
  for (const name of ['film.mkv', 'Film.mkv'])
    test(`not over ${name} that appeared, though no event told`, async (t) => {
      const { connection, folder, real, listed, put } = await place(t, { [copy]: content });
      put(name, 'the user’s own');
      assert.equal(await publishOnPhone(connection, folder, listed(copy), 'film.mkv', { kind: 'nothing' }), 'changed');
      assert.deepEqual(readdirSync(real).sort(), [name, copy].sort());
      assert.equal(folder.find('film.mkv')?.name, name, 'the next decision sees it');
    });
  test('not over one that was edited, nor over another that took its place', async (t) => {
    const { connection, folder, real, listed, put } = await place(t, { [copy]: content, 'film.mkv': 'old' });
    const old = listed('film.mkv');
    const expected = { kind: 'file', size: old.size, modified: old.modified } as const;
    put('film.mkv', 'edited meanwhile');
    assert.equal(await publishOnPhone(connection, folder, listed(copy), 'film.mkv', expected), 'changed');
    renameSync(join(real, 'film.mkv'), join(real, 'elsewhere.mkv'));
    put('film.mkv', 'quite another');
    assert.equal(await publishOnPhone(connection, folder, listed(copy), 'film.mkv', expected), 'changed');
    assert.equal(readFileSync(join(real, 'film.mkv'), 'utf8'), 'quite another');
  });
  test('not over a folder', async (t) => {
    const { connection, folder, real, listed } = await place(t, { [copy]: content });
    mkdirSync(join(real, 'film.mkv'));
    const answer = await publishOnPhone(connection, folder, listed(copy), 'film.mkv', { kind: 'nothing' });
    assert.equal(answer, 'is-folder');
    assert.ok(existsSync(join(real, 'film.mkv')));
  });
  test('over nothing, when what it was to replace has gone', async (t) => {
    const { connection, folder, real, listed, device } = await place(t, { [copy]: content, 'film.mkv': 'old' });
    const old = listed('film.mkv');
    await device.touchRemove('/Download/film.mkv');
    const expected = { kind: 'file', size: old.size, modified: old.modified } as const;
    assert.equal(await publishOnPhone(connection, folder, listed(copy), 'film.mkv', expected), 'done');
    assert.deepEqual(readdirSync(real), ['film.mkv']);
  });
  test('with nothing between the look at the name and what gives it, whatever else is asked meanwhile', async (t) => {
    const { connection, folder, listed, device } = await place(t, { [copy]: content, 'other.txt': 'other' });
    const other = listed('other.txt').handle;
    const codes: number[] = [];
    const asked: Promise<unknown>[] = [];
    device.onOperation((code) => {
      codes.push(code);
      if (code === Operation.GetObjectHandles)
        for (let number = 0; number < 3; number += 1) asked.push(connection.phone.stat(other, { priority: 'browse' }));
    });
    const answer = await publishOnPhone(connection, folder, listed(copy), 'film.mkv', { kind: 'nothing' });
    await Promise.all(asked);
    assert.equal(answer, 'done');
    const named = codes.indexOf(Operation.SetObjectPropValue);
    assert.ok(
      named > 0 && codes[named - 1] === Operation.GetObjectHandles,
      codes.map((code) => code.toString(16)).join(' '),
    );
  });
  test('neither moved nor copied over what has come to the other folder, and nothing is asked in between', async (t) => {
    const { connection, folder, real, listed, put, device } = await place(t, { 'a.txt': 'mine' });
    const { storage } = folder;
    const made = await connection.tree.makeFolders(storage.key, phonePath('/Download/to'));
    const target = await connection.tree.folder(storage.key, phonePath('/Download/to'));
    assert.equal(target.ref, made.ref);
    put('to/a.txt', 'another');
    const begun: string[] = [];
    const onBegin = (): void => void begun.push('begun');
    assert.equal(await moveOnPhone(connection, listed('a.txt'), folder, target, {}, { onBegin }), false);
    assert.equal(await copyOnPhone(connection, listed('a.txt'), target, {}, onBegin), false);
    assert.deepEqual(begun, []);
    assert.equal(readFileSync(join(real, 'to/a.txt'), 'utf8'), 'another');
    assert.equal(readFileSync(join(real, 'a.txt'), 'utf8'), 'mine');
    rmSync(join(real, 'to/a.txt'));
    const codes: number[] = [];
    const asked: Promise<unknown>[] = [];
    device.onOperation((code) => {
      codes.push(code);
      if (code === Operation.GetObjectHandles && asked.length < 3)
        asked.push(connection.phone.stat(listed('a.txt').handle, { priority: 'browse' }));
    });
    assert.equal(await copyOnPhone(connection, listed('a.txt'), target, {}, onBegin), true);
    await Promise.all(asked);
    assert.deepEqual(begun, ['begun']);
    assert.equal(codes[codes.indexOf(Operation.CopyObject) - 1], Operation.GetObjectHandles);
    assert.equal(readFileSync(join(real, 'to/a.txt'), 'utf8'), 'mine');
  });
});

test('a temporary name fits, in bytes and in units, and is known again', () => {
  const names = ['a', 'x'.repeat(245), 'x'.repeat(254), '\u{1f600}'.repeat(63), 'é'.repeat(127), '.hidden', '...', ' '];
  for (const name of [...names, ...names.map((stem) => `${stem}.jpeg`)]) {
    const temporary = temporaryName(name, 'a1b2c3zz');
    assert.ok(Buffer.byteLength(temporary) <= 255 && temporary.length <= 254, temporary);
    assert.ok(temporary.isWellFormed() && !temporary.startsWith('.'), temporary);
    assert.ok(isTemporaryName(temporary), temporary);
  }
  for (const name of ['film.mkv', '.replug-a1', 'a.replug-', 'a.replug-A1', 'a.replug-part', 'a.replug-a1.txt'])
    assert.ok(!isTemporaryName(name), name);
});

for (const [where, path] of [
  ['another folder', '/Download/other'],
  ['the root', '/'],
] as const)
  test(`what was moved to ${where} since it was shown stays, though its handle and name are the same`, async (t) => {
    const { connection, folder, real, listed, target } = await place(t, { 'a.txt': 'mine', 'b.txt': 'other' });
    const { storage } = folder;
    const to = path === '/' ? 'root' : (await connection.tree.makeFolders(storage.key, phonePath(path))).ref;
    await connection.phone.move(listed('a.txt').handle, storage.id, to);
    for (const name of ['a.txt', 'b.txt'])
      assert.equal(
        await destroyOnPhone(connection, target(name), { kind: 'chosen', object: listed(name) }),
        name === 'a.txt' ? 'changed' : 'done',
        name,
      );
    assert.equal(readFileSync(join(real, path === '/' ? '..' : 'other', 'a.txt'), 'utf8'), 'mine');
  });

test('a phone that tells parents another way in ObjectInfo is asked for the folder’s handles', async (t) => {
  const { connection, listed, target } = await place(t, { 'a.txt': 'mine' });
  const object = { ...listed('a.txt'), parent: 'root' as const };
  assert.equal(await destroyOnPhone(connection, target('a.txt'), { kind: 'chosen', object }), 'done');
});

test('what lies in a folder that was moved since it was shown stays', async (t) => {
  const { connection, folder, real, listed } = await place(t, { 'a.txt': 'mine' });
  const { storage } = folder;
  const object = listed('a.txt');
  const browser = {
    find: () => Promise.resolve({ connection, parent: folder, object }),
    changed: () => undefined,
  } as unknown as PhoneBrowser;
  const source = { device: deviceKey('Test', 'one'), storage: storage.key, path: phonePath('/Download/a.txt') };
  const deletions = new PhoneDeletions(browser);
  const { agreement } = await deletions.measure([source]);
  const to = await connection.phone.makeFolder(storage.id, 'root', 'elsewhere');
  await connection.phone.move(folder.ref as PhoneObject['handle'], storage.id, to);
  await assert.rejects(deletions.delete([source], agreement), { kind: 'bad-request' });
  assert.equal(readFileSync(join(real, '../elsewhere/Download/a.txt'), 'utf8'), 'mine');
  await connection.phone.move(folder.ref as PhoneObject['handle'], storage.id, 'root');
  assert.equal(await deletions.delete([source]), 1);
  assert.equal(existsSync(join(real, 'a.txt')), false);
});
