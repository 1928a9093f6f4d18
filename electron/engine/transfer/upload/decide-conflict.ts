import { basename } from 'node:path';
import { baseNameOf, type Instant, type TargetExpectation } from '../../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../../shared/errors.ts';
import type { Outcome } from '../../../../shared/snapshots.ts';
import type { PhoneObject } from '../../../mtp/index.ts';
import { isProved } from '../../devices/phone-evidence.ts';
import { numberedOnPhone } from '../../devices/temporary-name.ts';
import { withoutNumber } from '../../local/local-names.ts';
import type { Input } from '../../model/item-state.ts';
import type { ItemRow } from '../../model/transfer-store.ts';
import { SAME_TIME_MS, applyConflictRule } from '../conflict-rule.ts';
import { compareFiles, compareRange, compareWhole, readableEnd, sampleRanges } from '../compare-bytes.ts';
import { CONTENT_SALT, fingerprintObject, samplesOf } from '../fingerprint.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import { SMALL } from '../sample.ts';
import { isOfSameTransfer } from './made-before.ts';
import type { UploadSource } from './upload-source.ts';
import type { UploadTarget } from './upload-target.ts';

/** What a conflict is decided upon. */
export interface UploadParts {
  readonly context: ItemTransferContext;
  readonly source: UploadSource;
  readonly target: UploadTarget;
}

const ALREADY_THERE: Outcome = { kind: 'already-there' };

/**
 * Decides what becomes of this file where its name is taken, and stores what publishing may find there
 * (`ItemRow.expectation`). Answers the input that ends the preparation, or nothing where the file is to be sent.
 * Rejects with `exists` where a folder would have to be replaced, and with `phantom`.
 */
export async function decideConflict(parts: UploadParts): Promise<Input | undefined> {
  const { context, target } = parts;
  const { run } = context;
  const listed = target.folder.find(target.name, target.object?.handle);
  if (listed === undefined) {
    expect(parts, { kind: 'nothing' });
    return undefined;
  }
  // what this very transfer has made is a second source of that name, never something to be replaced or left out
  if (await isOfSameTransfer(context, listed)) return keepBoth(parts);
  // as it is now: publishing looks the same way, and some phones list other dates than they tell of one object
  const told = await look(parts, listed);
  if (told === undefined) {
    expect(parts, { kind: 'nothing' });
    return undefined;
  }
  // what is decided and asked is about what it holds; what is expected of it later, about what the phone tells of it
  const existing = told.kind === 'file' && told.size === 0 ? { ...told, size: await sizeRead(parts, told) } : told;

  const { row, transfer } = run;
  const source = { name: baseNameOf(row.phone), size: row.size, modified: row.modified };
  const answer = (await answerAbout(parts, told)) ?? transfer.conflictAnswer;
  let decision = applyConflictRule(transfer.options.onConflict, answer, source, existing);
  if (decision === 'compare' || decision === 'skip' || decision === 'ask') {
    const before = sentBefore(parts, existing);
    const isCompared = decision === 'compare' || before.length > 0;
    const found = isCompared ? await compareContents(parts, existing, before) : 'different';
    if (found === 'stopped') return { kind: 'stopped' };
    if (found === 'same' && before.length > 0) return settle(parts, ALREADY_THERE);
    if (decision === 'compare') decision = found === 'same' ? 'skip' : 'ask';
  }
  switch (decision) {
    case 'skip':
      return settle(parts, { kind: 'skipped', why: 'on-phone' });
    case 'ask': {
      const existingIsFolder = existing.kind === 'folder';
      // an answer is about what was shown; a folder is never replaced, whatever the answer
      expect(parts, existingIsFolder ? { kind: 'nothing' } : await expectationOf(parts, told));
      return { kind: 'asked', question: { kind: 'conflict', source, existing, existingIsFolder } };
    }
    case 'keep-both':
      return keepBoth(parts);
    case 'replace':
      if (existing.kind === 'folder')
        throw fail('exists', 'replace', `a folder with handle ${existing.handle} has this name`, {
          subject: target.name,
        });
      // all of what the answer was about may be known: another look would know less
      if (run.row.answer !== 'replace' || run.row.expectation?.kind !== 'file')
        expect(parts, await expectationOf(parts, told));
      return undefined;
  }
}

/** With the content where no date tells one file from another of its size. */
async function expectationOf({ context }: UploadParts, existing: PhoneObject): Promise<TargetExpectation> {
  const { size, modified } = existing;
  if (modified !== undefined) return { kind: 'file', size, modified };
  const fingerprint = await fingerprintObject(context.connection.phone, existing, CONTENT_SALT);
  return { kind: 'file', size, modified, fingerprint };
}

function expect({ context: { run } }: UploadParts, expectation: TargetExpectation): void {
  const { expectation: before } = run.row;
  if (before?.kind === 'nothing' && expectation.kind === 'nothing') return;
  run.update({ expectation });
}

/** The user's answer for this file, unless it was given about something else than what is there now. */
async function answerAbout(
  { context: { run, connection } }: UploadParts,
  existing: PhoneObject,
): Promise<ItemRow['answer']> {
  const { answer, expectation } = run.row;
  if (answer === undefined || expectation === undefined) return answer;
  if (answer !== 'replace' && answer !== 'skip') return answer;
  const isSame =
    expectation.kind === 'file' &&
    existing.kind === 'file' &&
    (await isProved(existing, { ...expectation, content: samplesOf(connection.phone, expectation) }));
  if (isSame) return answer;
  run.update({ answer: undefined });
  return undefined;
}

/** Nothing is sent; what an interrupted run has left under a temporary name goes. */
async function settle({ context: { run }, target }: UploadParts, outcome: Outcome): Promise<Input> {
  await target.discard();
  run.update({ temporary: undefined, creation: 'none' });
  return { kind: 'settled', outcome };
}

function keepBoth(parts: UploadParts): undefined {
  const { context, target } = parts;
  const { folder } = target;
  const bare = withoutNumber(target.name, basename(context.run.row.local));
  for (let number = 2; ; number += 1) {
    const name = numberedOnPhone(bare, number);
    if (folder.find(name) !== undefined || !target.claim(name)) continue;
    context.run.update({ savedAs: name });
    expect(parts, { kind: 'nothing' });
    return undefined;
  }
}

async function look({ context, target }: UploadParts, listed: PhoneObject): Promise<PhoneObject | undefined> {
  try {
    const now = await context.connection.phone.stat(listed.handle);
    return { ...now, name: listed.name };
  } catch (error) {
    if (!isPhoneError(error) || (error.kind !== 'stale' && error.kind !== 'missing')) throw error;
    target.folder.remove(listed.name);
    return undefined;
  }
}

/**
 * The bytes of a file that is told to be empty, as some phones say of every file. Rejects with `phantom` for an object that was
 * announced and never sent, by a program that died in between: Android lists it as an empty file, refuses to read it, to
 * delete it and to make another of its name, until the connection ends (field notes §3.2).
 */
async function sizeRead({ context, target }: UploadParts, existing: PhoneObject): Promise<number> {
  try {
    return await context.connection.phone.readWhole(existing, () => undefined);
  } catch (error) {
    if (!isPhoneError(error) || error.kind !== 'refused') throw error;
    throw fail('phantom', 'upload', error.problem.detail, { subject: target.name });
  }
}

/**
 * Same size and the same samples: enough for what nobody else could have put there. What a phone cannot read in ranges is read
 * whole, in one transaction, which costs no more than to send the file again.
 */
export async function holdsSamples({ context, source }: UploadParts, existing: PhoneObject): Promise<boolean> {
  const { phone } = context.connection;
  const { size } = context.run.row;
  if (existing.kind !== 'file' || existing.size !== size) return false;
  if (size > readableEnd(phone)) {
    const { received, bad } = await compareWhole(phone, existing, source.ours);
    return bad === undefined && received === size;
  }
  for (const range of sampleRanges(existing.size))
    if ((await compareRange(phone, existing, source.ours, range)) !== undefined) return false;
  return true;
}

/**
 * Whether what is there has the source's bytes. A copy with the date that it was sent with, or that the phone told of it
 * then, is told by samples; one that was touched since by all of its bytes.
 */
async function compareContents(
  parts: UploadParts,
  existing: PhoneObject,
  before: readonly ItemRow[],
): Promise<'same' | 'different' | 'stopped'> {
  if (!(await holdsSamples(parts, existing))) return 'different';
  const { context, source } = parts;
  const { run, connection } = context;
  const { size, modified } = run.row;
  // all of it was read
  if (size > readableEnd(connection.phone)) return 'same';
  const isSent = isNear(existing.modified, modified, SAME_TIME_MS);
  const isTold = before.some(({ state }) => {
    const outcome = state.kind === 'done' ? state.outcome : undefined;
    return outcome?.kind === 'moved' && isNear(existing.modified, outcome.copyModified, 0);
  });
  if (isSent || isTold) return 'same';
  if (size <= SMALL)
    return (await compareRange(connection.phone, existing, source.ours, { offset: 0, length: size })) === undefined
      ? 'same'
      : 'different';
  const found = await compareFiles(connection.phone, existing, source.file, () => run.stopRequested);
  return found === 'unreadable' ? 'different' : found;
}

const isNear = (one: Instant | undefined, other: Instant | undefined, ms: number): boolean =>
  one !== undefined && other !== undefined && Math.abs(one - other) <= ms;

/**
 * The items with which this very file was sent there before: if it is still there, nothing is sent. Where it lay does not
 * matter: what a browser drops lies elsewhere each time.
 */
function sentBefore({ context: { run, store } }: UploadParts, existing: PhoneObject): readonly ItemRow[] {
  const { row, transfer } = run;
  if (existing.size !== row.size || existing.kind !== 'file') return [];
  return store
    .doneAt(transfer.device, row.storage, row.phone, 4)
    .filter((done) => done.id !== row.id && done.size === row.size && done.modified === row.modified);
}
