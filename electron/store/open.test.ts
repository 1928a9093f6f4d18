import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import Database from 'better-sqlite3';
import { itemId, localPath } from '../../shared/domain.ts';
import { describeProblem, isPhoneError } from '../../shared/errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { isDatabaseOpen, openTransferStore } from './open.ts';
import { DEVICE, newItem, transferRow } from '../../tests/support/rows.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-open-'));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));
let files = 0;
const freshFile = (): string => path.join(scratch, `${++files}`, 'deep', 'replug.db');

const storeProblem = (fix: RegExp) => (error: unknown) =>
  isPhoneError(error) && error.kind === 'store' && fix.test(describeProblem(error.problem).remedy);

test('stored data survives reopening', async () => {
  const file = freshFile();
  const store = await openTransferStore(file);
  assert.equal(store.setAside, undefined);
  store.saveSettings({ downloadFolder: localPath('/d') });
  store.close();
  const again = await openTransferStore(file);
  assert.deepEqual(again.settings(), { downloadFolder: '/d' });
  again.close();
});

test('a second opening is refused while the first lives', async () => {
  const file = freshFile();
  const store = await openTransferStore(file);
  await assert.rejects(openTransferStore(file), storeProblem(/already running/));
  store.close();
  (await openTransferStore(file)).close();
});

test('a second opening is refused whichever link leads to the file, also where it is made only now', async () => {
  for (const isThere of [true, false]) {
    const file = freshFile();
    const link = `${file}.link`;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    if (isThere) (await openTransferStore(file)).close();
    fs.symlinkSync(path.basename(file), link);
    const store = await openTransferStore(link);
    await assert.rejects(openTransferStore(file), storeProblem(/already running/));
    assert.equal(await isDatabaseOpen(file), true);
    store.close();
    assert.equal(await isDatabaseOpen(link), false);
    (await openTransferStore(file)).close();
  }
});

test('a process killed with the database open leaves no lock, and what it stored', async () => {
  const file = freshFile();
  const program = `
    import { openTransferStore } from ${JSON.stringify(new URL('./open.ts', import.meta.url).href)};
    const store = await openTransferStore(${JSON.stringify(file)});
    store.saveSettings({ downloadFolder: '/kept' });
    console.log('open');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await assert.rejects(openTransferStore(file), storeProblem(/already running/));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const store = await openTransferStore(file);
  assert.deepEqual(store.settings(), { downloadFolder: '/kept' });
  store.close();
});

for (const [what, damage] of [
  ['its header overwritten', (bytes: Buffer) => bytes.fill(0x5a, 0, 64)],
  ['pages overwritten', (bytes: Buffer) => bytes.fill(0x5a, 4096)],
  ['its end cut off', (bytes: Buffer) => bytes.subarray(0, 4096 * 3 + 100)],
] as const)
  test(`a database with ${what} is set aside and a fresh one made`, async () => {
    const file = freshFile();
    const store = await openTransferStore(file);
    store.saveSettings({ showHidden: true });
    store.close();
    const bytes = fs.readFileSync(file);
    fs.writeFileSync(file, damage(bytes));
    const damaged = fs.readFileSync(file);
    const again = await openTransferStore(file, { now: () => Date.UTC(2026, 1, 3, 4, 5, 6) });
    assert.equal(again.setAside, `${file}.damaged-2026-02-03T04-05-06`);
    assert.deepEqual(fs.readFileSync(again.setAside), damaged);
    assert.deepEqual(again.settings(), {});
    again.saveSettings({ showHidden: false });
    again.close();
    const third = await openTransferStore(file);
    assert.equal(third.setAside, undefined);
    third.close();
  });

test('a database of another program is refused and left alone', async () => {
  const file = path.join(scratch, 'foreign.db');
  const foreign = new Database(file);
  foreign.exec('CREATE TABLE songs (name TEXT)');
  foreign.close();
  const before = fs.readFileSync(file);
  await assert.rejects(openTransferStore(file), storeProblem(/another program/));
  assert.deepEqual(fs.readFileSync(file), before);
});

test('a database of a newer Replug is refused and left alone', async () => {
  const file = freshFile();
  const newer = [...MIGRATIONS, { version: MIGRATIONS.length + 1, name: 'later', sql: 'CREATE TABLE later (x)' }];
  (await openTransferStore(file, { migrations: newer })).close();
  await assert.rejects(openTransferStore(file), storeProblem(/newer version of Replug/));
  (await openTransferStore(file, { migrations: newer })).close();
});

test('a folder that cannot be created, and one that cannot hold a database, are reported', async () => {
  fs.writeFileSync(path.join(scratch, 'file'), '');
  await assert.rejects(openTransferStore(path.join(scratch, 'file', 'x.db')), storeProblem(/could not be created/));
  await assert.rejects(openTransferStore(scratch), storeProblem(/are writable/));
});

test('an older database is brought up to date step by step; a step that fails leaves the one before', async () => {
  const file = freshFile();
  (await openTransferStore(file)).close();
  const version = () => {
    const connection = new Database(file, { readonly: true });
    try {
      return connection.pragma('user_version', { simple: true });
    } finally {
      connection.close();
    }
  };
  const first = MIGRATIONS.length;
  assert.equal(version(), first);
  const good = { version: first + 1, name: 'good', sql: 'ALTER TABLE settings ADD COLUMN extra TEXT' };
  const bad = { version: first + 2, name: 'bad', sql: 'CREATE TABLE half (x TEXT); INSERT INTO nowhere VALUES (1)' };
  await assert.rejects(openTransferStore(file, { migrations: [...MIGRATIONS, good, bad] }));
  assert.equal(version(), first + 1);
  const rest = { ...bad, sql: 'CREATE TABLE half (x TEXT)' };
  (await openTransferStore(file, { migrations: [...MIGRATIONS, good, rest] })).close();
  assert.equal(version(), first + 2);
});

test('the plain log of transfers has path, sizes, hash, status and times', async () => {
  const file = freshFile();
  const store = await openTransferStore(file);
  const row = transferRow('t', { direction: 'download' });
  store.addTransfer(row);
  const [item] = store.addItems(row.id, [newItem('a', 9, { local: localPath('/home/a') })], 2);
  store.updateItem(item as never, { state: { kind: 'preparing' } }, 3);
  store.confirmChunk(
    item as never,
    { offset: 0, length: 4, digest: 'x' },
    { state: { kind: 'moving' }, confirmed: 4 },
    4,
  );
  store.updateItem(item as never, { sha256: 'abc' }, 5);
  store.close();
  const connection = new Database(file, { readonly: true });
  const { transfer, file_path, total_bytes, transferred_bytes, file_hash, status, started_at, updated_at } = connection
    .prepare('SELECT * FROM transfer_state')
    .get() as Record<string, unknown>;
  connection.close();
  assert.deepEqual(
    { transfer, file_path, total_bytes, transferred_bytes, file_hash, status, started_at, updated_at },
    {
      transfer: 't',
      file_path: '/home/a',
      total_bytes: 9,
      transferred_bytes: 4,
      file_hash: 'abc',
      status: 'moving',
      started_at: 3,
      updated_at: 5,
    },
  );
});

test('leftovers of before have a proof only where their whole name was made up', async () => {
  const file = path.join(scratch, 'before-proofs.db');
  (await openTransferStore(file, { migrations: MIGRATIONS.slice(0, 3) })).close();
  const connection = new Database(file);
  const insert = connection.prepare(
    `INSERT INTO leftovers (item, transfer, device, storage, direction, folder, name) VALUES (?, 't', ?, 's', ?, '/', ?)`,
  );
  insert.run(1, DEVICE, 'upload', 'film.mkv.replug-ab12');
  insert.run(2, DEVICE, 'upload', 'photo.jpg');
  insert.run(3, DEVICE, 'download', '/home/me/x.replug-part');
  connection.close();
  const store = await openTransferStore(file);
  assert.deepEqual(
    store.leftovers(DEVICE).map(({ proof }) => proof?.kind),
    ['exclusive-name', undefined, undefined],
  );
  store.close();
});

test('settings, options, open questions and hashes of a database with the old words are kept', async () => {
  const file = path.join(scratch, 'before-words.db');
  (await openTransferStore(file, { migrations: MIGRATIONS.slice(0, 7) })).close();
  const connection = new Database(file);
  const question = { kind: 'clash', source: { name: 'a', size: 1, modified: 1.5 }, existingIsFolder: false };
  connection.exec(`
    INSERT INTO settings VALUES ('onClash', '"newer"'), ('verify', '"full"');
    INSERT INTO transfers (id, direction, device, device_name, storage, storage_name, destination, sources, title,
      options, position, created_at, planned, removed, clash_answer, bytes_moved, bytes_resent)
    VALUES ('t', 'upload', '${DEVICE}', '', 's', '', '/', '{"kind":"local","paths":[]}', 'a',
      '{"onClash":"replace","verify":"sampled"}', 1, 1, 1, 0, 'keep-both', 0, 0);
    INSERT INTO items (transfer, sequence, kind, name, local, storage, phone, size, state_name, state, confirmed,
      reached, creation, window_digest, attempts, mismatches, resumed, added_at, updated_at)
    VALUES (1, 1, 'file', 'a', '/a', 's', '/a', 1, 'asking', '${JSON.stringify({ kind: 'asking', question })}', 0,
      0, '', 'd1', 0, 0, 0, 1, 1);`);
  connection.close();
  const store = await openTransferStore(file);
  assert.deepEqual(store.settings(), { onConflict: 'newer', verify: 'full' });
  const [transfer] = store.transfers();
  assert.deepEqual(transfer?.options, { verify: 'sampled', onConflict: 'replace' });
  assert.equal(transfer.conflictAnswer, 'keep-both');
  const [item] = store.itemsIn(transfer.id, ['asking'], 1, -1);
  assert.deepEqual(item?.state, { kind: 'asking', question: { ...question, kind: 'conflict' } });
  assert.equal(item.chunkDigest, 'd1');
  store.close();
  const log = new Database(file, { readonly: true });
  assert.equal(log.prepare('SELECT file_hash FROM transfer_state').pluck().get(), 'd1');
  log.close();
});

test('how the files of an older database were verified is counted from their outcomes', async () => {
  const file = path.join(scratch, 'before-samples.db');
  const store = await openTransferStore(file, { migrations: MIGRATIONS.slice(0, 9) });
  store.close();
  const connection = new Database(file);
  connection
    .prepare(
      `INSERT INTO transfers (id, direction, device, device_name, storage, storage_name, destination, sources, title,
         options, position, created_at, planned, removed, bytes_moved, bytes_resent)
       VALUES ('t', 'upload', ?, 'd', 's', 's', '/', '{"kind":"local","paths":[]}', 't', '{}', 1, 1, 1, 0, 0, 0)`,
    )
    .run(DEVICE);
  const insert = connection.prepare(
    `INSERT INTO items (transfer, sequence, kind, name, local, storage, phone, size, state_name, state, outcome, confirmed,
       reached, creation, attempts, mismatches, resumed, added_at, updated_at)
     VALUES (1, ?, ?, 'n', '/n', 's', '/n', 1, 'done', ?, 'moved', 1, 1, 'none', 0, 0, 0, 1, 1)`,
  );
  for (const [index, [kind, level]] of [
    ['folder', 'size'],
    ['file', 'sampled'],
    ['file', 'full'],
    ['file', 'sampled'],
  ].entries())
    insert.run(index, kind, JSON.stringify({ kind: 'done', outcome: { kind: 'moved', verification: { level } } }));
  connection.close();
  const now = await openTransferStore(file);
  const id = now.transfers()[0]?.id;
  assert.ok(id);
  assert.deepEqual(now.counts(id).verified, { size: 0, sampled: 2, full: 1 });
  assert.equal(now.item(itemId(2))?.retried, false);
  now.close();
});
