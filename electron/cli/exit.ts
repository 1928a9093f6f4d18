import type { PhoneErrorKind } from '../../shared/errors.ts';

/** Exit statuses of `replug`; scripts rely on the numbers. */
export const Exit = { done: 0, failed: 1, usage: 2, interrupted: 3, noPhone: 4 } as const;
/** One of the numbers of `Exit`. */
export type ExitStatus = (typeof Exit)[keyof typeof Exit];

/** What a problem that ended a command means for its exit status. */
export function exitOf(kind: PhoneErrorKind): ExitStatus {
  switch (kind) {
    case 'bad-request':
      return Exit.usage;
    case 'no-phone':
    case 'locked':
    case 'held':
    case 'forbidden':
    case 'silent':
    case 'disconnected':
    case 'confused':
      return Exit.noPhone;
    default:
      return Exit.failed;
  }
}

/** The status in one word, for `--json`. */
export function wordOf(exit: ExitStatus): 'done' | 'failed' | 'wrong-usage' | 'interrupted' | 'no-phone' {
  switch (exit) {
    case Exit.done:
      return 'done';
    case Exit.failed:
      return 'failed';
    case Exit.usage:
      return 'wrong-usage';
    case Exit.interrupted:
      return 'interrupted';
    case Exit.noPhone:
      return 'no-phone';
  }
}
