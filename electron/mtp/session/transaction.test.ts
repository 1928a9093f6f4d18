import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isPhoneError } from '../../../shared/errors.ts';
import type { Piece } from '../ports.ts';
import { Transaction, transactionIdAfter, type DataPhase } from './transaction.ts';

/** Bytes written out by hand: hex digits, blanks ignored. */
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
const transfer = (text: string): Piece => ({ bytes: hex(text), short: true });
const full = (text: string): Piece => ({ bytes: hex(text), short: false });
const EMPTY: Piece = { bytes: new Uint8Array(0), short: true };
const NONE = new Uint8Array(0);

const GET_PARTIAL = 0x95c1;
const into: DataPhase = { kind: 'in', expected: undefined, most: 1024 };
const exactly = (expected: number): DataPhase => ({ kind: 'in', expected, most: 1024 });

function begin(data: DataPhase, more: { readonly anyId?: boolean; readonly surplus?: Uint8Array } = {}): Transaction {
  const transaction = new Transaction({
    operation: GET_PARTIAL,
    transactionId: 7,
    parameters: [],
    data,
    anyId: more.anyId ?? false,
    surplus: more.surplus ?? NONE,
  });
  transaction.commandSent();
  if (data.kind === 'out') transaction.dataSent();
  return transaction;
}

const payloadOf = (transaction: Transaction, pieces: readonly Piece[]): string => {
  const parts: Uint8Array[] = [...transaction.begin()];
  for (const piece of pieces) parts.push(...transaction.feed(piece));
  return Buffer.concat(parts).toString('hex');
};
const confused = (work: () => unknown): void => {
  assert.throws(work, (error) => isPhoneError(error) && error.kind === 'confused');
};

// length 12, type 3, code 0x2001, transaction 7
const OK = '0c000000 0300 0120 07000000';
// length 16 (4 bytes of payload), type 2, code 0x95C1, transaction 7
const DATA4 = '10000000 0200 c195 07000000 aabbccdd';

describe('commands', () => {
  test('are 12 bytes and four for each parameter', () => {
    const transaction = new Transaction({
      operation: 0x1007,
      transactionId: 0x01020304,
      parameters: [0x00010001, 0, 0xffffffff],
      data: { kind: 'none' },
      anyId: false,
      surplus: NONE,
    });
    assert.deepEqual(transaction.command, hex('18000000 0100 0710 04030201 01000100 00000000 ffffffff'));
    assert.equal(transaction.dataHeader, undefined);
  });
  test('outgoing data gets a header with its whole length', () => {
    const transaction = new Transaction({
      operation: 0x95c2,
      transactionId: 7,
      parameters: [],
      data: { kind: 'out', size: 8 * 1024 * 1024 },
      anyId: false,
      surplus: NONE,
    });
    assert.deepEqual(transaction.dataHeader, hex('0c008000 0200 c295 07000000'));
  });
  for (const [size, length] of [
    [0xffffffff - 13, 'feffffff'],
    [0xffffffff - 12, 'ffffffff'],
    [2 ** 32 + 5, 'ffffffff'],
  ] as const)
    test(`a payload of ${size} bytes is announced as ${length}`, () => {
      const data: DataPhase = { kind: 'out', size };
      const transaction = new Transaction({
        operation: 0x100d,
        transactionId: 7,
        parameters: [],
        data,
        anyId: false,
        surplus: NONE,
      });
      assert.deepEqual(transaction.dataHeader, hex(`${length} 0200 0d10 07000000`));
    });
});

test('ids wrap to 1 and never become 0 or 0xFFFFFFFF', () => {
  assert.deepEqual([1, 0xfffffffd, 0xfffffffe].map(transactionIdAfter), [2, 0xfffffffe, 1]);
});

describe('framing', () => {
  interface Case {
    readonly name: string;
    readonly data: DataPhase;
    readonly pieces: readonly Piece[];
    readonly payload: string;
    readonly code?: number;
    readonly parameters?: readonly number[];
    readonly cut?: true;
    readonly surplus?: string;
    readonly anyId?: true;
    readonly before?: string;
  }
  const cases: readonly Case[] = [
    { name: 'a response alone', data: { kind: 'none' }, pieces: [transfer(OK)], payload: '' },
    {
      name: 'a response with parameters',
      data: { kind: 'none' },
      pieces: [transfer('18000000 0300 0120 07000000 01000100 00000000 2a000000')],
      payload: '',
      parameters: [0x00010001, 0, 42],
    },
    { name: 'data, then its response', data: into, pieces: [transfer(DATA4), transfer(OK)], payload: 'aabbccdd' },
    {
      name: 'the response glued to the data',
      data: into,
      pieces: [transfer(DATA4 + OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'an empty packet after the data',
      data: into,
      pieces: [full(DATA4), EMPTY, transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'a missing empty packet after the data',
      data: into,
      pieces: [full(DATA4), transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'empty packets before and after everything',
      data: into,
      pieces: [EMPTY, transfer(DATA4), EMPTY, EMPTY, transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'the header alone, then the payload',
      data: into,
      pieces: [transfer('10000000 0200 c195 07000000'), transfer('aabbccdd'), transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'a header torn in the middle',
      data: into,
      pieces: [full('10000000 0200'), full('c195 07000000 aa'), full('bbccdd'), transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'data and response in one stream of single bytes',
      data: into,
      pieces: [...hex(DATA4 + OK)].map((byte) => ({ bytes: new Uint8Array([byte]), short: false })),
      payload: 'aabbccdd',
    },
    {
      name: 'an empty data container',
      data: into,
      pieces: [transfer('0c000000 0200 c195 07000000'), transfer(OK)],
      payload: '',
    },
    {
      name: 'data beside an error (GetObjectPropList sends a zero count)',
      data: into,
      pieces: [transfer('10000000 0200 c195 07000000 00000000'), transfer('0c000000 0300 08a8 07000000')],
      payload: '00000000',
      code: 0xa808,
    },
    {
      name: 'data that nobody expects before a response is dropped',
      data: { kind: 'out', size: 4 },
      pieces: [transfer(DATA4), transfer('0c000000 0300 0220 07000000')],
      payload: '',
      code: 0x2002,
    },
    {
      name: 'a response without the data that was expected',
      data: into,
      pieces: [transfer('0c000000 0300 0920 07000000')],
      payload: '',
      code: 0x2009,
    },
    {
      name: 'a response of an older transaction is discarded',
      data: into,
      pieces: [transfer('0c000000 0300 0220 06000000'), transfer(DATA4), transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'data and response of an older transaction are discarded',
      data: into,
      pieces: [
        transfer('10000000 0200 0910 05000000 11223344'),
        transfer('0c000000 0300 0120 05000000'),
        transfer(DATA4),
        transfer(OK),
      ],
      payload: 'aabbccdd',
    },
    {
      name: 'an event on the bulk pipe is discarded',
      data: into,
      pieces: [transfer('10000000 0400 0240 00000000 2a000000'), transfer(DATA4 + OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'junk ids are tolerated by quirk',
      data: into,
      pieces: [transfer('10000000 0200 adde efbeadde aabbccdd'), transfer('0c000000 0300 0120 99999999')],
      payload: 'aabbccdd',
      anyId: true,
    },
    {
      name: 'an unknown length ends with the short packet',
      data: into,
      pieces: [full('ffffffff 0200 c195 07000000 aabb'), transfer('ccdd'), transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'an unknown length ends with the empty packet',
      data: exactly(4),
      pieces: [full('ffffffff 0200 c195 07000000 aabbccdd'), EMPTY, transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'an unknown length whose empty packet is missing ends with the expected count',
      data: exactly(4),
      pieces: [full('ffffffff 0200 c195 07000000 aabbccdd'), transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'an unknown length with the response glued behind the expected count',
      data: exactly(4),
      pieces: [transfer(`ffffffff 0200 c195 07000000 aabbccdd ${OK}`)],
      payload: 'aabbccdd',
    },
    {
      name: 'an unknown length of a file that has grown',
      data: exactly(2),
      pieces: [full('ffffffff 0200 c195 07000000 aabb'), full('cc'), transfer('dd'), transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'an unknown length with its header alone',
      data: exactly(4),
      pieces: [transfer('ffffffff 0200 c195 07000000'), transfer('aabbccdd'), transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'data cut short, and an OK all the same (a read cancelled near its end)',
      data: into,
      pieces: [transfer('20000000 0200 c195 07000000 aabbccdd'), transfer(OK)],
      payload: 'aabbccdd',
      cut: true,
    },
    {
      name: 'data cut short right after its header',
      data: into,
      pieces: [transfer('20000000 0200 c195 07000000'), transfer(OK)],
      payload: '',
      cut: true,
    },
    {
      name: 'what follows the response is kept for the next transaction',
      data: { kind: 'none' },
      pieces: [transfer(`${OK} 0c000000 0300`)],
      payload: '',
      surplus: '0c0000000300',
    },
    {
      name: 'what the transaction before has left is the beginning of a container',
      data: into,
      before: '0c000000 0300 0120',
      pieces: [transfer('06000000'), transfer(DATA4), transfer(OK)],
      payload: 'aabbccdd',
    },
    {
      name: 'a response that promises parameters and ends without them',
      data: { kind: 'none' },
      pieces: [transfer('20000000 0300 0120 07000000 2a000000')],
      payload: '',
      parameters: [42],
    },
  ];
  for (const each of cases)
    test(each.name, () => {
      const transaction = begin(each.data, {
        ...(each.anyId === undefined ? {} : { anyId: true }),
        ...(each.before === undefined ? {} : { surplus: hex(each.before) }),
      });
      assert.equal(payloadOf(transaction, each.pieces), each.payload);
      assert.equal(transaction.answer?.code, each.code ?? 0x2001);
      assert.deepEqual(transaction.answer?.parameters, each.parameters ?? []);
      assert.equal(transaction.cut, each.cut ?? false);
      assert.equal(transaction.needsDrain, false);
      assert.equal(Buffer.from(transaction.surplus).toString('hex'), each.surplus ?? '');
      assert.equal(transaction.received, each.payload.length / 2);
    });

  test('payload is handed on without a copy', () => {
    const transaction = begin(into);
    const bytes = hex(DATA4);
    const [payload] = transaction.feed({ bytes, short: true });
    assert.equal(payload?.buffer, bytes.buffer);
  });

  test('an answer that is still to come is owed', () => {
    const transaction = new Transaction({
      operation: GET_PARTIAL,
      transactionId: 7,
      parameters: [],
      data: into,
      anyId: false,
      surplus: NONE,
    });
    assert.equal(transaction.needsDrain, false, 'nothing was sent');
    transaction.commandSent();
    transaction.feed(transfer(DATA4));
    assert.equal(transaction.needsDrain, true);
    transaction.feed(transfer(OK));
    assert.equal(transaction.needsDrain, false);
  });

  test('asks for the rest of the payload, never for more', () => {
    const transaction = begin(exactly(100));
    assert.equal(transaction.want, 112);
    transaction.feed(full(`70000000 0200 c195 07000000 ${'00'.repeat(60)}`));
    assert.equal(transaction.want, 40);
    transaction.feed(transfer('00'.repeat(40)));
    assert.equal(transaction.want, 32);
  });
});

describe('nonsense', () => {
  const cases: readonly (readonly [string, DataPhase, readonly Piece[]])[] = [
    ['a length below its own header', into, [transfer('0b000000 0200 c195 07000000')]],
    ['a type that does not exist', into, [transfer('0c000000 0900 c195 07000000')]],
    ['a command', into, [transfer('0c000000 0100 c195 07000000')]],
    ['more data than makes sense, announced', into, [transfer('0d040000 0200 c195 07000000')]],
    ['a response of 4 GiB', into, [transfer('ffffffff 0300 0120 07000000')]],
    ['a response with six parameters', into, [transfer('24000000 0300 0120 07000000')]],
    [
      'more data than makes sense, unannounced',
      { kind: 'in', expected: undefined, most: 3 },
      [transfer('ffffffff 0200 c195 07000000 aabbccdd')],
    ],
    ['nothing but empty packets', into, Array.from({ length: 20 }, () => EMPTY)],
    ['strangers without end', into, Array.from({ length: 40 }, () => transfer('0c000000 0300 0120 06000000'))],
  ];
  for (const [name, data, pieces] of cases)
    test(name, () => {
      const transaction = begin(data);
      confused(() => pieces.forEach((piece) => transaction.feed(piece)));
      assert.equal(transaction.needsDrain, true);
    });

  test('any bytes at all: an answer, a wish for more, or "confused"', () => {
    const piece = fc.record({ bytes: fc.uint8Array({ maxLength: 64 }), short: fc.boolean() });
    const data = fc.constantFrom<DataPhase>({ kind: 'none' }, { kind: 'out', size: 1 }, into, exactly(8));
    fc.assert(
      fc.property(data, fc.array(piece, { maxLength: 20 }), fc.boolean(), (phase, pieces, anyId) => {
        const transaction = begin(phase, { anyId });
        try {
          for (const each of pieces) {
            if (transaction.answer !== undefined) break;
            assert.ok(transaction.want > 0);
            transaction.feed(each);
          }
        } catch (error) {
          assert.ok(isPhoneError(error) && error.kind === 'confused', String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('however a well-formed answer is torn into transfers, it is read the same', () => {
    const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 10 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), cuts, (payload, places) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(12 + payload.length);
        const whole = Buffer.concat([length, hex('0200 c195 07000000'), payload, hex(OK)]);
        const edges = [...new Set([0, ...places.filter((place) => place < whole.length), whole.length])].sort(
          (a, b) => a - b,
        );
        const pieces = edges.slice(1).map((end, index) => ({
          bytes: new Uint8Array(whole.subarray(edges[index], end)),
          short: end === whole.length,
        }));
        const transaction = begin(into);
        assert.equal(payloadOf(transaction, pieces), Buffer.from(payload).toString('hex'));
        assert.equal(transaction.answer?.code, 0x2001);
      }),
    );
  });
});
