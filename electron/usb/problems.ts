import { fail, isPhoneError, type PhoneError } from '../../shared/errors.ts';

/**
 * Converts libusb's numbers to `PhoneError`. There are two sets: *errors* (negative; thrown by calls, and passed to
 * the callbacks of clear-halt, release and reset) and transfer *statuses* (positive; passed to a transfer's
 * callback).
 */

const ERRORS: Readonly<Record<number, string>> = {
  [-1]: 'LIBUSB_ERROR_IO',
  [-2]: 'LIBUSB_ERROR_INVALID_PARAM',
  [-3]: 'LIBUSB_ERROR_ACCESS',
  [-4]: 'LIBUSB_ERROR_NO_DEVICE',
  [-5]: 'LIBUSB_ERROR_NOT_FOUND',
  [-6]: 'LIBUSB_ERROR_BUSY',
  [-7]: 'LIBUSB_ERROR_TIMEOUT',
  [-8]: 'LIBUSB_ERROR_OVERFLOW',
  [-9]: 'LIBUSB_ERROR_PIPE',
  [-10]: 'LIBUSB_ERROR_INTERRUPTED',
  [-11]: 'LIBUSB_ERROR_NO_MEM',
  [-12]: 'LIBUSB_ERROR_NOT_SUPPORTED',
  [-99]: 'LIBUSB_ERROR_OTHER',
};

/** `LIBUSB_ERROR_NO_MEM`, a libusb error: no memory for another transfer of this size now. */
export const NO_MEMORY = -11;

/** `LIBUSB_TRANSFER_COMPLETED`, a transfer status. */
export const COMPLETED = 0;
/** `LIBUSB_TRANSFER_CANCELLED`, a transfer status: bytes may have arrived before. */
export const CANCELLED = 3;
/** `LIBUSB_TRANSFER_STALL`, a transfer status: the endpoint is halted until it is cleared. */
export const STALL = 4;

const STATUSES: Readonly<Record<number, string>> = {
  1: 'LIBUSB_TRANSFER_ERROR',
  2: 'LIBUSB_TRANSFER_TIMED_OUT',
  3: 'LIBUSB_TRANSFER_CANCELLED',
  4: 'LIBUSB_TRANSFER_STALL',
  5: 'LIBUSB_TRANSFER_NO_DEVICE',
  6: 'LIBUSB_TRANSFER_OVERFLOW',
};

/** The libusb error number of a value thrown by the addon; `undefined` if it is not a libusb error. */
export function errnoOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errno' in error)) return undefined;
  return typeof error.errno === 'number' ? error.errno : undefined;
}

/** Converts a thrown libusb error. `held` and `forbidden` come without holder and fix; the bus adds those. */
export function phoneErrorOf(error: unknown, operation: string): PhoneError {
  if (isPhoneError(error)) return error;
  const errno = errnoOf(error);
  if (errno === undefined) {
    const detail = error instanceof Error ? error.message : String(error);
    // The addon's own message for a device that is no longer open (node-usb src/transfer.cc, src/device.cc).
    const gone = /device is not open/i.test(detail);
    return fail(gone ? 'disconnected' : 'internal', operation, detail, {}, error);
  }
  const detail = ERRORS[errno] ?? STATUSES[errno] ?? `libusb ${errno}`;
  switch (errno) {
    case -1:
    case -4:
    case -5:
      return fail('disconnected', operation, detail, {}, error);
    case -3:
      return fail('forbidden', operation, detail, {}, error);
    case -6:
    case -12:
      return fail('held', operation, detail, {}, error);
    case -7:
      return fail('silent', operation, detail, {}, error);
    case -8:
      return fail('confused', operation, detail, {}, error);
    case -9:
      return fail('stalled', operation, detail, {}, error);
    default:
      return fail('internal', operation, detail, {}, error);
  }
}

/**
 * Converts a transfer status. ERROR is a bus error (CRC, no handshake): a pulled cable looks like this until the hub
 * notices. It is just as fatal for the connection if the cable is merely bad.
 */
export function statusError(status: number, operation: string): PhoneError {
  const detail = STATUSES[status] ?? `libusb transfer status ${status}`;
  switch (status) {
    case 2:
      return fail('silent', operation, detail);
    case 4:
      return fail('stalled', operation, detail);
    case 6:
      return fail('confused', operation, detail);
    default:
      return fail('disconnected', operation, detail);
  }
}

/** Whether this status ends the whole connection, not just one transfer. */
export const isFatalStatus = (status: number): boolean => status === 1 || status === 5;
