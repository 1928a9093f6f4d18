import { createHash } from 'node:crypto';
import type { Compared } from '../../shared/catalogue.ts';
import type { Instant, PhonePlace } from '../../shared/domain.ts';
import { endsConnection, fail, problemOf } from '../../shared/errors.ts';
import type { PhoneFile } from '../engine/index.ts';
import type { Catalogue } from './catalogue.ts';
import { rowAt, storageOf } from './tree.ts';

/** Bytes of a sample; one at the beginning, one in the middle, one at the end. */
const SAMPLE = 16 * 1024;
/** Where the sizes of an ObjectInfo end. */
const SIZES_END = 0xffff_ffff;

async function sampled(file: PhoneFile): Promise<string> {
  const hash = createHash('sha256');
  const last = Math.max(0, file.size - SAMPLE);
  for (const offset of new Set([0, Math.floor(last / 2), last])) hash.update(await file.read(offset, SAMPLE));
  return hash.digest('hex');
}

async function whole(file: PhoneFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of file.stream(0, file.size)) hash.update(piece);
  return hash.digest('hex');
}

interface Seen {
  readonly size: number;
  readonly modified: Instant | undefined;
}

type Compares = Pick<Catalogue, 'of'> & { readonly engine: Pick<Catalogue['engine'], 'openFile'> };

/** Opens a file for `body`, behind everything else that is asked of the phone. */
async function opened<T>(
  { engine }: Compares,
  place: PhonePlace,
  readAhead: boolean,
  body: (file: PhoneFile) => Promise<T> | T,
): Promise<T> {
  const file = await engine.openFile(place, { priority: 'bulk', readAhead, keep: false });
  try {
    return await body(file);
  } finally {
    file.close();
  }
}

/** Size and content of a file that has the size that was remembered of it, and stayed as it was while it was read. */
async function contentOf(
  catalogue: Compares,
  place: PhonePlace,
  size: number | undefined,
  isWhole: boolean,
): Promise<string> {
  const check = (was: Seen, is: Seen): void => {
    if (was.size !== is.size || was.modified !== is.modified)
      throw fail('source-changed', 'compare', `was ${was.size} bytes, is ${is.size}`, { subject: place.path });
  };
  let before: Seen | undefined;
  const content = await opened(catalogue, place, isWhole, async (file) => {
    before = { size: file.size, modified: file.modified };
    // the size its group was made by; from there on some phones tell no true size in a listing
    if (size !== undefined && size < SIZES_END) check({ size, modified: file.modified }, before);
    return `${file.size}:${await (isWhole ? whole(file) : sampled(file))}`;
  });
  // not every phone tells that a file has changed while it was read
  await opened(catalogue, place, false, (file) => {
    check(before ?? file, file);
  });
  return content;
}

/** One text for a place, however its storage is written: a file is no duplicate of itself. */
function identityOf(catalogue: Compares, { device, storage, path }: PhonePlace): string {
  const store = catalogue.of(device)?.store;
  const root = store === undefined ? undefined : storageOf(store, storage)?.root;
  return JSON.stringify([device, root ?? storage, path]);
}

/**
 * Reads files, one after the other and behind everything else, and tells which have the same content. A file of another size
 * than is remembered, or that changes while it is read, is among the unread. Rejects where the phone goes away.
 */
export async function compareFiles(
  catalogue: Compares,
  places: readonly PhonePlace[],
  isWhole: boolean,
): Promise<Compared> {
  const groups = new Map<string, PhonePlace[]>();
  const unread: PhonePlace[] = [];
  // what is read is remembered anew meanwhile
  const distinct = new Map(
    places.map((place) => {
      const store = catalogue.of(place.device)?.store;
      const row = store === undefined ? undefined : rowAt(store, place.storage, place.path);
      return [identityOf(catalogue, place), { place, size: row?.size }];
    }),
  );
  for (const { place, size } of distinct.values()) {
    try {
      const content = await contentOf(catalogue, place, size, isWhole);
      groups.set(content, [...(groups.get(content) ?? []), place]);
    } catch (error) {
      if (endsConnection(problemOf(error, 'compare').kind)) throw error;
      unread.push(place);
    }
  }
  return { depth: isWhole ? 'whole' : 'sampled', groups: [...groups.values()].filter((one) => one.length > 1), unread };
}
