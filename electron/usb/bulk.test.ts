import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPhoneError, type PhoneError } from '../../shared/errors.ts';
import { BulkIn, READ_MAX, READ_MIN } from './bulk-in.ts';
import { BulkOut, chunksOf, JOIN, WRITE_MAX } from './bulk-out.ts';
import {
  BULK_IN,
  BULK_OUT,
  FakeAddon,
  fakeDevice,
  FakeTimers,
  turns,
  type FakeTransfer,
} from '../../tests/support/fake-addon.ts';
import { Urbs } from './urbs.ts';

const MiB = 1024 * 1024;

function setup() {
  const addon = new FakeAddon();
  const timers = new FakeTimers();
  const urbs = new Urbs(addon, fakeDevice(), timers);
  const fatal: PhoneError[] = [];
  const common = { urbs, timers, maxPacketSize: 512, onFatal: (cause: PhoneError) => void fatal.push(cause) };
  const input = new BulkIn({ ...common, endpoint: BULK_IN });
  const output = new BulkOut({
    ...common,
    endpoint: BULK_OUT,
    listen: (heard) => input.listen(heard),
    onDataSent: () => {
      input.expect('response');
    },
  });
  return { addon, timers, fatal, urbs, input, output };
}

const kind = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (isPhoneError(error) ? error.kind : String(error)),
  );
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const at = (transfers: FakeTransfer[], index: number): FakeTransfer => {
  const transfer = transfers[index];
  assert.ok(transfer);
  return transfer;
};

void test('a small want posts one read that a response and a small dataset fit into', async () => {
  const { input, addon } = setup();
  const piece = input.read(12, 1000);
  assert.deepEqual(
    addon.flying(BULK_IN).map((read) => read.buffer.length),
    [READ_MIN],
  );
  at(addon.flying(BULK_IN), 0).bring(filled(12, 7));
  assert.deepEqual(await piece, { bytes: Buffer.from(filled(12, 7)), short: true });
  assert.equal(addon.flying(BULK_IN).length, 0, 'nothing is asked of a phone that owes nothing');
});

void test('a large want keeps three reads of whole packets in flight and never more than it asked for', async () => {
  const { input, addon } = setup();
  let left = 8 * MiB + 12;
  let most = 0;
  while (left > 0) {
    const next = input.read(left, 1000);
    const flying = addon.flying(BULK_IN);
    const asked = flying.reduce((sum, read) => sum + read.buffer.length, 0);
    assert.ok(asked <= Math.max(READ_MIN, left - (left % 512) + READ_MIN), `${asked} asked, ${left} owed`);
    assert.ok(flying.every((read) => read.buffer.length % 512 === 0 && read.buffer.length <= READ_MAX + READ_MIN));
    most = Math.max(most, flying.length);
    const oldest = at(flying, 0);
    oldest.bring(Math.min(oldest.buffer.length, left));
    left -= (await next).bytes.length;
  }
  assert.equal(most, 3);
  assert.equal(addon.submitted.length, 8, 'seven of 1 MiB, and the last one takes the twelve bytes along');
});

void test('a write that stalls listens to the phone and ends when data arrives; the next read returns that data', async () => {
  const { input, output, addon, timers } = setup();
  const writing = output.write([filled(2 * MiB, 1)], { last: true, limitMs: 30_000, listenAfterMs: 2_000 });
  assert.equal(addon.flying(BULK_IN).length, 0);
  timers.ring(1_999);
  assert.equal(addon.flying(BULK_IN).length, 0, 'nothing is asked of a phone that takes its time');
  timers.ring(2_000);
  at(addon.flying(BULK_IN), 0).bring(filled(524, 9));
  for (const transfer of addon.flying(BULK_OUT)) transfer.end(3);
  assert.equal(await kind(writing), 'silent');
  assert.deepEqual((await input.read(32, 1000)).bytes.length, 524);
  // if nothing is heard, the write continues
  const patient = output.write([filled(1000, 1)], { last: true, limitMs: 30_000, listenAfterMs: 2_000 });
  timers.ring(2_000);
  at(addon.flying(BULK_OUT), 0).take();
  assert.equal(await kind(patient), 'resolved');
  at(addon.flying(BULK_IN), 0).bring(filled(12, 8));
  assert.deepEqual(await input.read(12, 1000), { bytes: Buffer.from(filled(12, 8)), short: true });
});

void test('pieces arrive in the order of submission, whatever the order of the callbacks', async () => {
  const { input, addon } = setup();
  const first = input.read(3 * MiB, 1000);
  const [a, b, c] = addon.flying(BULK_IN);
  c?.bring(filled(100, 3));
  b?.bring(filled(READ_MAX, 2));
  await turns();
  a?.bring(filled(READ_MAX, 1));
  const pieces = [await first, await input.read(2 * MiB, 1000), await input.read(100, 1000)];
  assert.deepEqual(
    pieces.map((piece) => [piece.bytes[0], piece.short]),
    [
      [1, false],
      [2, false],
      [3, true],
    ],
  );
  assert.equal(addon.flying(BULK_IN).length, 0);
});

void test('a time limit loses no bytes: the read stays in flight and the next call gets its data', async () => {
  const { input, addon, timers } = setup();
  const late = kind(input.read(12, 300));
  timers.ring(300);
  assert.equal(await late, 'silent');
  at(addon.flying(BULK_IN), 0).bring(filled(12, 9));
  const piece = await input.read(12, 300);
  assert.equal(piece.bytes[0], 9);
  assert.equal(addon.submitted.length, 1, 'the second call posted no read of its own');
  assert.deepEqual(timers.pending, [], 'no timer is left behind');
});

void test('a zero-length packet is an empty, short piece', async () => {
  const { input, addon } = setup();
  const piece = input.read(12, 1000);
  at(addon.flying(BULK_IN), 0).bring(0);
  assert.deepEqual({ length: (await piece).bytes.length, short: (await piece).short }, { length: 0, short: true });
});

void test('a stall delivers its bytes first, then `stalled`, and cancels the reads behind it', async () => {
  const { input, addon } = setup();
  const first = input.read(3 * MiB, 1000);
  at(addon.flying(BULK_IN), 0).bring(filled(1024, 5), 4);
  assert.equal((await first).bytes.length, 1024);
  assert.equal(addon.flying(BULK_IN).length, 0);
  assert.equal(await kind(input.read(512, 1000)), 'stalled');
  const after = input.read(12, 1000);
  at(addon.flying(BULK_IN), 0).bring(12);
  assert.equal((await after).bytes.length, 12);
});

void test('bytes of a cancelled read stay in the stream', async () => {
  const { input, addon, timers } = setup();
  addon.cancelsAtOnce = false;
  const late = kind(input.read(1024, 10));
  timers.ring(10);
  assert.equal(await late, 'silent');
  input.cancelAll();
  at(addon.flying(BULK_IN), 0).bring(filled(512, 4), 3);
  const piece = await input.read(12, 10);
  assert.deepEqual([piece.bytes.length, piece.short], [512, false]);
});

void test('a bus error or a lost device is fatal; `end` rejects a waiting caller', async () => {
  for (const status of [1, 5]) {
    const { input, addon, fatal } = setup();
    const waiting = kind(input.read(12, 1000));
    at(addon.flying(BULK_IN), 0).end(status);
    assert.equal(fatal[0]?.kind, 'disconnected');
    assert.ok(fatal[0]);
    input.end(fatal[0]);
    assert.equal(await waiting, 'disconnected');
    assert.equal(await kind(input.read(12, 1000)), 'disconnected');
  }
});

void test('if the system has no memory for more reads, those in flight are enough', async () => {
  const { input, addon, fatal } = setup();
  const first = input.read(12, 1000);
  at(addon.flying(BULK_IN), 0).bring(12);
  await first;
  addon.refuse.push(-11);
  void input.read(4 * MiB, 1000);
  assert.equal(addon.flying(BULK_IN)[0]?.buffer.length, READ_MIN);
  assert.deepEqual(fatal, []);
});

const joined = (chunks: readonly Buffer[]): Buffer => Buffer.concat(chunks);

void test('a write is split into whole packets; only bytes at a boundary are copied', () => {
  const header = filled(12, 1);
  const payload = filled(3 * MiB + 5, 2);
  const chunks = [...chunksOf([header, payload], { last: true, maxPacketSize: 512 })];
  assert.deepEqual(
    chunks.map((chunk) => chunk.length),
    [JOIN, WRITE_MAX, WRITE_MAX, 3 * MiB + 5 + 12 - JOIN - 2 * WRITE_MAX],
  );
  assert.equal(chunks[1]?.buffer, payload.buffer, 'the payload is not copied');
  assert.notEqual(chunks[0]?.buffer, header.buffer);
  assert.deepEqual(joined(chunks), Buffer.concat([header, payload]));
});

void test('parts of any size yield the same bytes, with a short packet only at the end', () => {
  for (const sizes of [
    [12, 500],
    [12, 512],
    [12],
    [0, 12],
    [12, 0, 500],
    [700, 700, 16384, 1],
    [12, 16372],
    [12, 16373, MiB],
  ])
    for (const maxPacketSize of [64, 512, 1024]) {
      const parts = sizes.map((size, index) => filled(size, index + 1));
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const chunks = [...chunksOf(parts, { last: true, maxPacketSize })];
      assert.deepEqual(joined(chunks), Buffer.concat(parts));
      assert.ok(chunks.slice(0, -1).every((chunk) => chunk.length % maxPacketSize === 0 && chunk.length > 0));
      const ends = (chunks.at(-1)?.length ?? 0) % maxPacketSize !== 0 || chunks.at(-1)?.length === 0;
      assert.ok(ends, `${sizes.join('+')} at ${maxPacketSize} ends with a short or an empty packet`);
      assert.equal(
        chunks.filter((chunk) => chunk.length === 0).length,
        total % maxPacketSize === 0 ? 1 : 0,
        'an empty packet exactly when the total is whole packets',
      );
    }
});

void test('a write that is not the last gets no empty packet and must be whole packets', async () => {
  assert.equal([...chunksOf([filled(1024, 1)], { last: false, maxPacketSize: 512 })].length, 1);
  const { output } = setup();
  assert.equal(await kind(output.write([filled(12, 1)], { last: false, limitMs: 10 })), 'internal');
});

void test('three transfers are in flight, and the write resolves after the last one', async () => {
  const { output, addon, timers } = setup();
  let settled = false;
  const write = output.write([filled(12, 1), filled(5 * MiB, 2)], { last: true, limitMs: 1000 }).then(() => {
    settled = true;
  });
  assert.equal(addon.flying(BULK_OUT).length, 3);
  while (addon.flying(BULK_OUT).length > 1) at(addon.flying(BULK_OUT), 0).take();
  await turns();
  assert.equal(settled, false);
  at(addon.flying(BULK_OUT), 0).take();
  await write;
  assert.deepEqual(timers.pending, []);
});

void test('the limit of a write counts from the last progress, and cancels what is outstanding', async () => {
  const { output, addon, timers } = setup();
  addon.cancelsAtOnce = false;
  const write = kind(output.write([filled(4 * MiB, 1)], { last: true, limitMs: 500 }));
  at(addon.flying(BULK_OUT), 0).take();
  assert.deepEqual(timers.pending, [500]);
  timers.ring(500);
  await turns();
  const cancelled = addon.flying(BULK_OUT);
  assert.equal(cancelled.length, 3, 'the buffers are the system’s until it gives them back');
  for (const transfer of cancelled) transfer.end(3);
  assert.equal(await write, 'silent');
  assert.equal(addon.submitted.length, 4, 'nothing was sent after the limit');
});

void test('a stalled write stops the rest', async () => {
  const { output, addon, fatal } = setup();
  const write = kind(output.write([filled(4 * MiB, 1)], { last: true, limitMs: 500 }));
  at(addon.flying(BULK_OUT), 0).end(4);
  assert.equal(await write, 'stalled');
  assert.deepEqual(fatal, []);
  const next = output.write([filled(12, 1)], { last: true, limitMs: 500 });
  at(addon.flying(BULK_OUT), 0).take();
  await next;
});
