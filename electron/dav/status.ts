import { isPhoneError, type PhoneErrorKind } from '../../shared/errors.ts';

/** What a request is answered with when it cannot be done. */

/** Thrown by whatever answers a request; `condition` is the element that RFC 4918 has for the reason, in `DAV:`. */
export class DavError extends Error {
  override readonly name = 'DavError';
  readonly status: number;
  readonly condition: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, condition?: string, headers: Readonly<Record<string, string>> = {}) {
    super(`${status}${condition === undefined ? '' : ` ${condition}`}`);
    this.status = status;
    this.condition = condition;
    this.headers = headers;
  }
}

/** Seconds after which a client may try again while the phone is away. */
const RETRY_AFTER = '10';

/** The phone may be back, unlocked or let go of later. */
const AWAY: ReadonlySet<PhoneErrorKind> = new Set([
  'disconnected',
  'locked',
  'held',
  'forbidden',
  'silent',
  'confused',
  'busy',
  'storage-missing',
  'no-phone',
]);

/** Whether the phone cannot be asked now, but may be later. */
export const isAway = (error: unknown): boolean => isPhoneError(error) && AWAY.has(error.kind);

/** The answer to any thrown value. */
export function davErrorOf(error: unknown): DavError {
  if (error instanceof DavError) return error;
  if (!isPhoneError(error)) return new DavError(500);
  if (AWAY.has(error.kind)) return new DavError(503, undefined, { 'retry-after': RETRY_AFTER });
  return new DavError(STATUS[error.kind] ?? 500);
}

const STATUS: Readonly<Partial<Record<PhoneErrorKind, number>>> = {
  missing: 404,
  stale: 404,
  'not-a-folder': 409,
  exists: 409,
  phantom: 409,
  'source-changed': 409,
  'bad-request': 403,
  'bad-name': 403,
  'read-only': 403,
  refused: 403,
  unsupported: 403,
  cancelled: 409,
  full: 507,
  stalled: 507,
  'too-large': 507,
  'local-full': 507,
};
