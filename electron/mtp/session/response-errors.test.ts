import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Operation, Response } from '../wire/codes.ts';
import { kindOfResponse } from './response-errors.ts';

describe('response codes', () => {
  const cases = [
    ['SendObjectInfo', 'GeneralError', 'refused'],
    ['SendObjectInfo', 'InvalidParameter', 'bad-name'],
    ['SendObjectInfo', 'StoreFull', 'full'],
    ['SendObjectInfo', 'ObjectTooLarge', 'too-large'],
    ['SendObjectInfo', 'InvalidObjectHandle', 'stale'],
    ['SendObjectInfo', 'InvalidParentObject', 'stale'],
    ['SendObjectInfo', 'InvalidStorageID', 'stale'],
    ['SendObject', 'GeneralError', 'refused'],
    ['SendObject', 'NoValidObjectInfo', 'refused'],
    ['MoveObject', 'GeneralError', 'refused'],
    ['SetObjectPropValue', 'GeneralError', 'refused'],
    ['CopyObject', 'StoreFull', 'full'],
    ['BeginEditObject', 'GeneralError', 'refused'],
    ['SendPartialObject', 'OperationNotSupported', 'unsupported'],
    ['GetThumb', 'GeneralError', 'missing'],
    ['GetThumb', 'NoThumbnailPresent', 'missing'],
    ['DeleteObject', 'StoreReadOnly', 'read-only'],
    ['DeleteObject', 'ObjectWriteProtected', 'read-only'],
    ['DeleteObject', 'AccessDenied', 'read-only'],
    ['DeleteObject', 'PartialDeletion', 'refused'],
    ['GetObjectHandles', 'StoreNotAvailable', 'locked'],
    ['GetStorageIDs', 'DeviceBusy', 'busy'],
    ['GetStorageIDs', 'SessionNotOpen', 'confused'],
  ] as const;
  for (const [operation, response, kind] of cases)
    test(`${operation} ${response} is ${kind}`, () =>
      assert.equal(kindOfResponse(Operation[operation], Response[response]), kind));
  test('a code nobody knows is a plain no', () => assert.equal(kindOfResponse(0x1001, 0x2fff), 'refused'));
});
