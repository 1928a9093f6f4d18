import type { Holder } from './domain.ts';

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
  /** The exact fix, if there is one (a udev rule, a legal name). */
  readonly fix?: string | undefined;
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

/** Shown wherever a phone would be searched for on Windows, until Replug supports Windows' own driver. */
export const WINDOWS_NOT_YET = {
  what: 'Replug cannot open phones on Windows yet.',
  remedy: 'Windows keeps phones for its own driver. Use Replug on Linux or macOS, or try it with a virtual phone.',
};

/** A problem in plain English, for people. */
export interface Words {
  /** What happened, one sentence. */
  readonly what: string;
  /** What to do, one sentence. */
  readonly remedy: string;
}

const it = (problem: Problem, otherwise: string): string =>
  problem.subject === undefined ? otherwise : `“${problem.subject}”`;

/** The plain text for a problem: what happened and what to do. Technical detail stays behind *Details*. */
export function describeProblem(problem: Problem): Words {
  switch (problem.kind) {
    case 'disconnected':
      return { what: 'The phone was unplugged.', remedy: 'Plug it in again; the transfer carries on by itself.' };
    case 'locked':
      return {
        what: 'The phone shows no storage.',
        remedy: 'Unlock the phone and choose “File transfer” in its USB notification.',
      };
    case 'held': {
      const holder = problem.holder;
      const who =
        holder === undefined
          ? 'Another program'
          : `${holder.program}${holder.pid === undefined ? '' : ` (process ${holder.pid})`}`;
      return { what: `${who} is using the phone.`, remedy: 'Close it or unmount the phone there, then try again.' };
    }
    case 'forbidden':
      return {
        what: 'The system does not let Replug open the phone.',
        remedy: problem.fix ?? 'Give your user access to the USB device, then plug the phone in again.',
      };
    case 'silent':
      return {
        what: 'The phone does not answer.',
        remedy: 'Replug keeps trying. If it goes on, unlock the phone, or unplug it and plug it in again.',
      };
    case 'confused':
      return {
        what: 'The phone sent something that makes no sense.',
        remedy: 'Unplug it and plug it in again; nothing that was confirmed is lost.',
      };
    case 'stalled':
      return { what: `The phone gave up on ${it(problem, 'this operation')}.`, remedy: 'Try again.' };
    case 'refused':
      return {
        what: `The phone refused ${it(problem, 'this')}.`,
        remedy: 'Try again, or choose another folder on the phone.',
      };
    case 'unsupported':
      return {
        what: 'This phone cannot do that.',
        remedy: 'Use another way; the details say which operation it lacks.',
      };
    case 'busy':
      return { what: 'The phone is busy.', remedy: 'Wait a moment; Replug tries again by itself.' };
    case 'storage-missing':
      return {
        what: `${it(problem, 'The storage')} is not in the phone now.`,
        remedy: 'Put the card back in or unlock the phone; the transfer carries on by itself.',
      };
    case 'missing':
      return {
        what: `${it(problem, 'It')} is not on the phone.`,
        remedy: problem.fix ?? 'Check the name, or list the folder again.',
      };
    case 'exists':
      return {
        what: `${it(problem, 'A file of that name')} is already on the phone.`,
        remedy: 'Use another name or another folder.',
      };
    case 'phantom':
      return {
        what: `The phone still holds an empty entry for ${it(problem, 'this file')}, from an upload that was cut short.`,
        remedy: 'Unplug the phone and plug it in again: it forgets the entry, and the transfer carries on by itself.',
      };
    case 'stale':
      return { what: 'The folder on the phone has changed.', remedy: 'List it again.' };
    case 'full':
      return {
        what: 'The phone’s storage is full.',
        remedy: problem.fix ?? 'Make room on the phone; the transfer carries on from where it stopped.',
      };
    case 'read-only':
      return { what: 'This storage can only be read.', remedy: 'Choose another storage of the phone.' };
    case 'too-large':
      return {
        what: `${it(problem, 'The file')} is larger than the phone’s file system allows.`,
        remedy: 'Copy it to the internal storage instead; memory cards often end at 4 GB for one file.',
      };
    case 'bad-name':
      return {
        what: `The phone cannot hold the name ${it(problem, 'of this file')}.`,
        remedy:
          problem.fix === undefined ? 'Rename the file and try again.' : `Send it as “${problem.fix}”, or rename it.`,
      };
    case 'not-a-folder':
      return { what: `${it(problem, 'The destination')} is not a folder.`, remedy: 'Choose a folder.' };
    case 'source-missing':
      return {
        what: `${it(problem, 'The source')} is not where it was.`,
        remedy: 'Put it back, or tell Replug where it is now.',
      };
    case 'source-changed':
      return {
        what: `${it(problem, 'The source')} changed while it was being copied.`,
        remedy: 'Start it again once nothing writes to it.',
      };
    case 'source-unreadable':
      return {
        what: `${it(problem, 'The source')} cannot be read.`,
        remedy: problem.fix ?? 'Check its permissions and try again.',
      };
    case 'local-full':
      return {
        what: 'The computer’s disk is full.',
        remedy: problem.fix ?? 'Make room; the transfer carries on from where it stopped.',
      };
    case 'local-read-only':
      return {
        what: `Nothing can be written to ${it(problem, 'the folder')}.`,
        remedy: 'Choose a folder you may write to, or change its permissions.',
      };
    case 'local-bad-name':
      return {
        what: `The computer cannot hold the name ${it(problem, 'of this file')}.`,
        remedy:
          problem.fix === undefined ? 'Rename it on the phone and try again.' : `Save it as “${problem.fix}” instead.`,
      };
    case 'local-exists':
      return {
        what: `${it(problem, 'A file of that name')} is already on the computer.`,
        remedy: 'Choose to skip it, replace it or keep both.',
      };
    case 'local-missing':
      return {
        what: `${it(problem, 'The folder')} is not on the computer any more.`,
        remedy: problem.fix ?? 'Put it back or choose another one, then retry.',
      };
    case 'local-too-large':
      return {
        what: `${it(problem, 'The file')} is larger than this disk’s file system allows.`,
        remedy: 'Save it on another disk; FAT32 ends at 4 GB for one file.',
      };
    case 'local-io':
      return {
        what: `The computer could not read or write ${it(problem, 'the file')}.`,
        remedy: 'Check the disk and try again.',
      };
    case 'local-busy':
      return {
        what: `${it(problem, 'The file')} is in use by another program.`,
        remedy: 'Close that program and try again.',
      };
    case 'mismatch':
      return {
        what: `The copy of ${it(problem, 'the file')} differs from its source.`,
        remedy: 'Try again; if it happens twice, try another cable or port.',
      };
    case 'cancelled':
      return { what: 'It was cancelled.', remedy: 'Start it again whenever you like.' };
    case 'bad-request':
      return {
        what: problem.detail === '' ? 'That was not understood.' : problem.detail,
        remedy: problem.fix ?? 'Check it and try again.',
      };
    case 'no-phone':
      return {
        what:
          problem.subject === undefined
            ? 'No phone is connected.'
            : `No phone called “${problem.subject}” is connected.`,
        remedy: problem.fix ?? 'Plug it in, unlock it and choose “File transfer” in its USB notification.',
      };
    case 'store':
      return {
        what: 'Replug’s own database could not be used.',
        remedy: problem.fix ?? 'Check that its folder can be written to and that the disk has room.',
      };
    case 'internal':
      return {
        what: 'Something went wrong inside Replug.',
        remedy: 'Try again; the details help us to find the cause.',
      };
  }
}
