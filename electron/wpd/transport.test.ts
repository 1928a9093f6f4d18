import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPhoneError } from '../../shared/errors.ts';
import { FakeDriver, ManualTimers } from '../../tests/support/fake-driver.ts';
import type { Piece } from '../mtp/ports.ts';
import {
  ClassRequest,
  decodeDeviceInfo,
  decodeHeader,
  decodeParameters,
  encodeCommand,
  encodeDataHeader,
  encodeDeviceInfo,
  HEADER_SIZE,
  join,
  Operation,
  Response,
  SIZE_UNKNOWN,
} from '../mtp/wire/index.ts';
import { chunkSize } from './chunk-size.ts';
import { Hresult } from './keys.ts';
import { WpdTransport } from './transport.ts';

const LAST = { last: true, limitMs: 1_000 };
const LIMIT = { limitMs: 1_000 };

function setUp(hidden: readonly number[] = [], route: 'raw' | 'content' = 'raw') {
  const raw = new FakeDriver();
  const content = new FakeDriver();
  const timers = new ManualTimers();
  const closed: boolean[] = [];
  const hangs: string[] = [];
  const transport = new WpdTransport({
    drivers: { raw, content },
    route,
    hidden: new Set(hidden),
    timers,
    onClosed: (lost) => {
      closed.push(lost);
      return Promise.resolve();
    },
    interrupt: () => hangs.push('interrupt'),
    onStuck: () => hangs.push('stuck'),
  });
  return { raw, content, timers, transport, closed, hangs };
}

const kind = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => assert.fail('it resolved'),
    (error: unknown) => (isPhoneError(error) ? error.kind : assert.fail(String(error))),
  );

/** A whole transaction from the phone: its payload and its response. */
async function take(transport: WpdTransport): Promise<{ header: Uint8Array; payload: Uint8Array; code: number }> {
  const pieces: Piece[] = [];
  for (;;) {
    const piece = await transport.read(1 << 20, LIMIT);
    pieces.push(piece);
    const { bytes } = piece;
    if (bytes.byteLength >= HEADER_SIZE && bytes.byteLength <= 32 && decodeType(bytes) === 3) break;
  }
  const [response] = pieces.splice(-1);
  const all = join(pieces.map(({ bytes }) => bytes));
  return {
    header: all.subarray(0, HEADER_SIZE),
    payload: all.subarray(HEADER_SIZE),
    code: decodeParameters(response?.bytes ?? assert.fail()).code,
  };
}
const decodeType = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint16(4, true);
const filled = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, index) => index % 251);
const command = (operation: number, id: number, ...parameters: readonly number[]): Uint8Array[] => [
  encodeCommand(operation, id, parameters),
];

void test('the session is the driver’s: opening and closing are answered here, in order', async () => {
  const { transport, raw } = setUp();
  const codes: number[] = [];
  for (const [operation, id] of [
    [Operation.OpenSession, 0],
    [Operation.OpenSession, 0],
    [Operation.CloseSession, 1],
    [Operation.CloseSession, 2],
  ] as const) {
    await transport.write(command(operation, id, 1), LAST);
    const { bytes } = await transport.read(32, LIMIT);
    assert.equal(decodeHeader(bytes).transactionId, id);
    codes.push(decodeHeader(bytes).code);
  }
  assert.deepEqual(codes, [Response.OK, Response.SessionAlreadyOpen, Response.OK, Response.SessionNotOpen]);
  assert.deepEqual(raw.calls, []);
});

void test('an operation without data: parameters there, response and its parameters back', async () => {
  const { transport, raw } = setUp();
  raw.answers.push({ code: 0x2009, parameters: [7, 8] });
  await transport.write(command(Operation.DeleteObject, 5, 42, 0), LAST);
  const { bytes, short } = await transport.read(32, LIMIT);
  assert.deepEqual(decodeParameters(bytes), { type: 3, code: 0x2009, transactionId: 5, parameters: [7, 8] });
  assert.ok(short);
  assert.deepEqual(raw.calls, [{ call: 'execute', args: [Operation.DeleteObject, [42, 0]] }]);
});

void test('data from the phone: a container in chunks, confirmed by the response at the end', async () => {
  const { transport, raw } = setUp();
  raw.data = filled(600_000);
  await transport.write(command(Operation.GetObject, 9, 3), LAST);
  const { header, payload, code } = await take(transport);
  assert.deepEqual(decodeHeader(header), { length: 600_012, type: 2, code: Operation.GetObject, transactionId: 9 });
  assert.deepEqual(payload, raw.data);
  assert.equal(code, Response.OK);
  assert.deepEqual(
    raw.calls.map(({ call, args }) => (call === 'read' ? args[1] : call)),
    ['beginRead', 1 << 18, 1 << 18, 600_000 - (1 << 19), 'end'],
  );
});

void test('chunks have the driver’s size within bounds', () => {
  assert.deepEqual([undefined, 4096, 1 << 16, 300_000, 1 << 20, 1 << 24, SIZE_UNKNOWN].map(chunkSize), [
    1 << 20,
    1 << 16,
    1 << 16,
    300_000,
    1 << 20,
    1 << 20,
    1 << 20,
  ]);
});

void test('a length that the phone does not tell ends with a short chunk', async () => {
  const { transport, raw } = setUp();
  raw.data = filled((1 << 18) + 17);
  raw.answers.push({ context: 'c', total: SIZE_UNKNOWN, optimal: 1 << 18 });
  await transport.write(command(Operation.GetObject, 1, 3), LAST);
  const { header, payload } = await take(transport);
  assert.equal(decodeHeader(header).length, SIZE_UNKNOWN);
  assert.deepEqual(payload, raw.data);
  assert.equal(raw.calls.filter(({ call }) => call === 'read').length, 2);
});

void test('chunks shorter than asked for are no end where the length is known; nothing at all is', async () => {
  const { transport, raw } = setUp();
  raw.answers.push({ context: 'c', total: 10 }, { bytes: filled(4) }, { bytes: filled(6) });
  await transport.write(command(Operation.GetPartialObject64, 1, 3, 0, 0, 10), LAST);
  assert.equal((await take(transport)).payload.byteLength, 10);
  raw.answers.push({ context: 'c', total: 10 }, { bytes: filled(4) }, { bytes: filled(0) });
  await transport.write(command(Operation.GetPartialObject64, 2, 3, 0, 0, 10), LAST);
  const cut = await take(transport);
  assert.deepEqual([cut.payload.byteLength, cut.code], [4, Response.OK]);
});

void test('a count that the bytes do not bear out is not believed, and the phase is ended', async () => {
  const { transport, raw } = setUp();
  raw.answers.push({ context: 'c', total: 10 }, { bytes: undefined });
  await transport.write(command(Operation.GetObject, 1, 3), LAST);
  assert.equal(await kind(take(transport)), 'confused');
  assert.equal(raw.calls.at(-1)?.call, 'end');
});

void test('a refusal brings a response and no context', async () => {
  const { transport, raw } = setUp();
  raw.answers.push({ code: 0x2009 });
  await transport.write(command(Operation.GetObject, 1, 3), LAST);
  const { header, code } = await take(transport);
  assert.deepEqual([header.byteLength, code], [0, 0x2009]);
  raw.answers.push({ code: 0x200c });
  const data = [encodeDataHeader(Operation.SendPartialObject, 2, 5), filled(5)];
  await transport.writeBehind(encodeCommand(Operation.SendPartialObject, 2, [3, 0, 0, 5]), data, LAST);
  assert.equal((await take(transport)).code, 0x200c);
  assert.deepEqual(raw.written, [], 'the data stays here');
});

void test('an empty data phase before a refusal is none', async () => {
  const { transport, raw } = setUp();
  raw.answers.push({ context: 'c', total: 0 }, { code: 0x2002 });
  await transport.write(command(Operation.GetStorageIDs, 1), LAST);
  const { header, code } = await take(transport);
  assert.deepEqual([header.byteLength, code], [0, 0x2002]);
});

void test('data to the phone, in whatever pieces it is written', async () => {
  const { transport, raw } = setUp();
  const payload = filled(700_000);
  const all = join([encodeDataHeader(Operation.SendObject, 4, payload.byteLength), payload]);
  await transport.write(command(Operation.SendObject, 4), { ...LAST, reads: 'none' });
  await transport.write([all.subarray(0, 512)], { last: false, limitMs: 1_000, payload: payload.byteLength });
  await transport.write([all.subarray(512, 524_288)], { last: false, limitMs: 1_000 });
  await transport.write([all.subarray(524_288)], LAST);
  assert.equal((await take(transport)).code, Response.OK);
  assert.deepEqual(join(raw.written), payload);
  assert.deepEqual(raw.calls[0], { call: 'beginWrite', args: [Operation.SendObject, [], payload.byteLength] });
  assert.ok(raw.written.every(({ byteLength }) => byteLength <= 1 << 18));
});

/** Just above what 32 bits count, and no multiple of a chunk. */
const LARGE = 0x1_0000_0000 + 12_345;

void test('more than 4 GiB to the phone in one data phase: the length comes beside the header', async () => {
  const { transport, raw } = setUp();
  let written = 0;
  let largest = 0;
  raw.write = (_context, bytes) => {
    written += (bytes as Uint8Array).byteLength;
    largest = Math.max(largest, (bytes as Uint8Array).byteLength);
    return Promise.resolve({ hresult: 0, written: (bytes as Uint8Array).byteLength });
  };
  raw.answers.push({ context: 'c', optimal: SIZE_UNKNOWN });
  await transport.write(command(Operation.SendObject, 4), { ...LAST, reads: 'none' });
  const header = encodeDataHeader(Operation.SendObject, 4, LARGE);
  await transport.write([header], { last: false, limitMs: 1_000, payload: LARGE });
  assert.deepEqual(raw.calls[0]?.args, [Operation.SendObject, [], LARGE]);
  const piece = new Uint8Array(8 << 20);
  for (let sent = 0; sent < LARGE; sent += piece.byteLength) {
    const size = Math.min(piece.byteLength, LARGE - sent);
    await transport.write([piece.subarray(0, size)], { last: sent + size === LARGE, limitMs: 1_000 });
  }
  assert.equal((await take(transport)).code, Response.OK);
  assert.deepEqual([written, largest], [LARGE, 1 << 20]);
});

for (const told of [LARGE, SIZE_UNKNOWN])
  void test(`more than 4 GiB from the phone in one data phase, announced as ${told} bytes`, async () => {
    const { transport, raw } = setUp();
    raw.answers.push({ context: 'c', total: told, optimal: SIZE_UNKNOWN });
    const piece = new Uint8Array(1 << 20);
    let given = 0;
    raw.read = (_context, size) => {
      const bytes = piece.subarray(0, Math.min(size as number, LARGE - given));
      given += bytes.byteLength;
      return Promise.resolve({ hresult: 0, bytes });
    };
    await transport.write(command(Operation.GetObject, 4, 3), LAST);
    const header = await transport.read(1 << 20, LIMIT);
    assert.equal(decodeHeader(header.bytes).length, SIZE_UNKNOWN);
    let received = 0;
    for (;;) {
      const { bytes, short } = await transport.read(1 << 20, LIMIT);
      received += bytes.byteLength;
      if (!short) continue;
      break;
    }
    assert.equal(received, LARGE, 'the first short piece is the last one');
    assert.equal((await take(transport)).code, Response.OK);
  });

void test('data of another transaction or of another operation is refused', async () => {
  for (const header of [
    encodeDataHeader(Operation.SendObject, 9, 4),
    encodeDataHeader(Operation.SendObjectInfo, 4, 4),
  ]) {
    const { transport, raw } = setUp();
    await transport.write(command(Operation.SendObject, 4), { ...LAST, reads: 'none' });
    assert.equal(await kind(transport.write([header, filled(4)], LAST)), 'confused');
    assert.deepEqual(raw.calls, []);
  }
});

void test('a driver that takes part of a chunk is given the rest, and one that takes nothing is given up', async () => {
  const { transport, raw } = setUp();
  raw.answers.push({ context: 'c' }, { written: 3 }, { written: 2 });
  const data = [encodeDataHeader(Operation.SendObject, 1, 5), filled(5)];
  await transport.writeBehind(encodeCommand(Operation.SendObject, 1, []), data, LAST);
  const sizes = raw.calls.flatMap(({ call, args }) => (call === 'write' ? [(args[1] as Uint8Array).byteLength] : []));
  assert.deepEqual(sizes, [5, 2]);
  assert.equal((await take(transport)).code, Response.OK);
  raw.answers.push({ context: 'c' }, { written: 0 }, { written: 0 }, { written: 0 });
  const again = [encodeDataHeader(Operation.SendObject, 2, 5), filled(5)];
  assert.equal(await kind(transport.writeBehind(encodeCommand(Operation.SendObject, 2, []), again, LAST)), 'confused');
});

void test('an unknown operation is refused, not guessed, with or without data', async () => {
  const { transport, raw } = setUp();
  await transport.write(command(0x9999, 1, 3), LAST);
  assert.equal((await take(transport)).code, Response.OperationNotSupported);
  await transport.write(command(0x9998, 2), { ...LAST, reads: 'none' });
  await transport.write([encodeDataHeader(0x9998, 2, 4), filled(4)], LAST);
  assert.equal((await take(transport)).code, Response.OperationNotSupported);
  assert.deepEqual(raw.calls, []);
});

void test('busy: the same call again after 50 ms, doubling to 2 s, and let go after a minute, with words for it', async () => {
  const { transport, raw, timers, closed } = setUp();
  raw.answers.push({ hresult: Hresult.busy }, { hresult: Hresult.busy }, { code: 0x2001 });
  await transport.write(command(Operation.DeleteObject, 1, 3), LAST);
  const answered = take(transport);
  await timers.pass(49);
  assert.equal(raw.calls.length, 1);
  await timers.pass(1);
  assert.equal(raw.calls.length, 2);
  await timers.pass(100);
  assert.equal((await answered).code, Response.OK);
  raw.answers.push(...Array.from({ length: 100 }, () => ({ hresult: Hresult.busy })));
  await transport.write(command(Operation.DeleteObject, 2, 3), LAST);
  // its limit is a second of silence; a driver that is busy is not silent
  const late = kind(transport.read(32, { limitMs: 3_000 }));
  await timers.pass(63_000);
  assert.equal(await late, 'disconnected');
  const { problem } = await transport.closed;
  assert.deepEqual([problem.fault?.id, problem.advice?.id], ['phone-shared', 'phone-shared']);
  assert.deepEqual(closed, [false], 'it is still plugged in');
  const calls = raw.calls.length;
  await timers.pass(60_000);
  assert.equal(raw.calls.length, calls, 'and it is not asked again');
});

void test('closing ends a wait for a busy driver at once', async () => {
  const { transport, raw, timers, closed } = setUp();
  raw.answers.push({ hresult: Hresult.busy }, { hresult: Hresult.busy });
  await transport.write(command(Operation.DeleteObject, 1, 3), LAST);
  const waiting = kind(transport.read(32, LIMIT));
  await timers.pass(60);
  await transport.close();
  assert.equal(await waiting, 'disconnected');
  assert.deepEqual(closed, [false]);
  assert.equal(raw.calls.length, 2);
});

for (const [direction, operation] of [
  ['to', Operation.SendObject],
  ['from', Operation.GetObject],
] as const)
  void test(`Cancel ends a wait for a busy driver ${direction} the phone at once, and the phase with it`, async () => {
    const { transport, raw, timers } = setUp();
    raw.answers.push({ context: 'c', total: 100 }, { hresult: Hresult.busy }, { hresult: Hresult.busy });
    let writing: Promise<string> | undefined;
    await transport.write(command(operation, 1, 3), LAST);
    if (direction === 'to') {
      const data = [encodeDataHeader(operation, 1, 100), filled(50)];
      writing = kind(transport.write(data, { last: false, limitMs: 90_000 }));
    }
    // the second pause has begun
    await timers.pass(60);
    assert.equal(raw.calls.length, 3);
    await transport.classRequestOut(ClassRequest.Cancel, new Uint8Array(6), LIMIT);
    assert.deepEqual([raw.calls.length, raw.calls.at(-1)?.call], [4, 'end']);
    if (writing !== undefined) assert.equal(await writing, 'busy');
    // and the next operation waits again where it must
    raw.answers.push({ hresult: Hresult.busy }, { code: Response.OK });
    await transport.write(command(Operation.DeleteObject, 2, 3), LAST);
    const next = take(transport);
    await timers.pass(50);
    assert.equal((await next).code, Response.OK);
  });

for (const [direction, operation] of [
  ['to', Operation.SendObject],
  ['from', Operation.GetObject],
] as const)
  for (const isUnwanted of [false, true])
    void test(`busy within data ${direction} the phone, ${isUnwanted ? 'not wanted any more' : 'for a minute'}`, async () => {
      const { transport, raw, timers, closed } = setUp();
      const isBusy = { hresult: Hresult.busy };
      raw.answers.push({ context: 'c', total: 100 }, ...Array.from({ length: 100 }, () => isBusy));
      let isStopped = false;
      transport.giveUpWhen(() => isStopped);
      await transport.write(command(operation, 1, 3), LAST);
      const waiting =
        direction === 'to'
          ? kind(transport.write([encodeDataHeader(operation, 1, 100), filled(50)], { last: false, limitMs: 90_000 }))
          : kind(transport.read(1 << 20, { limitMs: 3_000 }));
      let isOver = false;
      void transport.closed.then(() => (isOver = true));
      await timers.pass(10_000);
      assert.equal(isOver, false);
      isStopped = isUnwanted;
      await timers.pass(2_000);
      assert.equal(isOver, isUnwanted);
      await timers.pass(50_000);
      assert.equal(await waiting, 'disconnected');
      assert.equal((await transport.closed).problem.fault?.id, 'phone-shared');
      assert.deepEqual(closed, [false], 'the device is let go at once');
      assert.ok(raw.calls.filter(({ call }) => call === 'end').length <= 1, 'nothing is waited for a second time');
    });

void test('what is not wanted any more is still given a moment by a busy driver', async () => {
  const { transport, raw, timers } = setUp();
  transport.giveUpWhen(() => true);
  raw.answers.push({ hresult: Hresult.busy }, { hresult: Hresult.busy }, { code: Response.OK });
  await transport.write(command(Operation.DeleteObject, 1, 3), LAST);
  const answered = take(transport);
  await timers.pass(150);
  assert.equal((await answered).code, Response.OK);
});

for (const route of ['raw', 'content'] as const)
  void test(`a count beyond what was sent is not believed, and what comes next is a command: ${route}`, async () => {
    const { transport, timers, [route]: driver } = setUp([], route);
    driver.answers.push({ context: 'c' }, { written: 51 });
    const parts = [encodeDataHeader(Operation.SendObject, 1, 100), filled(50)];
    await transport.write(command(Operation.SendObject, 1), { ...LAST, reads: 'none' });
    assert.equal(await kind(transport.write(parts, { last: false, limitMs: 1_000 })), 'confused');
    await timers.pass(0);
    assert.equal(driver.calls.at(-1)?.call, 'end', 'the phase is ended');
    await transport.write(command(Operation.DeleteObject, 2, 3), LAST);
    assert.equal((await take(transport)).code, Response.OK);
    assert.deepEqual(driver.calls.at(-1), { call: 'execute', args: [Operation.DeleteObject, [3]] });
    assert.deepEqual(driver.written, []);
  });

void test('a count beyond what was read from the content interface is not believed', async () => {
  const { transport, content } = setUp([], 'content');
  content.answers.push({ context: 'c', total: 10 }, { bytes: filled(11) });
  await transport.write(command(Operation.GetObject, 1, 3), LAST);
  assert.equal(await kind(take(transport)), 'confused');
  assert.equal(content.calls.at(-1)?.call, 'end');
});

void test('a standard operation that the driver blocks goes through the content interface from then on', async () => {
  const { transport, raw, content } = setUp();
  raw.answers.push({ hresult: Hresult.notSupported });
  await transport.write(command(Operation.DeleteObject, 1, 3), LAST);
  assert.equal((await take(transport)).code, Response.OK);
  await transport.write(command(Operation.DeleteObject, 2, 4), LAST);
  await take(transport);
  assert.deepEqual([raw.calls.length, content.calls.length], [1, 2]);
});

void test('an operation of Android’s own that the driver blocks is one the phone does not have', async () => {
  const { transport, raw, content } = setUp();
  raw.answers.push({ hresult: Hresult.notImplemented });
  await transport.write(command(Operation.BeginEditObject, 1, 3), LAST);
  assert.equal((await take(transport)).code, Response.OperationNotSupported);
  assert.deepEqual(content.calls, []);
});

void test('DeviceInfo is told without what does not get through', async () => {
  const { transport, raw } = setUp([Operation.SendPartialObject]);
  raw.data = encodeDeviceInfo({
    standardVersion: 100,
    vendorExtensionId: 6,
    vendorExtensionVersion: 100,
    vendorExtensions: 'android.com: 1.0;',
    functionalMode: 0,
    operations: [Operation.GetDeviceInfo, Operation.SendPartialObject, Operation.GetPartialObject64],
    events: [],
    deviceProps: [],
    captureFormats: [],
    playbackFormats: [],
    manufacturer: 'Maker',
    model: 'Model',
    deviceVersion: '1',
    serial: 'ABC',
  });
  await transport.write(command(Operation.GetDeviceInfo, 1), LAST);
  const info = decodeDeviceInfo((await take(transport)).payload);
  assert.deepEqual(info.operations, [Operation.GetDeviceInfo, Operation.GetPartialObject64]);
  assert.deepEqual([info.manufacturer, info.serial], ['Maker', 'ABC']);
});

void test('Cancel ends the phase at the next chunk, and nothing of it stays', async () => {
  const { transport, raw, timers } = setUp();
  raw.data = filled(3 << 20);
  await transport.write(command(Operation.GetObject, 1, 3), LAST);
  await transport.read(1 << 20, LIMIT);
  await transport.classRequestOut(ClassRequest.Cancel, new Uint8Array(6), LIMIT);
  assert.equal(raw.calls.at(-1)?.call, 'end');
  assert.ok(raw.calls.length < 8, 'long before the end of the data');
  const quiet = kind(transport.read(32, { limitMs: 300 }));
  await timers.pass(300);
  assert.equal(await quiet, 'silent');
  const status = await transport.classRequestIn(ClassRequest.GetDeviceStatus, 32, LIMIT);
  assert.equal(new DataView(status.buffer).getUint16(2, true), Response.OK);

  await transport.write(command(Operation.SendObject, 2), { ...LAST, reads: 'none' });
  await transport.write([encodeDataHeader(Operation.SendObject, 2, 1000), filled(500)], {
    last: false,
    limitMs: 1_000,
  });
  await transport.classRequestOut(ClassRequest.Cancel, new Uint8Array(6), LIMIT);
  assert.equal(raw.calls.at(-1)?.call, 'end');
  await transport.write(command(Operation.DeleteObject, 3, 1), LAST);
  assert.equal((await take(transport)).code, Response.OK);
});

void test('a device that is gone ends everything with one cause, whichever call meets it', async () => {
  const { transport, raw, closed } = setUp();
  raw.answers.push({ hresult: Hresult.notConnected });
  await transport.write(command(Operation.GetStorageIDs, 1), LAST);
  assert.equal(await kind(transport.read(32, LIMIT)), 'disconnected');
  assert.equal((await transport.closed).kind, 'disconnected');
  assert.equal(await kind(transport.write(command(Operation.GetStorageIDs, 2), LAST)), 'disconnected');
  assert.deepEqual(closed, [true]);
});

void test('events that come before anybody listens are kept', () => {
  const { transport } = setUp();
  const seen: number[] = [];
  transport.hear(Uint8Array.of(1));
  const stop = transport.onInterrupt((packet) => seen.push(packet[0] ?? 0));
  transport.hear(Uint8Array.of(2));
  stop();
  transport.hear(Uint8Array.of(3));
  assert.deepEqual(seen, [1, 2]);
});

void test('a read whose limit runs out loses nothing', async () => {
  const { transport, raw, timers } = setUp();
  raw.answers.push({ hresult: Hresult.busy }, { code: 0x2001 });
  await transport.write(command(Operation.DeleteObject, 1, 3), LAST);
  const early = kind(transport.read(32, { limitMs: 10 }));
  await timers.pass(10);
  assert.equal(await early, 'silent');
  const later = take(transport);
  await timers.pass(50);
  assert.equal((await later).code, Response.OK);
});

/** A driver whose calls do not come back until a test says so. */
function hanging() {
  const it = setUp();
  const { promise, resolve } = Promise.withResolvers<{ hresult: number }>();
  it.raw.execute = () => promise;
  it.raw.write = () => promise;
  return { ...it, comeBack: resolve };
}

void test('a call that does not come back is told as silent, and interrupted when it is cancelled', async () => {
  const { transport, timers, hangs, comeBack } = hanging();
  await transport.write(command(Operation.DeleteObject, 5, 42), LAST);
  const silent = kind(transport.read(32, LIMIT));
  await timers.pass(1_000);
  assert.equal(await silent, 'silent');
  assert.deepEqual(hangs, [], 'its limit is the session’s: a later read may still get the answer');
  const cancelled = transport.classRequestOut(ClassRequest.Cancel, new Uint8Array(6), { limitMs: 5_000 });
  await timers.pass(499);
  assert.deepEqual(hangs, []);
  await timers.pass(1);
  assert.deepEqual(hangs, ['interrupt']);
  comeBack({ hresult: 0x8007_04c7 });
  await cancelled;
  await transport.close();
  assert.deepEqual(hangs, ['interrupt'], 'the device is let go in peace');
});

void test('closing while a call hangs: interrupted, and given up after two seconds', async () => {
  const { transport, timers, hangs, closed } = hanging();
  await transport.write(command(Operation.DeleteObject, 5, 42), LAST);
  const ended = transport.close();
  await timers.pass(1_999);
  assert.deepEqual([hangs, closed], [['interrupt'], []]);
  await timers.pass(1);
  await ended;
  assert.deepEqual([hangs, closed], [['interrupt', 'stuck'], []]);
});

void test('a chunk that hangs on its way to the phone holds the device as well', async () => {
  const { transport, timers, hangs, closed, comeBack } = hanging();
  await transport.write(command(Operation.SendObject, 5), LAST);
  const parts = [encodeDataHeader(Operation.SendObject, 5, 100), filled(100)];
  const writing = kind(transport.write(parts, LAST));
  await timers.pass(1_000);
  assert.equal(await writing, 'silent');
  const ended = transport.close();
  await timers.pass(600);
  assert.deepEqual([hangs, closed], [['interrupt'], []]);
  comeBack({ hresult: 0x8007_04c7 });
  await timers.pass(0);
  await ended;
  assert.deepEqual([hangs, closed], [['interrupt'], [false]]);
});
