import { basename, dirname, join } from 'node:path';
import { baseNameOf, foldName, joinPhonePath, localPath, parentOf, type Direction } from '../../../shared/domain.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import { numberedOnPhone } from '../devices/temporary-name.ts';
import { apart } from '../local/local-names.ts';
import { eachPage } from '../model/each-page.ts';
import { ITEM_STATES } from '../model/item-state.ts';
import type { ItemRow, NewItem, TransferRow } from '../model/transfer-store.ts';
import { plannedItems } from '../plan/plan-transfer.ts';
import type { PlannedItem } from '../plan/plan-upload.ts';
import { isPublished } from '../transfer/delete-source.ts';
import { sameButForZone } from '../transfer/time-zone.ts';

/** Rows read at once. */
const AT_ONCE = 1_000;

type Named = Pick<ItemRow, 'local' | 'storage' | 'phone' | 'savedAs'>;

/** What an item is of. */
const sourceOf = ({ local, storage, phone }: Named, direction: Direction): string =>
  direction === 'upload' ? local : `${storage}\0${phone}`;

/** Where its copy goes, as the side that may care least for spelling has it. */
const targetOf = ({ local, phone, savedAs }: Named, direction: Direction): string =>
  foldName(
    direction === 'upload'
      ? joinPhonePath(parentOf(phone), savedAs ?? baseNameOf(phone))
      : join(dirname(local), savedAs ?? basename(local)),
  );

/**
 * Adds to a planned transfer what has come to its sources since they were listed, for a person who asks for the same again
 * means what is there by then; and what was written to since it was copied, whose copy lies under its name by now and is a
 * conflict, as in a new transfer. What is listed already stays as it is; nothing gets a name that another of its sources
 * has. Answers how many were added. Rejects as planning does.
 */
export async function planMore(
  context: EngineContext,
  row: TransferRow,
  connection: Connection | undefined,
): Promise<number> {
  const { store } = context;
  const { id, direction } = row;
  const isGoingOn = (): boolean => store.transfer(id)?.intent === 'run';
  // the last item of each source: as it was copied, or nothing where it is still to be looked at
  const sources = new Map<string, Version | undefined>();
  // by their names, the sources of copies
  const targets = new Map<string, string>();
  await eachPage(store, { transfer: id, states: ITEM_STATES, atOnce: AT_ONCE }, (rows) => {
    for (const item of rows) {
      const source = sourceOf(item, direction);
      // what was moved away has made room for another source of its name, which gets a name of its own
      const isGone = isMovedAway(item);
      if (!isGone) sources.set(source, isCopied(item) ? { size: item.size, modified: item.modified } : undefined);
      targets.set(targetOf(item, direction), isGone ? '' : source);
    }
  });
  let added = 0;
  for await (const batch of await plannedItems(context, row, connection)) {
    const fresh: PlannedItem[] = [];
    for (const one of batch) {
      const source = sourceOf(namedOf(one), direction);
      const copied = sources.get(source);
      // what cannot be looked at any more, or is left out now, has its copy
      const mayDiffer = copied !== undefined && one.problem === undefined && one.skipped === undefined;
      const isWanted =
        !sources.has(source) || (mayDiffer && (await isRewritten(one.item, copied, direction, connection)));
      if (isWanted) fresh.push(one);
    }
    if (!isGoingOn()) return added;
    if (fresh.length === 0) continue;
    const items = fresh.map((one) => withOwnName(one, direction, targets));
    store.addItems(
      id,
      items.map(({ item, problem, skipped, savedAs }) => ({ ...item, problem, skipped, savedAs })),
      context.now(),
    );
    added += items.length;
    context.touch(id);
  }
  return added;
}

/** A file whose name is another source's by now gets a number. */
function withOwnName(one: PlannedItem, direction: Direction, targets: Map<string, string>): PlannedItem {
  const { item } = one;
  const source = sourceOf(namedOf(one), direction);
  let named = one;
  const isTaken = (): boolean => (targets.get(targetOf(namedOf(named), direction)) ?? source) !== source;
  for (let number = 2; item.kind === 'file' && isTaken(); number += 1)
    if (direction === 'upload')
      named = { ...one, savedAs: numberedOnPhone(one.savedAs ?? baseNameOf(item.phone), number) };
    else {
      const savedAs = apart(basename(item.local), number);
      named = { ...one, savedAs, item: { ...item, local: localPath(join(dirname(item.local), savedAs)) } };
    }
  targets.set(targetOf(namedOf(named), direction), source);
  return named;
}

/** A source as it was when it was copied. */
type Version = Pick<ItemRow, 'size' | 'modified'>;

/** Whether the item has its copy, so that what is written to its source now is not in it. */
const isCopied = (item: ItemRow): boolean =>
  item.kind === 'file' &&
  (isPublished(item) ||
    (item.state.kind === 'done' &&
      (item.state.outcome.kind === 'moved' || item.state.outcome.kind === 'already-there')));

/**
 * Whether a planned file is another version than was copied. A phone's file is asked itself, since some phones list other dates
 * than they tell of one file. Rejects as the phone does.
 */
async function isRewritten(
  { storage, phone, size, modified }: NewItem,
  copied: Version,
  direction: Direction,
  connection: Connection | undefined,
): Promise<boolean> {
  if (direction === 'upload') return size !== copied.size || modified !== copied.modified;
  if (connection === undefined || !mayBeOther({ size, modified }, copied)) return false;
  const { handle } = await connection.tree.object(storage, phone);
  return mayBeOther(await connection.phone.stat(handle), copied);
}

/** By its date, where there is one: sizes of phones may be untrue. */
const mayBeOther = (now: Version, copied: Version): boolean =>
  now.modified === undefined || copied.modified === undefined
    ? now.size !== copied.size && now.size > 0
    : !sameButForZone(now.modified, copied.modified);

const isMovedAway = ({ state }: ItemRow): boolean =>
  state.kind === 'done' && state.outcome.kind === 'moved' && state.outcome.original?.deleted === true;

const namedOf = ({ item, savedAs }: PlannedItem): Named => ({ ...item, savedAs });
