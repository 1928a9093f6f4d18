import { foldName } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import { Operation, Response, operationName } from '../wire/codes.ts';
import { isLegalPhoneName, legalPhoneName } from './legal-names.ts';
import { list } from './listing.ts';
import { objectOf } from './object-info.ts';
import type { FolderRef, ObjectHandle, StorageId } from './phone-types.ts';
import type { Requests } from './requests.ts';

/** A name that the phone refused, and where it was to be. */
export interface RefusedName {
  readonly storage: StorageId;
  readonly folder: FolderRef;
  readonly name: string;
}

/**
 * AOSP answers a bare GeneralError (0x2002) when a name is taken and when the file system does not hold it (field notes
 * §3.2; `: ? *` on the internal storage of Android 11 and later). A look at the folder tells which: the error to reject
 * with becomes `exists`, or `bad-name` with the legal name as its fix: of the object, or of a folder above it that is listed
 * and was never made. Otherwise, and where the look fails, it stays what it was. Never rejects.
 */
export async function explainRefusal(
  requests: Requests,
  { storage, folder, name }: RefusedName,
  error: unknown,
): Promise<unknown> {
  if (!isPhoneError(error) || error.problem.code !== Response.GeneralError) return error;
  const { operation, detail, code } = error.problem;
  const isLegal = isLegalPhoneName(name, { strict: true });
  // SendObject comes after the phone agreed to the name: it is not taken then
  if (operation !== operationName(Operation.SendObject)) {
    try {
      const key = foldName(name);
      const there = await list(requests, storage, folder, { namesOnly: true, priority: 'browse' });
      const taken = there.find((object) => foldName(object.name) === key);
      if (taken !== undefined && (isLegal || (await isReal(requests, taken.handle))))
        return fail('exists', operation, detail, { subject: name, code }, error);
    } catch {
      return error;
    }
  }
  const refused = isLegal ? await unmadeAbove(requests, folder).catch(() => undefined) : name;
  if (refused === undefined) return error;
  return fail('bad-name', operation, detail, { subject: refused, fix: legalPhoneName(refused), code }, error);
}

/** Folders are not deeper: a path of Android ends at 4 KiB. */
const DEEPEST = 128;

/** The name of a folder that the file system does not hold and that is listed all the same, among these and those above. */
async function unmadeAbove(requests: Requests, folder: FolderRef): Promise<string | undefined> {
  let at = folder;
  for (let depth = 0; at !== 'root' && depth < DEEPEST; depth += 1) {
    const { name, size, modified, parent } = await objectOf(requests, at, { priority: 'browse' });
    if (!isLegalPhoneName(name, { strict: true }) && size === 0 && (modified ?? 0) === 0) return name;
    at = parent;
  }
  return undefined;
}

/** AOSP lists an object that it could not make until the connection ends: without bytes, dated 1970. */
async function isReal(requests: Requests, handle: ObjectHandle): Promise<boolean> {
  const { size, modified } = await objectOf(requests, handle, { priority: 'browse' });
  return size > 0 || (modified ?? 0) > 0;
}
