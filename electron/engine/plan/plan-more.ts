import { basename, dirname, join } from 'node:path';
import { baseNameOf, foldName, joinPhonePath, localPath, parentOf, type Direction } from '../../../shared/domain.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import { numberedOnPhone } from '../devices/temporary-name.ts';
import { apart } from '../local/local-names.ts';
import { eachPage } from '../model/each-page.ts';
import { ITEM_STATES } from '../model/item-state.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';
import { plannedItems } from './plan-transfer.ts';
import type { PlannedItem } from './plan-upload.ts';

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
 * means what is there by then. What is listed already stays as it is; nothing gets a name that another of its items has.
 * Answers how many were added. Rejects as planning does.
 */
export async function planMore(
  context: EngineContext,
  row: TransferRow,
  connection: Connection | undefined,
): Promise<number> {
  const { store } = context;
  const { id, direction } = row;
  const isGoingOn = (): boolean => store.transfer(id)?.intent === 'run';
  const sources = new Set<string>();
  const targets = new Set<string>();
  await eachPage(store, { transfer: id, states: ITEM_STATES, atOnce: AT_ONCE }, (rows) => {
    for (const item of rows) {
      // what was moved away has made room for another source of its name
      if (!isMovedAway(item)) sources.add(sourceOf(item, direction));
      targets.add(targetOf(item, direction));
    }
  });
  let added = 0;
  for await (const batch of await plannedItems(context, row, connection)) {
    const fresh = batch.filter(({ item }) => !sources.has(sourceOf({ ...item, savedAs: undefined }, direction)));
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

/** A file whose name is another item's by now gets a number. */
function withOwnName(one: PlannedItem, direction: Direction, targets: Set<string>): PlannedItem {
  const { item } = one;
  let named = one;
  for (let number = 2; item.kind === 'file' && targets.has(targetOf(namedOf(named), direction)); number += 1)
    if (direction === 'upload')
      named = { ...one, savedAs: numberedOnPhone(one.savedAs ?? baseNameOf(item.phone), number) };
    else {
      const savedAs = apart(basename(item.local), number);
      named = { ...one, savedAs, item: { ...item, local: localPath(join(dirname(item.local), savedAs)) } };
    }
  targets.add(targetOf(namedOf(named), direction));
  return named;
}

const isMovedAway = ({ state }: ItemRow): boolean =>
  state.kind === 'done' && state.outcome.kind === 'moved' && state.outcome.original?.deleted === true;

const namedOf = ({ item, savedAs }: PlannedItem): Named => ({ ...item, savedAs });
