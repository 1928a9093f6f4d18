import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fail, isPhoneError, type PhoneErrorKind } from '../../../shared/errors.ts';
import { Source } from './data-out.ts';
import { ScriptedTransport, type ScriptedPhone } from '../../../tests/support/scripted-transport.ts';
import { NO_TRAITS, type TransactionRequest } from './transaction-request.ts';
import { Session } from './session.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
const u32 = (value: number): string => Buffer.from(new Uint32Array([value]).buffer).toString('hex');
const u16 = (value: number): string => u32(value).slice(0, 4);

interface Command {
  readonly operation: number;
  readonly id: number;
  readonly parameters: readonly number[];
}
const commandIn = (bytes: Uint8Array): Command | undefined => {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 12 || bytes.byteLength > 32 || words.getUint16(4, true) !== 1) return undefined;
  return {
    operation: words.getUint16(6, true),
    id: words.getUint32(8, true),
    parameters: Array.from({ length: (bytes.byteLength - 12) / 4 }, (_, index) =>
      words.getUint32(12 + index * 4, true),
    ),
  };
};
const response = (id: number, code = 0x2001, ...parameters: readonly number[]): Uint8Array =>
  hex(u32(12 + parameters.length * 4) + u16(3) + u16(code) + u32(id) + parameters.map(u32).join(''));
const data = (id: number, operation: number, payload: string): Uint8Array =>
  hex(u32(12 + hex(payload).length) + u16(2) + u16(operation) + u32(id) + payload);

const rejectsWith = async (promise: Promise<unknown>, kind: PhoneErrorKind): Promise<void> => {
  await assert.rejects(promise, (error) => {
    assert.ok(isPhoneError(error), String(error));
    assert.equal(error.kind, kind, error.message);
    return true;
  });
};

/** A phone that says OK to everything; `on` answers single operations itself. */
function phone(
  on: Readonly<Record<number, (command: Command, cable: ScriptedTransport) => void | Promise<void>>> = {},
): ScriptedPhone {
  return async (written, cable) => {
    const command = commandIn(written);
    if (command === undefined) return;
    const answer = on[command.operation];
    if (answer === undefined) cable.send(response(command.id));
    else await answer(command, cable);
  };
}
const opened = async (cable: ScriptedTransport, traits = NO_TRAITS): Promise<Session> => {
  const session = new Session(cable, cable, traits);
  await session.open();
  return session;
};
const HANDLES: TransactionRequest = { operation: 0x1007, parameters: [1, 0, 0xffffffff] };

describe('opening', () => {
  test('listens first, then opens with transaction id 0 and session 1; the first id inside is 1', async () => {
    const commands: Command[] = [];
    const cable = new ScriptedTransport((written, self) => {
      const command = commandIn(written);
      assert.ok(command);
      commands.push(command);
      self.send(response(command.id));
    });
    const session = await opened(cable);
    assert.equal(cable.log[0], 'silent 10');
    await session.transact(HANDLES);
    assert.deepEqual(commands, [
      { operation: 0x1002, id: 0, parameters: [1] },
      { operation: 0x1007, id: 1, parameters: [1, 0, 0xffffffff] },
    ]);
  });

  test('a stale response that waits in the pipe is read away before the first command', async () => {
    const cable = new ScriptedTransport(phone());
    cable.send(response(77, 0x2002));
    await opened(cable);
    assert.deepEqual(cable.log.slice(0, 3), ['silent 10', 'silent 300', 'write 16']);
  });

  test('one that comes after the first look is skipped', async () => {
    const asked: number[] = [];
    const cable = new ScriptedTransport(
      phone({
        0x1002: (command, self) => {
          asked.push(command.operation);
          self.send(response(77, 0x2002));
          self.send(response(command.id));
        },
      }),
    );
    await opened(cable);
    assert.deepEqual(asked, [0x1002]);
    assert.deepEqual(cable.log, ['silent 10', 'write 16']);
  });

  test('a phone that takes no command while it sends for an earlier owner is read empty before the next attempt', async () => {
    let pending = 3;
    const cable: ScriptedTransport = new ScriptedTransport(
      phone({
        0x1002: (command, self) => {
          if (pending > 0) {
            // too late for the first look, and in the way of every command
            for (; pending > 0; pending -= 1) self.send(new Uint8Array(512).fill(0x41), false);
            throw fail('silent', 'OpenSession', 'nothing taken');
          }
          self.send(response(command.id));
        },
      }),
    );
    await opened(cable);
    assert.deepEqual(cable.log, ['silent 10', 'write 16', 'sleep 1000', 'silent 100', 'silent 300', 'write 16']);
  });

  test('data that still flows after the first look is read away, and the session is opened again', async () => {
    let count = 0;
    const cable = new ScriptedTransport(
      phone({
        0x1002: (command, self) => {
          count += 1;
          if (count === 1) for (let piece = 0; piece < 5; piece += 1) self.send(new Uint8Array(512).fill(0x41), false);
          self.send(response(command.id, count === 1 ? 0x2001 : 0x201e));
        },
      }),
    );
    const session = await opened(cable, { ...NO_TRAITS, keepSession: true });
    assert.equal((await session.transact(HANDLES)).code, 0x2001);
    assert.equal(count, 2);
  });

  test('after a failure the phone gets more time before the first command', async () => {
    const cable = new ScriptedTransport(phone());
    await new Session(cable, cable, NO_TRAITS).open([], true);
    assert.deepEqual(cable.log, ['silent 100', 'write 16']);
  });

  test('a session that is already open is closed and opened once', async () => {
    const asked: number[] = [];
    let open = true;
    const cable = new ScriptedTransport((written, self) => {
      const command = commandIn(written);
      assert.ok(command);
      asked.push(command.operation);
      if (command.operation === 0x1002) {
        self.send(open ? response(command.id, 0x201e, 1) : response(command.id));
        open = true;
      } else {
        open = false;
        self.send(response(command.id));
      }
    });
    await opened(cable);
    assert.deepEqual(asked, [0x1002, 0x1003, 0x1002]);
  });

  test('a session that is already open is kept where closing it would end MTP mode', async () => {
    const asked: number[] = [];
    const cable = new ScriptedTransport((written, self) => {
      const command = commandIn(written);
      assert.ok(command);
      asked.push(command.operation);
      self.send(response(command.id, command.operation === 0x1002 ? 0x201e : 0x2001));
    });
    const session = await opened(cable, { ...NO_TRAITS, keepSession: true });
    await session.close();
    assert.deepEqual(asked, [0x1002]);
  });

  test('a phone that took OpenSession for the end of its data gets it again at once', async () => {
    let count = 0;
    const cable = new ScriptedTransport(
      phone({
        0x1002: (command, self) => {
          count += 1;
          self.send(response(count === 1 ? 41 : command.id, count === 1 ? 0x2002 : 0x2001));
        },
      }),
    );
    await opened(cable);
    assert.equal(count, 2);
    assert.ok(!cable.log.some((line) => line.startsWith('sleep')), 'no pause was needed');
  });

  test('a silent phone is tried three times with growing pauses, then "silent"', async () => {
    const cable = new ScriptedTransport(phone({ 0x1002: () => undefined }));
    await rejectsWith(opened(cable), 'silent');
    assert.deepEqual(
      cable.log.filter((line) => !line.startsWith('silent')),
      ['write 16', 'sleep 1000', 'write 16', 'sleep 2000', 'write 16'],
    );
  });

  test('on a step of the recovery ladder, which has its own pauses, it is asked once', async () => {
    const cable = new ScriptedTransport(phone({ 0x1002: () => undefined }));
    const session = new Session(cable, cable, NO_TRAITS);
    await rejectsWith(session.open([], true), 'silent');
    assert.deepEqual(
      cable.log.filter((line) => !line.startsWith('silent')),
      ['write 16'],
    );
  });

  test('data that never stops is "confused", after a bounded time', async () => {
    const cable = new ScriptedTransport(phone());
    for (let index = 0; index < 5000; index += 1) cable.send(new Uint8Array(1));
    await rejectsWith(opened(cable), 'confused');
  });

  test('an unplug while it opens is "disconnected"', async () => {
    const cable = new ScriptedTransport((_, self) => self.unplug());
    await rejectsWith(opened(cable), 'disconnected');
  });
});

describe('turns', () => {
  test('browse goes before bulk at every transaction boundary', async () => {
    const order: number[] = [];
    const cable = new ScriptedTransport(phone());
    const session = await opened(cable);
    const ask = (operation: number, priority: 'browse' | 'bulk'): Promise<void> =>
      session.transact({ operation }, { priority }).then(() => void order.push(operation));
    await Promise.all([ask(0x9001, 'bulk'), ask(0x9002, 'bulk'), ask(0x9003, 'browse'), ask(0x9004, 'bulk')]);
    assert.deepEqual(order, [0x9001, 0x9003, 0x9002, 0x9004]);
  });

  test('a listing, one transaction after the other, is not interrupted by what waits in bulk', async () => {
    const order: number[] = [];
    const session = await opened(new ScriptedTransport(phone()));
    const ask = (operation: number, priority?: 'browse'): Promise<void> =>
      session.transact({ operation }, priority && { priority }).then(() => void order.push(operation));
    const listing = async (): Promise<void> => {
      for (const operation of [0x9001, 0x9002, 0x9003]) await ask(operation, 'browse');
    };
    // without a word a call is bulk
    await Promise.all([ask(0x9011), ask(0x9012), listing(), ask(0x9013)]);
    assert.deepEqual(order, [0x9011, 0x9001, 0x9002, 0x9003, 0x9012, 0x9013]);
  });

  for (const [bulk, each, expected] of [
    ['chunks', 400, 'WlllllWWlllllWWlllll'],
    ['small files', 100, 'WlllllWWWWWlllllWWWWW'],
  ] as const)
    test(`a listing without end leaves bulk half a second after each second: ${bulk}`, async () => {
      const after = async (ms: number, { id }: Command, self: ScriptedTransport): Promise<void> => {
        await self.sleep(ms);
        self.send(response(id));
      };
      const cable = new ScriptedTransport(
        phone({
          0x9001: (command, self) => after(200, command, self),
          0x9002: (command, self) => after(each, command, self),
        }),
      );
      const session = await opened(cable);
      let turns = '';
      const ask = async (operation: number, priority: 'browse' | 'bulk', letter: string): Promise<void> => {
        await session.transact({ operation }, { priority });
        turns += letter;
      };
      const listing = async (): Promise<void> => {
        for (let count = 0; count < 40; count += 1) await ask(0x9001, 'browse', 'l');
      };
      const work = Array.from({ length: 20 }, () => ask(0x9002, 'bulk', 'W'));
      await Promise.all([listing(), ...work]);
      assert.equal(turns.slice(0, expected.length), expected);
    });

  test('nothing comes between the transactions of one turn', async () => {
    const asked: number[] = [];
    const cable = new ScriptedTransport((written, self) => {
      const command = commandIn(written);
      assert.ok(command);
      asked.push(command.operation);
      self.send(response(command.id));
    });
    const session = await opened(cable);
    const turn = session.turn({ priority: 'bulk' }, async (transact) => {
      await transact({ operation: 0x9001 });
      await Promise.resolve();
      await transact({ operation: 0x9002 });
    });
    await Promise.all([turn, session.transact({ operation: 0x9003 }, { priority: 'browse' })]);
    assert.deepEqual(asked, [0x1002, 0x9001, 0x9002, 0x9003]);
  });

  test('who asks for it is told how long a turn held the phone, without the wait for it', async () => {
    const after = async (ms: number, { id }: Command, self: ScriptedTransport, code = 0x2001): Promise<void> => {
      await self.sleep(ms);
      self.send(response(id, code));
    };
    const session = await opened(
      new ScriptedTransport(
        phone({
          0x9001: (command, self) => after(400, command, self),
          0x9002: (command, self) => after(30, command, self),
          0x9003: (command, self) => after(50, command, self, 0x2002),
          0x9004: (_, self) => self.unplug(),
        }),
      ),
    );
    const held: number[] = [];
    const onTurn = (milliseconds: number): void => void held.push(milliseconds);
    const told = [0x9002, 0x9003].map((operation) => session.transact({ operation }, { onTurn }));
    await Promise.all([session.transact({ operation: 0x9001 }), ...told]);
    assert.deepEqual(held, [30, 50], 'a refusal takes its time, too');
    await rejectsWith(session.transact({ operation: 0x9004 }, { onTurn }), 'disconnected');
    assert.equal(held.length, 3);
  });

  test('an aborted call is rejected when its turn comes, and sends nothing', async () => {
    const cable = new ScriptedTransport(phone());
    const session = await opened(cable);
    const signal = { aborted: false };
    const first = session.transact(HANDLES);
    const second = session.transact(HANDLES, { signal });
    signal.aborted = true;
    await first;
    const written = cable.log.length;
    await rejectsWith(second, 'cancelled');
    assert.equal(cable.log.length, written);
  });

  test('a dying cable rejects everything queued with its one cause', async () => {
    const cable = new ScriptedTransport(phone({ 0x9001: (_, self) => self.unplug() }));
    const session = await opened(cable);
    const calls = [0x9001, 0x9002, 0x9003].map((operation) => session.transact({ operation }));
    for (const call of calls) await rejectsWith(call, 'disconnected');
    assert.equal((await session.closed).kind, 'disconnected');
    await rejectsWith(session.transact({ operation: 0x9004 }), 'disconnected');
  });

  test('ids are consecutive', async () => {
    const ids: number[] = [];
    const cable = new ScriptedTransport((written, self) => {
      const command = commandIn(written);
      assert.ok(command);
      ids.push(command.id);
      self.send(response(command.id));
    });
    const session = await opened(cable);
    for (let index = 0; index < 3; index += 1) await session.transact(HANDLES);
    assert.deepEqual(ids, [0, 1, 2, 3]);
  });
});

describe('silence, stalls and what is left on the wire', () => {
  test('a transaction that got no answer leaves a drain, which is paid before the next command', async () => {
    let quiet = true;
    const cable = new ScriptedTransport(
      phone({
        0x1007: (command, self) => {
          if (!quiet) self.send(response(command.id));
        },
      }),
    );
    const session = await opened(cable);
    await rejectsWith(session.transact(HANDLES), 'silent');
    quiet = false;
    cable.send(response(1, 0x2002));
    cable.log.length = 0;
    assert.equal((await session.transact(HANDLES)).code, 0x2001);
    assert.deepEqual(cable.log, ['silent 300', 'write 24']);
  });

  test('a stall: the status is asked for with 32 bytes, both endpoints are cleared, the session goes on', async () => {
    const cable = new ScriptedTransport(phone({ 0x1009: (_, self) => self.sendError(fail('stalled', 'read')) }));
    cable.onControl = () => hex('0c00 1f20 81000000 01000000');
    const session = await opened(cable);
    await assert.rejects(session.transact({ operation: 0x1009 }), (error) => {
      assert.ok(isPhoneError(error));
      assert.equal(error.kind, 'stalled');
      assert.equal(error.problem.operation, 'GetObject');
      assert.equal(error.problem.code, 0x201f);
      return true;
    });
    assert.deepEqual(cable.log.slice(-3), ['class request 0x67 of 32', 'clear in', 'clear out']);
    assert.equal((await session.transact(HANDLES)).code, 0x2001);
  });

  test('each kind of operation has its own patience', async () => {
    const silences: Record<string, readonly string[]> = {};
    for (const [name, operation] of [
      ['control', 0x1005],
      ['listing', 0x1007],
      ['reading', 0x95c1],
      ['writing', 0x95c2],
    ] as const) {
      const cable = new ScriptedTransport(phone({ [operation]: () => undefined }));
      const session = await opened(cable);
      cable.log.length = 0;
      await rejectsWith(session.transact({ operation }), 'silent');
      silences[name] = cable.log.filter((line) => line.startsWith('silent'));
    }
    assert.deepEqual(silences, {
      control: ['silent 15000'],
      listing: ['silent 60000'],
      reading: ['silent 30000'],
      writing: ['silent 60000'],
    });
  });

  test('nonsense in an answer is "confused" and leaves a drain', async () => {
    const cable = new ScriptedTransport(phone({ 0x1007: (_, self) => self.send(hex('ffffffff ffff ffff ffffffff')) }));
    const session = await opened(cable);
    await rejectsWith(session.transact(HANDLES), 'confused');
    cable.log.length = 0;
    await session.transact({ operation: 0x9001 });
    assert.equal(cable.log[0], 'silent 300');
  });

  test('no Cancel and no Reset is ever sent to an idle or silent phone', async () => {
    const cable = new ScriptedTransport(phone({ 0x1007: () => undefined }));
    const session = await opened(cable);
    await rejectsWith(session.transact(HANDLES), 'silent');
    await session.close();
    assert.ok(
      !cable.log.some((line) => line.startsWith('class request 0x64') || line.startsWith('class request 0x66')),
    );
  });
});

describe('incoming data', () => {
  const read = (onPiece: (bytes: Uint8Array) => void | Promise<void>): TransactionRequest => ({
    operation: 0x95c1,
    data: { kind: 'in', expected: 4, most: 4, onPiece },
  });

  test('pieces are delivered one after the other, each after the promise of the one before', async () => {
    const cable = new ScriptedTransport(
      phone({
        0x95c1: (command, self) => {
          self.send(data(command.id, 0x95c1, 'aabbccdd').subarray(0, 14), false);
          self.send(data(command.id, 0x95c1, 'aabbccdd').subarray(14));
          self.send(response(command.id, 0x2001, 4));
        },
      }),
    );
    const session = await opened(cable);
    const seen: string[] = [];
    const reply = await session.transact(
      read(async (bytes) => {
        seen.push(`begin ${bytes.byteLength}`);
        await Promise.resolve();
        seen.push('end');
      }),
    );
    assert.deepEqual(seen, ['begin 2', 'end', 'begin 2', 'end']);
    assert.deepEqual([reply.received, reply.parameters], [4, [4]]);
  });

  test('a consumer that fails gets its own error back, after the transaction has ended in step', async () => {
    const cable = new ScriptedTransport(
      phone({
        0x95c1: (command, self) => {
          self.send(data(command.id, 0x95c1, 'aabbccdd'));
          self.send(response(command.id));
        },
      }),
    );
    const session = await opened(cable);
    await assert.rejects(session.transact(read(() => Promise.reject(new Error('disk')))), /disk/);
    cable.log.length = 0;
    await session.transact(HANDLES);
    assert.deepEqual(cable.log, ['write 24'], 'nothing to drain');
  });
});

describe('outgoing data', () => {
  const send = (bytes: Uint8Array): TransactionRequest => ({ operation: 0x95c2, data: { kind: 'bytes', bytes } });
  /** Collects the data phases; answers OK when one has ended. */
  const collector = (sink: { bytes: Uint8Array; last: boolean }[], code = 0x2001): ScriptedPhone => {
    let id = 0;
    return (written, cable, last) => {
      const command = commandIn(written);
      if (command !== undefined && (id === 0 || sink.at(-1)?.last !== false)) {
        id = command.id;
        if (command.operation !== 0x95c2 && command.operation !== 0x100d) cable.send(response(id));
        return;
      }
      sink.push({ bytes: written, last });
      if (last) cable.send(response(id, code));
    };
  };
  const bytesOf = (sink: readonly { bytes: Uint8Array }[]): Buffer => Buffer.concat(sink.map((each) => each.bytes));

  test('header and payload travel in one write', async () => {
    const sink: { bytes: Uint8Array; last: boolean }[] = [];
    const session = await opened(new ScriptedTransport(collector(sink)));
    await session.transact(send(hex('aabbccdd')));
    assert.deepEqual(bytesOf(sink), Buffer.from(hex('10000000 0200 c295 01000000 aabbccdd')));
    assert.equal(sink.length, 1);
  });

  test('the header goes alone where the device wants it so', async () => {
    const sink: { bytes: Uint8Array; last: boolean }[] = [];
    const cable = new ScriptedTransport(phoneThatSplits(sink));
    const session = await opened(cable, { ...NO_TRAITS, splitHeader: true });
    await session.transact(send(hex('aabbccdd')));
    assert.deepEqual(
      sink.map((each) => each.bytes.byteLength),
      [12, 4],
    );
  });
  const phoneThatSplits = (sink: { bytes: Uint8Array; last: boolean }[]): ScriptedPhone => {
    let id = 0;
    return (written, cable, last) => {
      const command = commandIn(written);
      if (command !== undefined) {
        id = command.id;
        if (command.operation === 0x1002) cable.send(response(id));
        return;
      }
      sink.push({ bytes: written, last });
      if (sink.length === 2) cable.send(response(id));
    };
  };

  test('an answer before the data was taken is read at that moment, and the session stays', async () => {
    const cable = new ScriptedTransport((written, self) => {
      const command = commandIn(written);
      if (command === undefined) throw fail('silent', 'write');
      self.send(response(command.id, command.operation === 0x95c2 ? 0x2002 : 0x2001));
    });
    const session = await opened(cable);
    const reply = await session.transact(send(new Uint8Array(4)));
    assert.deepEqual([reply.code, reply.early], [0x2002, true]);
    assert.equal((await session.transact(HANDLES)).code, 0x2001);
  });

  test('a phone that takes no data and gives no answer ends the session: it would take the next command for data', async () => {
    const cable = new ScriptedTransport((written, self) => {
      const command = commandIn(written);
      if (command === undefined) throw fail('silent', 'write');
      if (command.operation === 0x1002) self.send(response(command.id));
    });
    const session = await opened(cable);
    await rejectsWith(session.transact(send(new Uint8Array(4))), 'silent');
    assert.equal((await session.closed).kind, 'silent');
    await rejectsWith(session.transact(HANDLES), 'silent');
  });

  test('a disk that is full: both endpoints stall, no response follows, the session goes on', async () => {
    const cable = new ScriptedTransport((written, self) => {
      const command = commandIn(written);
      if (command === undefined) throw fail('stalled', 'write');
      if (command.operation !== 0x95c2) self.send(response(command.id));
    });
    cable.onControl = () => hex('0c00 1f20 81000000 01000000');
    const session = await opened(cable);
    await rejectsWith(session.transact(send(new Uint8Array(4))), 'stalled');
    assert.equal((await session.transact(HANDLES)).code, 0x2001);
  });

  const upload = (pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, size: number): TransactionRequest => ({
    operation: 0x100d,
    data: { kind: 'source', source: new Source(pieces, size) },
  });

  for (const sizes of [
    [1],
    [500],
    [512],
    [500, 500],
    [1024, 1024, 1024],
    [1, 1, 1],
    [100, 700, 3, 2048],
    [512, 12, 500],
  ])
    test(`pieces of ${sizes.join(', ')} bytes: every write but the last is whole packets, nothing is lost`, async () => {
      const sink: { bytes: Uint8Array; last: boolean }[] = [];
      const session = await opened(new ScriptedTransport(collector(sink)));
      const pieces = sizes.map((size, index) => new Uint8Array(size).fill(index + 1));
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const reply = await session.transact(upload(pieces, total));
      assert.equal(reply.code, 0x2001);
      assert.deepEqual(bytesOf(sink).subarray(12), Buffer.concat(pieces));
      assert.deepEqual(
        sink.map((each) => each.last),
        sink.map((_, index) => index === sink.length - 1),
      );
    });

  test('an empty file is the bare header', async () => {
    const sink: { bytes: Uint8Array; last: boolean }[] = [];
    const cable = new ScriptedTransport(phoneOfEmpty(sink));
    const session = await opened(cable);
    await session.transact(upload([], 0));
    assert.deepEqual(bytesOf(sink), Buffer.from(hex('0c000000 0200 0d10 01000000')));
  });
  const phoneOfEmpty = (sink: { bytes: Uint8Array; last: boolean }[]): ScriptedPhone => {
    let id = 0;
    return (written, cable, last) => {
      const command = commandIn(written);
      if (command !== undefined) {
        id = command.id;
        if (command.operation === 0x1002) cable.send(response(id));
        return;
      }
      sink.push({ bytes: written, last });
      cable.send(response(id));
    };
  };

  test('a source that fails in the middle is cancelled inside the data phase; its own error comes out', async () => {
    const cancels: string[] = [];
    const cable = new ScriptedTransport(
      phone({ 0x100d: () => undefined, 0x1001: (command, self) => self.send(response(command.id)) }),
    );
    cable.onControl = (request, bytes) => {
      if (request === 0x64) cancels.push(Buffer.from(bytes ?? []).toString('hex'));
      return hex('0400 0120');
    };
    const session = await opened(cable);
    const pieces = (function* () {
      yield new Uint8Array(64 * 1024 + 100);
      throw new Error('disk');
    })();
    await rejectsWith(session.transact(upload(pieces, 500_000)), 'source-unreadable');
    assert.deepEqual(cancels, ['014001000000']);
    assert.deepEqual(
      cable.log.filter((line) => line.startsWith('write') || line.startsWith('class')),
      [
        'write 16',
        'write 12',
        'write 65536 and more',
        'write 512 and more',
        'class request 0x64',
        'class request 0x67 of 32',
        'write 12',
      ],
      'command, what was there, one packet of padding, Cancel, a question that proves the phone listens',
    );
  });

  test('a source that fails where class requests are not taken: the phase is ended short and answered', async () => {
    let id = 0;
    const cable = new ScriptedTransport((written, self, last) => {
      const command = commandIn(written);
      if (command !== undefined) {
        id = command.id;
        if (command.operation !== 0x100d) self.send(response(id));
      } else if (last) self.send(response(id, 0x2002));
    });
    const session = await opened(cable);
    await rejectsWith(session.transact(upload([new Uint8Array(70_000)], 500_000)), 'source-changed');
    assert.equal((await session.transact(HANDLES)).code, 0x2001);
  });

  test('a source that goes on after its promised end is noticed before the last packet', async () => {
    const cable = new ScriptedTransport(phone({ 0x100d: () => undefined }));
    cable.onControl = () => hex('0400 0120');
    const session = await opened(cable);
    const pieces = [new Uint8Array(100_000), new Uint8Array(10), new Uint8Array(1)];
    await rejectsWith(session.transact(upload(pieces, 100_010)), 'source-changed');
    assert.ok(
      !cable.log.some((line) => line.startsWith('write 4') || line === 'write 122'),
      'the file was never completed',
    );
    assert.ok(cable.log.includes('class request 0x64'));
  });

  for (const [name, pieces, kind] of [
    ['that throws at once', () => [undefined], 'source-unreadable'],
    ['that throws within its first pieces', () => [100, 100, undefined], 'source-unreadable'],
    ['of a small file that ends early', () => [100], 'source-changed'],
    ['of a small file that goes on', () => [100, 200], 'source-changed'],
  ] as const)
    test(`a source ${name} is refused before anything is announced`, async () => {
      const given = (function* () {
        for (const size of pieces()) {
          if (size === undefined) throw new Error('disk');
          yield new Uint8Array(size);
        }
      })();
      await rejectsWith(new Source(given, 250).ready(), kind);
    });
});

describe('closing', () => {
  test('says goodbye and lets go; a second close is nothing', async () => {
    const asked: number[] = [];
    const cable = new ScriptedTransport((written, self) => {
      const command = commandIn(written);
      if (command === undefined) return;
      asked.push(command.operation);
      self.send(response(command.id));
    });
    const session = await opened(cable);
    await session.close();
    await session.close();
    assert.deepEqual(asked, [0x1002, 0x1003]);
    assert.equal((await session.closed).kind, 'disconnected');
  });
});
