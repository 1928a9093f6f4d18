import { isPhoneError } from '../../shared/errors.ts';
import { eventIn } from '../../electron/mtp/phone/events.ts';
import { Transaction, type DataPhase } from '../../electron/mtp/session/transaction.ts';
import { decodePropColumn } from '../../electron/mtp/wire/columns.ts';
import {
  decodeDeviceInfo,
  decodeHeader,
  decodeObjectInfo,
  decodeParameters,
  decodePropList,
  decodeStorageInfo,
  decodeString,
  decodeU32Array,
  parseDate,
} from '../../electron/mtp/wire/index.ts';
import { Random, mutate } from './random.ts';
import { ANSWERS, CONTAINERS, PAYLOADS } from './seeds.ts';

/** Feeds mutated recordings to the decoders: each gives a value no larger than it accounts for, or a `PhoneError`. */

export interface Finding {
  readonly target: string;
  /** Hex. */
  readonly input: string;
  readonly problem: string;
}

interface Target {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Throws `Overgrown` when the result is larger than the input can account for. */
  readonly run: (input: Uint8Array) => void;
}

class Overgrown extends Error {
  override readonly name = 'Overgrown';
}
const within = (count: number, input: Uint8Array): void => {
  if (count > input.byteLength) throw new Overgrown(`${count} from ${input.byteLength} bytes`);
};

const PHASES: readonly DataPhase[] = [
  { kind: 'none' },
  { kind: 'in', expected: undefined, most: 1 << 20 },
  { kind: 'in', expected: 100, most: 100 },
  { kind: 'out', size: 10 },
];

/** Pieces cut at positions taken from the input itself, so that the input alone reproduces a case. */
function runTransaction(input: Uint8Array): void {
  const first = input[0] ?? 0;
  const transaction = new Transaction({
    operation: 0x1008,
    transactionId: 7,
    parameters: [1],
    data: PHASES[first & 3] ?? { kind: 'none' },
    anyId: (first & 4) !== 0,
    surplus: input.subarray(1, 1 + (first >> 4)),
  });
  transaction.commandSent();
  transaction.dataSent();
  let payload = 0;
  const take = (pieces: readonly Uint8Array[]): void => {
    for (const piece of pieces) payload += piece.byteLength;
  };
  take(transaction.begin());
  for (let at = 1; at < input.byteLength && transaction.answer === undefined;) {
    const size = ((input[at] ?? 0) % 5) * 13;
    const bytes = input.subarray(at, at + size);
    take(transaction.feed({ bytes, short: (input[at] ?? 0) % 3 !== 0 }));
    if (!(transaction.want >= 0 && transaction.want <= 2 ** 32)) throw new Overgrown(`wants ${transaction.want}`);
    at += Math.max(1, size);
  }
  within(payload, input);
}

export const TARGETS: readonly Target[] = [
  { name: 'header', seeds: CONTAINERS, run: (input) => void decodeHeader(input) },
  { name: 'parameters', seeds: CONTAINERS, run: (input) => within(decodeParameters(input).parameters.length, input) },
  { name: 'event', seeds: CONTAINERS, run: (input) => void eventIn(input) },
  { name: 'device-info', seeds: PAYLOADS, run: (input) => within(decodeDeviceInfo(input).operations.length, input) },
  { name: 'storage-info', seeds: PAYLOADS, run: (input) => within(decodeStorageInfo(input).description.length, input) },
  { name: 'object-info', seeds: PAYLOADS, run: (input) => within(decodeObjectInfo(input).filename.length, input) },
  { name: 'prop-list', seeds: PAYLOADS, run: (input) => within(decodePropList(input).length, input) },
  { name: 'prop-column', seeds: PAYLOADS, run: (input) => within(decodePropColumn(input, 0xdc07).size, input) },
  { name: 'u32-array', seeds: PAYLOADS, run: (input) => within(decodeU32Array(input, 'handles').length, input) },
  {
    name: 'string-and-date',
    seeds: PAYLOADS,
    run: (input) => {
      const text = decodeString(input, 'date');
      within(text.length, input);
      if (!text.isWellFormed()) throw new Overgrown('an ill-formed string');
      const date = parseDate(text);
      if (date !== undefined && !Number.isFinite(date)) throw new Overgrown(`date ${date}`);
    },
  },
  { name: 'transaction', seeds: ANSWERS, run: runTransaction },
];

/** What is wrong with the target's result for the input; `undefined` if nothing. */
export function tryInput(target: Target, input: Uint8Array): string | undefined {
  try {
    target.run(input);
    return undefined;
  } catch (error) {
    if (isPhoneError(error) && error.kind === 'confused') return undefined;
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

const ROOM = 4096;

export function fuzzDecoders(
  seed: number,
  executions: number,
): { readonly refused: number; readonly findings: readonly Finding[] } {
  const random = new Random(seed);
  const buffer = new Uint8Array(ROOM);
  const findings: Finding[] = [];
  let refused = 0;
  // stack traces cost too much over ten million errors
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    for (let execution = 0; execution < executions; execution += 1) {
      const target = TARGETS[execution % TARGETS.length] as Target;
      const length = mutate(random, random.pick(target.seeds), random.pick(PAYLOADS), buffer);
      const input = buffer.subarray(0, length);
      try {
        target.run(input);
      } catch (error) {
        if (isPhoneError(error) && error.kind === 'confused') {
          refused += 1;
          continue;
        }
        const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        findings.push({ target: target.name, input: Buffer.from(input).toString('hex'), problem });
        if (findings.length >= 20) break;
      }
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return { refused, findings };
}
