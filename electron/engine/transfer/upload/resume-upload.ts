import { isPhoneError } from '../../../../shared/errors.ts';
import type { PhoneObject } from '../../../mtp/index.ts';
import { destroyOnPhone, truncateOnPhone } from '../../devices/destroy-on-phone.ts';
import { bringUpToDate, isGone, lookAgain, requireStorage } from '../../devices/look-again.ts';
import type { PhoneEvidence } from '../../devices/phone-evidence.ts';
import { isTemporaryName } from '../../devices/temporary-name.ts';
import type { Input } from '../../model/item-state.ts';
import { MEGABYTE } from '../chunk-size.ts';
import { agreedOffset, compareRange, readableEnd, trustedCheckpoints } from '../compare-bytes.ts';
import { holdsSamples, type UploadParts } from './decide-conflict.ts';
import { throwAway } from './throw-away.ts';

/** Bytes read back before a resumed upload goes on, to see that the phone has what it confirmed. */
const TAIL = MEGABYTE;

/**
 * Finds what an earlier run of this item has made and says where it can go on; nothing where it starts anew. What is
 * found is ours only if it has a temporary name, or a beginning of our source in it.
 */
export async function resumeUpload(parts: UploadParts): Promise<Input | undefined> {
  const { run } = parts.context;
  const { row } = run;
  const { folder, name } = parts.target;
  const { temporary, creation } = row;
  if (temporary === undefined || creation === 'none') return undefined;
  const { connection } = parts.context;
  let left = folder.exactly(temporary);
  if (left === undefined) {
    // a phone that is locked for a moment has nothing
    await requireStorage(connection, row.storage);
    await bringUpToDate(connection, folder);
    left = folder.exactly(temporary);
  }
  if (left !== undefined && left.kind === 'file') {
    // it could be completed, and would never get its name
    const isStuck = left.name !== name && !connection.phone.capabilities.rename;
    if (isStuck) return startOver(parts, left);
    return row.mode === 'whole' ? resumeWhole(parts, left) : resumeChunks(parts, left);
  }
  // the rename may have gone through before its answer did
  const final = folder.exactly(name);
  if (creation === 'renaming' && final !== undefined && (await holdsSamples(parts, final))) {
    parts.target.found(final);
    return { kind: 'prepared', offset: row.size };
  }
  run.update({ temporary: undefined, creation: 'none' });
  return undefined;
}

/** A whole object is complete or worthless. */
async function resumeWhole(parts: UploadParts, left: PhoneObject): Promise<Input | undefined> {
  const { context, source, target } = parts;
  const { run, connection } = context;
  const { row } = run;
  if (left.size === row.size && row.size > 0) {
    const length = Math.min(row.size, readableEnd(connection.phone));
    const isSame =
      length === 0
        ? await holdsSamples(parts, left)
        : (await compareRange(connection.phone, left, source.ours, { offset: 0, length })) === undefined;
    if (isSame) {
      target.found(left, length === 0 || length === row.size);
      return { kind: 'prepared', offset: row.size };
    }
  }
  await remove(parts, left);
  run.update({ temporary: undefined, creation: 'none' });
  return undefined;
}

async function resumeChunks(parts: UploadParts, left: PhoneObject): Promise<Input | undefined> {
  const { context, target } = parts;
  const { run, connection, space } = context;
  const offset =
    connection.phone.capabilities.edit && isTemporaryName(left.name) ? await trustedOffset(parts, left) : undefined;
  if (offset === 'stopped') return { kind: 'stopped' };
  if (offset === undefined) return startOver(parts, left);
  target.found(left);
  const { size, creation } = run.row;
  if (size > offset) await space.requireOnPhone(connection, target.folder.storage, size - offset);
  run.update({ creation: creation === 'renaming' ? 'created' : creation, resumed: true });
  return { kind: 'prepared', offset };
}

async function startOver(parts: UploadParts, left: PhoneObject): Promise<undefined> {
  const { target, context } = parts;
  await target.endEdit().catch(() => undefined);
  await remove(parts, left);
  context.run.dropCheckpoints(0);
  context.run.update({ temporary: undefined, creation: 'none', confirmed: 0 });
}

/** min(what the phone has, last checkpoint), after both sides were compared; `undefined` when the object cannot be edited. */
async function trustedOffset(
  { context, source, target }: UploadParts,
  left: PhoneObject,
): Promise<number | 'stopped' | undefined> {
  const { run, connection } = context;
  const { phone } = connection;
  try {
    await target.beginEdit(left);
  } catch (error) {
    if (!isPhoneError(error) || !['refused', 'unsupported', 'stale', 'missing'].includes(error.kind)) throw error;
    // with its card it comes back, maybe with another handle
    await requireStorage(connection, run.row.storage);
    if (isGone(error) && (await lookAgain(connection, target.folder, left.name))?.handle !== left.handle) throw error;
    return undefined;
  }
  const there = await phone.sizeOf(left.handle);
  const trusted = await trustedCheckpoints(source.file, run.checkpoints(), () => run.stopRequested);
  // looked at only in part: nothing is thrown away on that ground
  if (run.stopRequested) return 'stopped';
  const comparable = Math.min(there, readableEnd(phone));
  const offset = await agreedOffset(
    phone,
    { handle: left.handle, size: there },
    source.file,
    trusted.filter((checkpoint) => checkpoint.offset + checkpoint.length <= comparable),
    (_, end) => Math.max(0, end - TAIL),
  );
  if (there > offset && phone.capabilities.truncate) await truncateOnPhone(connection, left, offset);
  run.dropCheckpoints(offset);
  return offset;
}

/** Removes an object that cannot be gone on with, if it is ours; what the phone does not delete now is noted for later. */
async function remove(parts: UploadParts, left: PhoneObject): Promise<void> {
  const { context, source, target } = parts;
  const { run, connection } = context;
  const { storage } = run.row;
  const isTemporary = left.name !== target.name && isTemporaryName(left.name);
  const evidence: PhoneEvidence = isTemporary ? { kind: 'temporary' } : { kind: 'beginning-of', source: source.reader };
  const where = { storage, folder: target.folder.path, name: left.name, handle: left.handle };
  await throwAway(parts, left.name, () => destroyOnPhone(connection, where, evidence));
}
