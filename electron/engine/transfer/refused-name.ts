import { setImmediate as turn } from 'node:timers/promises';
import { baseNameOf, joinPhonePath, parentOf, ROOT, segmentsOf, type PhonePath } from '../../../shared/domain.ts';
import { fail, isPhoneError, problemOf } from '../../../shared/errors.ts';
import { legalPhoneName, type PhoneObject } from '../../mtp/index.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import { ITEM_STATES, type Input } from '../model/item-state.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';
import type { ItemTransferContext } from './item-transfer.ts';

/**
 * Names that a phone refuses only when it is asked: the internal storage of Android 11 and later takes no `: ? *`, says so
 * of a file at SendObject and of a folder at SendObjectInfo (field notes §3.2), and nothing tells it from one that does.
 */

/** What stands in for a name that a storage does not take. */
export type LegalName =
  | { readonly kind: 'use' | 'ask'; readonly legal: string }
  /** The rule is to fail, or there is no other name. */
  | { readonly kind: 'none' };

/** What the rule of the transfer, or an answer, makes of a name that the storage does not take. */
export function legalNameFor(
  name: string,
  { answer }: Pick<ItemRow, 'answer'>,
  { nameAnswer, options }: Pick<TransferRow, 'nameAnswer' | 'options'>,
): LegalName {
  const legal = legalPhoneName(name);
  if (legal === name) return { kind: 'none' };
  if (answer === 'use-legal-name' || nameAnswer === 'use-legal-name' || options.onName === 'legal')
    return { kind: 'use', legal };
  return options.onName === 'ask' ? { kind: 'ask', legal } : { kind: 'none' };
}

/**
 * What follows for a file when the phone has refused its `name`, or that of a folder above it that it lists and has never
 * made: another attempt under the legal one, or a question. Rejects with the error itself where it is about something else,
 * and with `bad-name`, about the name that a person knows, where the rule is to fail.
 */
export async function afterRefusal(context: ItemTransferContext, name: string, error: unknown): Promise<Input> {
  if (!isPhoneError(error) || error.kind !== 'bad-name') throw error;
  const { run, now } = context;
  const { row, transfer } = run;
  const { operation, detail, code, subject } = error.problem;
  const folder = subject === name ? undefined : await refusedFolder(context, parentOf(row.phone), subject);
  if (folder !== undefined && baseNameOf(folder) === subject) {
    if (!isOwn(folder, transfer)) throw error;
    run.update({ creation: 'none', temporary: undefined, confirmed: 0, expectation: undefined });
    await renameFolder(context, folder, joinPhonePath(parentOf(folder), legalPhoneName(subject)));
    return { kind: 'waitFor', for: { kind: 'time', until: now() }, at: now() };
  }
  const other = legalNameFor(name, row, transfer);
  if (other.kind === 'none')
    throw fail('bad-name', operation, detail, { subject: name, fix: legalPhoneName(name), code }, error);
  // a copy that is whole under its temporary name stays; of a file that was refused there is nothing
  const isWhole = row.creation === 'renaming';
  run.update({
    ...(isWhole ? { creation: 'created' } : { creation: 'none', temporary: undefined, confirmed: 0 }),
    // what was decided was about the other name
    expectation: undefined,
    ...(other.kind === 'use' ? { savedAs: other.legal } : {}),
  });
  if (other.kind === 'ask') return { kind: 'asked', question: { kind: 'name', name, legal: other.legal } };
  const at = now();
  return { kind: 'waitFor', for: { kind: 'time', until: at }, at };
}

/** A folder on the phone that files are to go into. */
export interface FolderMade {
  readonly folder: ListedFolder;
  /** Whether it had to take a legal name, under which there was one before. */
  readonly wasThere: boolean;
}

/**
 * The folder at `path`, made with those above it. One that came with the sources, and whose name the phone refuses, gets the
 * legal one, as it does where that is known when it is planned: what is to go into it is noted there, this item too
 * (`ItemRow.phone`). Rejects as making folders does.
 */
export async function makeFoldersFor(context: ItemTransferContext, path: PhonePath): Promise<FolderMade> {
  const { connection, run } = context;
  const { storage } = run.row;
  let wasThere = false;
  for (let at = path; ;) {
    try {
      return { folder: await connection.tree.makeFolders(storage, at), wasThere };
    } catch (error) {
      const { kind, subject } = problemOf(error);
      if (kind !== 'bad-name') throw error;
      const refused = await refusedFolder(context, at, subject);
      const name = refused === undefined ? '' : baseNameOf(refused);
      // the folder that a person named is theirs to name again
      if (refused === undefined || !isOwn(refused, run.transfer) || legalPhoneName(name) === name) throw error;
      const above = await connection.tree.folder(storage, parentOf(refused));
      const legal = joinPhonePath(parentOf(refused), legalPhoneName(name));
      wasThere = refused === at && above.find(baseNameOf(legal))?.kind === 'folder';
      await renameFolder(context, refused, legal);
      at = `${legal}${at.slice(refused.length)}` as PhonePath;
    }
  }
}

/**
 * Whether a folder of a doubtful name is listed and was never made: Android lists one that it refused until the connection
 * ends, without a date, and tells the dates of all others.
 */
export async function isUnmade(
  { connection }: ItemTransferContext,
  { objects }: ListedFolder,
  { handle, name }: PhoneObject,
): Promise<boolean> {
  if (legalPhoneName(name) === name) return false;
  const { size, modified = 0 } = await connection.phone.stat(handle);
  return size === 0 && modified === 0 && [...objects].some((other) => (other.modified ?? 0) > 0);
}

/** As `makeFoldersFor`, for a folder that `isUnmade`. Rejects with `bad-name` where it is not the transfer's to name. */
export async function makeUnderLegalName(context: ItemTransferContext, path: PhonePath): Promise<FolderMade> {
  const name = baseNameOf(path);
  const legal = joinPhonePath(parentOf(path), legalPhoneName(name));
  if (!isOwn(path, context.run.transfer))
    throw fail('bad-name', 'make folder', 'listed and never made', { subject: name, fix: legalPhoneName(name) });
  const above = await context.connection.tree.folder(context.run.row.storage, parentOf(path));
  const wasThere = above.find(baseNameOf(legal))?.kind === 'folder';
  await renameFolder(context, path, legal);
  return { ...(await makeFoldersFor(context, legal)), wasThere };
}

/** Which folder on the way was refused: the first that is not there, or that has this name (one that failed may be listed). */
async function refusedFolder(
  { connection, run }: ItemTransferContext,
  path: PhonePath,
  name: string | undefined,
): Promise<PhonePath | undefined> {
  let at: PhonePath = ROOT;
  for (const segment of segmentsOf(path)) {
    const next = joinPhonePath(at, segment);
    const there = (await connection.tree.folder(run.row.storage, at)).find(segment);
    if (there === undefined || segment === name) return next;
    at = next;
  }
  return undefined;
}

/** Whether a folder came with the sources of a transfer, or those of a folder pair, that may give it another name. */
const isOwn = (path: PhonePath, { direction, destination, options }: TransferRow): boolean =>
  direction === 'upload' &&
  options.onName !== 'fail' &&
  path.startsWith(destination === ROOT ? ROOT : `${destination}/`);

/** Items changed at once. */
const BATCH = 800;

/** All items of the transfer that go into a folder, and its own, have it under its new name. Twice is as good as once. */
async function renameFolder({ store, run, now }: ItemTransferContext, from: PhonePath, to: PhonePath): Promise<void> {
  const changeOf = ({ phone, kind }: ItemRow): Partial<Pick<ItemRow, 'phone' | 'savedAs'>> | undefined => {
    if (phone !== from && !phone.startsWith(`${from}/`)) return undefined;
    const its = { phone: `${to}${phone.slice(from.length)}` as PhonePath };
    return phone === from && kind === 'folder' ? { ...its, savedAs: baseNameOf(to) } : its;
  };
  // what is in a folder follows it at once
  const isIt = run.row.phone === from && run.row.kind === 'folder';
  let after = isIt ? run.row.sequence : -1;
  for (;;) {
    const rows = store.itemsIn(run.transfer.id, ITEM_STATES, BATCH, after);
    const changes = rows.flatMap((row) => {
      const change = row.id === run.row.id ? undefined : changeOf(row);
      return change === undefined ? [] : [{ id: row.id, change }];
    });
    if (changes.length > 0) store.updateItems(changes, now());
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH || (isIt && changeOf(last) === undefined)) break;
    after = last.sequence;
    await turn();
  }
  // its own row last: after a crash it shows that this was not done
  run.update(changeOf(run.row) ?? {});
}
