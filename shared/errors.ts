import type { Holder } from './domain.ts';
import { errorsEnglish, errorsWords } from './words/made/errors.ts';
import { toldSentence, type Advice, type Fault } from './sentences.ts';
import type { ErrorsWords } from './words/made/types.ts';

export type { Advice, Fault } from './sentences.ts';

/**
 * Everything that can go wrong, by what the user can do about it. A kind never depends on an error's wording: code
 * compares kinds, people read `describeProblem`.
 */
export type PhoneErrorKind =
  // connection and phone
  /** Unplugged, or its USB function went down. Waits for the phone, then resumes. */
  | 'disconnected'
  /** The phone responds but shows no storage. */
  | 'locked'
  /** Another program has claimed the interface. */
  | 'held'
  /** The system denies access to the USB device. */
  | 'forbidden'
  /** No response within the limit: slow, hung or asleep. Starts the recovery ladder. */
  | 'silent'
  /** The phone's data is invalid (wrong lengths, wrong container, impossible dataset). */
  | 'confused'
  /** The endpoint stalled: the phone aborted the operation (disk full, unsupported operation). */
  | 'stalled'
  /** The phone refused with a general response code; `detail` holds it. */
  | 'refused'
  /** The phone does not support this operation (0x2005). */
  | 'unsupported'
  /** The phone is busy (0x2019). */
  | 'busy'
  // objects on the phone
  /** This storage is not there: a card was taken out, is not mounted yet, or a user was switched. Waits for it. */
  | 'storage-missing'
  | 'missing'
  | 'exists'
  /** An entry that was announced and never sent blocks the name until the connection ends. Waits for the next one. */
  | 'phantom'
  /** A handle the phone no longer knows: list the folder again and look up the name. */
  | 'stale'
  | 'full'
  | 'read-only'
  | 'too-large'
  | 'bad-name'
  | 'not-a-folder'
  // the computer
  | 'source-missing'
  | 'source-changed'
  | 'source-unreadable'
  | 'local-full'
  | 'local-read-only'
  | 'local-bad-name'
  | 'local-exists'
  | 'local-missing'
  | 'local-too-large'
  | 'local-io'
  /** Another program has the file open, or this one has too many open; usually gone in a moment. */
  | 'local-busy'
  // the transfer
  /** The copy differed from its source twice. */
  | 'mismatch'
  | 'cancelled'
  // the caller
  | 'bad-request'
  | 'no-phone'
  | 'store'
  | 'internal';

/** An error as data, which crosses process boundaries whole; a thrown one would lose everything but its message. */
export interface Problem {
  readonly kind: PhoneErrorKind;
  /** The operation in the terms of the protocol or file system: `SendObject`, `open /x`. */
  readonly operation: string;
  /** Technical detail for *Details*: response codes, errno, sizes. Never shown alone. */
  readonly detail: string;
  /** The file, folder, phone or program concerned. */
  readonly subject?: string | undefined;
  readonly holder?: Holder | undefined;
  /** The exact fix, if there is one: a legal name, bytes to free up. */
  readonly fix?: string | undefined;
  /** What went wrong, where the kind alone does not say it; from the catalogue, so that it is told in any language. */
  readonly fault?: Fault | undefined;
  /** What to do, where the kind alone does not say it; from the catalogue. */
  readonly advice?: Advice | undefined;
  /** Of several things that failed the first one, which is told after `fault`. */
  readonly cause?: Problem | undefined;
  /** Bytes that must be free and were not. */
  readonly needed?: number | undefined;
  /** Response code of the protocol, if there was one. */
  readonly code?: number | undefined;
}

/** A `Problem` as it is thrown; its message is for logs, people read `describeProblem`. */
export class PhoneError extends Error {
  override readonly name = 'PhoneError';
  readonly problem: Problem;

  constructor(problem: Problem, options?: { readonly cause?: unknown }) {
    super(`${problem.kind}: ${problem.operation}${problem.detail === '' ? '' : ` (${problem.detail})`}`, options);
    this.problem = problem;
  }

  get kind(): PhoneErrorKind {
    return this.problem.kind;
  }
}

/** Shorthand for throwing: `throw fail('full', 'SendObject', 'free 12 bytes')`. */
export const fail = (
  kind: PhoneErrorKind,
  operation: string,
  detail = '',
  more: Omit<Problem, 'kind' | 'operation' | 'detail'> = {},
  cause?: unknown,
): PhoneError => new PhoneError({ kind, operation, detail, ...more }, { cause });

/** A `bad-request` that says what was wrong with it, and what to do instead of checking it and trying again. */
export const requestProblem = (
  operation: string,
  fault: Fault,
  advice?: Advice,
  more: Omit<Problem, 'kind' | 'operation' | 'detail' | 'fault' | 'advice'> = {},
): Problem => ({ kind: 'bad-request', operation, detail: detailOf(fault), fault, advice, ...more });

/** Shorthand for throwing `requestProblem`. */
export const failRequest = (...from: Parameters<typeof requestProblem>): PhoneError =>
  new PhoneError(requestProblem(...from));

/** For logs: the key and what it was given. */
const detailOf = ({ id, with: given }: Fault): string => (given === undefined ? id : `${id} ${JSON.stringify(given)}`);

/** Tells an error with a `Problem` from any other thrown value. */
export const isPhoneError = (error: unknown): error is PhoneError => error instanceof PhoneError;

/** Converts any thrown value to data. Foreign errors become `internal` and keep their message as the detail. */
export function problemOf(error: unknown, operation = 'unknown'): Problem {
  if (isPhoneError(error)) return error.problem;
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'internal', operation, detail };
}

/**
 * Whether the connection is unusable: everything queued on it fails, and transfers wait. `silent` alone does not end
 * it, since a phone that was reset or is slow is still connected.
 */
export const endsConnection = (kind: PhoneErrorKind): boolean =>
  kind === 'disconnected' || kind === 'silent' || kind === 'confused';

/** What to do, in the language that is shown. */
export const describeAdvice = (advice: Advice): string => toldSentence(errorsWords.advice, advice, errorsWords) ?? '';

/** A problem in plain words, for people, in the language that is shown. */
export interface Words {
  /** What happened, one sentence. */
  readonly what: string;
  /** What to do, one sentence. */
  readonly remedy: string;
}

/** Kinds whose `fix` is itself what to do: a command, a sentence of the system. */
const FIX_IS_REMEDY: ReadonlySet<PhoneErrorKind> = new Set([
  'forbidden',
  'missing',
  'full',
  'source-unreadable',
  'local-full',
  'local-missing',
  'bad-request',
  'no-phone',
  'store',
]);

/** The plain text for a problem: what happened and what to do. Technical detail stays behind *Details*. */
export const describeProblem = (problem: Problem, words: ErrorsWords = errorsWords): Words => ({
  what: whatOf(problem, words),
  remedy: remedyOf(problem, words),
});

/** The same in English, for what is never translated: reports as JSON and CSV, and logs. */
export const describeInEnglish = (problem: Problem): Words => describeProblem(problem, errorsEnglish);

function whatOf({ kind, subject, holder, detail, fault, cause }: Problem, all: ErrorsWords): string {
  const particular = toldSentence(all.fault, fault, all);
  if (particular !== undefined) return cause === undefined ? particular : `${particular} ${whatOf(cause, all)}`;
  if (kind === 'held') {
    const { what, named, process } = all.held;
    if (holder === undefined) return what;
    const { program, pid } = holder;
    return pid === undefined ? named({ program }) : process({ program, pid: String(pid) });
  }
  const words = all[kind];
  if (kind === 'bad-request' && detail !== '') return detail;
  return subject !== undefined && 'named' in words ? words.named({ subject }) : words.what;
}

function remedyOf({ kind, fix, advice, cause }: Problem, all: ErrorsWords): string {
  const particular = toldSentence(all.advice, advice, all);
  if (particular !== undefined) return particular;
  if (cause !== undefined) return remedyOf(cause, all);
  if (fix !== undefined) {
    if (kind === 'bad-name' || kind === 'local-bad-name') return all[kind].legal({ name: fix });
    if (FIX_IS_REMEDY.has(kind)) return fix;
  }
  return all[kind].remedy;
}
