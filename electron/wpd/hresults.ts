import { fail, type PhoneError, type PhoneErrorKind } from '../../shared/errors.ts';
import { Hresult } from './keys.ts';

/** What an HRESULT means for whoever holds the phone: once, here. Pure; no COM. */

/** `0x80070057`. */
export const hexOf = (hresult: number): string => `0x${(hresult >>> 0).toString(16).padStart(8, '0')}`;
/** Whether a call failed: the sign bit is the severity. */
export const failed = (hresult: number): boolean => hresult >>> 31 === 1;

/** Names of `winerror.h` and `PortableDevice.h`, and what each means. */
const MEANINGS: ReadonlyMap<number, readonly [kind: PhoneErrorKind, name: string]> = new Map([
  [0x8007_048f, ['disconnected', 'ERROR_DEVICE_NOT_CONNECTED']],
  [0x8007_001f, ['disconnected', 'ERROR_GEN_FAILURE']],
  [0x8007_0016, ['disconnected', 'ERROR_BAD_COMMAND']],
  [0x8007_0015, ['disconnected', 'ERROR_NOT_READY']],
  [0x8007_0037, ['disconnected', 'ERROR_DEV_NOT_EXIST']],
  [0x8007_0433, ['disconnected', 'ERROR_NO_SUCH_DEVICE']],
  [0x8007_0002, ['disconnected', 'ERROR_FILE_NOT_FOUND']],
  [0x8007_03e3, ['disconnected', 'ERROR_OPERATION_ABORTED']],
  // the driver's host process has ended
  [0x8007_06ba, ['disconnected', 'RPC_S_SERVER_UNAVAILABLE']],
  [0x8007_06be, ['disconnected', 'RPC_S_CALL_FAILED']],
  [0x8001_0108, ['disconnected', 'RPC_E_DISCONNECTED']],
  [0x802a_0002, ['disconnected', 'E_WPD_DEVICE_NOT_OPEN']],
  [0x802a_0006, ['silent', 'E_WPD_DEVICE_IS_HUNG']],
  // what a call ends with that `IPortableDevice::Cancel` ended: it had not come back
  [0x8007_04c7, ['silent', 'ERROR_CANCELLED']],
  [0x8007_0079, ['silent', 'ERROR_SEM_TIMEOUT']],
  [0x8007_05b4, ['silent', 'ERROR_TIMEOUT']],
  [Hresult.busy, ['busy', 'ERROR_BUSY']],
  [0x802a_0001, ['held', 'E_WPD_DEVICE_ALREADY_OPENED']],
  [0x8007_0964, ['held', 'ERROR_DEVICE_IN_USE']],
  [0x8007_0020, ['held', 'ERROR_SHARING_VIOLATION']],
  [Hresult.accessDenied, ['forbidden', 'E_ACCESSDENIED']],
  [Hresult.notImplemented, ['unsupported', 'E_NOTIMPL']],
  [Hresult.notSupported, ['unsupported', 'ERROR_NOT_SUPPORTED']],
  [Hresult.invalidData, ['confused', 'ERROR_INVALID_DATA']],
  [Hresult.invalidArgument, ['internal', 'E_INVALIDARG']],
]);

/** The error for a failed call. */
export function phoneErrorOf(hresult: number, operation: string): PhoneError {
  const [kind, name] = MEANINGS.get(hresult >>> 0) ?? ['refused', ''];
  return fail(kind, operation, name === '' ? hexOf(hresult) : `${name} ${hexOf(hresult)}`);
}

/** Whether the driver does not let this operation through: the phone was not asked. */
export function isBlocked(hresult: number): boolean {
  const kind = MEANINGS.get(hresult >>> 0)?.[0];
  return kind === 'unsupported' || kind === 'forbidden' || kind === 'internal';
}
