import { Response } from '../mtp/wire/index.ts';
import { ComError } from './com.ts';
import type { Answer, Outcome } from './driver.ts';
import { Hresult } from './keys.ts';

/** Failures of the content interface as responses of a phone, where they are about an object and not about the cable. */

/** An object that is not known in this connection. */
export class UnknownHandle extends Error {
  override readonly name = 'UnknownHandle';
}

const RESPONSES: ReadonlyMap<number, number> = new Map([
  [Hresult.notFound, Response.InvalidObjectHandle],
  [Hresult.fileNotFound, Response.InvalidObjectHandle],
  [Hresult.accessDenied, Response.AccessDenied],
  [Hresult.notImplemented, Response.OperationNotSupported],
  [Hresult.notSupported, Response.OperationNotSupported],
  [Hresult.invalidArgument, Response.InvalidParameter],
  // ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL
  [0x8007_0070, Response.StoreFull],
  [0x8007_0027, Response.StoreFull],
  // ERROR_WRITE_PROTECT
  [0x8007_0013, Response.StoreReadOnly],
  // ERROR_ALREADY_EXISTS, ERROR_FILE_EXISTS: as Android answers a name that is taken
  [0x8007_00b7, Response.GeneralError],
  [0x8007_0050, Response.GeneralError],
  // E_FAIL
  [0x8000_4005, Response.GeneralError],
]);

/** The result of `work`, or the response for what it threw; what is no matter of an object stays an HRESULT. */
export function answered<T extends Answer>(work: () => T): T | Answer {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnknownHandle) return { hresult: 0, code: Response.InvalidObjectHandle };
    if (!(error instanceof ComError)) throw error;
    const code = RESPONSES.get(error.hresult);
    return code === undefined ? { hresult: error.hresult } : { hresult: 0, code };
  }
}

/** The result of `work`, or the HRESULT of what it threw. */
export function attempt<T extends Outcome>(work: () => T): T | Outcome {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ComError)) throw error;
    return { hresult: error.hresult };
  }
}
