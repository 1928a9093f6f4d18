import { fail, type PhoneError, type PhoneErrorKind } from '../../../shared/errors.ts';
import { Operation, Response, hex, operationName, responseName } from '../wire/codes.ts';

/**
 * What a response code means. AOSP says 0x2002 to almost everything of interest, so the operation gives the meaning
 * and the code alone only the default (field notes §3.1).
 */

const BY_CODE: ReadonlyMap<number, PhoneErrorKind> = new Map<number, PhoneErrorKind>([
  [Response.GeneralError, 'refused'],
  // The phone has lost our session or our place in it: only a new connection helps.
  [Response.SessionNotOpen, 'confused'],
  [Response.InvalidTransactionID, 'confused'],
  [Response.OperationNotSupported, 'unsupported'],
  [Response.ParameterNotSupported, 'unsupported'],
  [Response.IncompleteTransfer, 'refused'],
  // Storage ids and handles live for one connection: known names have to be looked up again.
  [Response.InvalidStorageID, 'stale'],
  [Response.InvalidObjectHandle, 'stale'],
  [Response.InvalidParentObject, 'stale'],
  [Response.DevicePropNotSupported, 'unsupported'],
  [Response.InvalidObjectFormatCode, 'refused'],
  [Response.StoreFull, 'full'],
  [Response.ObjectWriteProtected, 'read-only'],
  [Response.StoreReadOnly, 'read-only'],
  [Response.AccessDenied, 'read-only'],
  [Response.NoThumbnailPresent, 'missing'],
  [Response.PartialDeletion, 'refused'],
  [Response.StoreNotAvailable, 'locked'],
  [Response.SpecificationByFormatUnsupported, 'unsupported'],
  [Response.NoValidObjectInfo, 'refused'],
  [Response.DeviceBusy, 'busy'],
  [Response.InvalidParameter, 'refused'],
  [Response.SessionAlreadyOpen, 'refused'],
  [Response.TransactionCancelled, 'stalled'],
  [Response.SpecificationOfDestinationUnsupported, 'unsupported'],
  [Response.InvalidObjectPropCode, 'unsupported'],
  [Response.InvalidObjectPropFormat, 'refused'],
  [Response.InvalidObjectPropValue, 'refused'],
  [Response.GroupNotSupported, 'unsupported'],
  [Response.InvalidDataset, 'refused'],
  [Response.SpecificationByGroupUnsupported, 'unsupported'],
  [Response.SpecificationByDepthUnsupported, 'unsupported'],
  [Response.ObjectTooLarge, 'too-large'],
  [Response.ObjectPropNotSupported, 'unsupported'],
]);

/** Where the operation knows better than the code. */
const BY_OPERATION: ReadonlyMap<number, ReadonlyMap<number, PhoneErrorKind>> = new Map<
  number,
  ReadonlyMap<number, PhoneErrorKind>
>([
  [
    Operation.SendObjectInfo,
    new Map<number, PhoneErrorKind>([
      // Empty, `.`, `..` or with a slash; both were checked before, so a stricter file system has refused it.
      [Response.InvalidParameter, 'bad-name'],
      [Response.InvalidDataset, 'bad-name'],
    ]),
  ],
  [
    Operation.SetObjectPropValue,
    new Map<number, PhoneErrorKind>([
      [Response.InvalidParameter, 'bad-name'],
      [Response.InvalidObjectPropValue, 'bad-name'],
    ]),
  ],
  // AOSP answers 2002, not 2010, when a picture has no thumbnail.
  [Operation.GetThumb, new Map<number, PhoneErrorKind>([[Response.GeneralError, 'missing']])],
]);

/** The kind of error that a response code other than OK means, by operation first. */
export const kindOfResponse = (operation: number, code: number): PhoneErrorKind =>
  BY_OPERATION.get(operation)?.get(code) ?? BY_CODE.get(code) ?? 'refused';

/** The error for such a response; `subject` is the file or folder it was about. */
export const refusal = (operation: number, code: number, subject?: string): PhoneError =>
  fail(kindOfResponse(operation, code), operationName(operation), `${responseName(code)} ${hex(code)}`, {
    code,
    ...(subject === undefined ? {} : { subject }),
  });
