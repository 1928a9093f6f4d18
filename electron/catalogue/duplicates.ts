import { createHash } from 'node:crypto';
import type { Compared } from '../../shared/catalogue.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import { endsConnection, problemOf } from '../../shared/errors.ts';
import type { PhoneFile } from '../engine/index.ts';
import type { CatalogueEngine } from './catalogue.ts';

/** Bytes of a sample; one at the beginning, one in the middle, one at the end. */
const SAMPLE = 16 * 1024;

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

/**
 * Reads files, one after the other and behind everything else, and tells which have the same content. Sizes are the phone's
 * own by now: files of another size are in no group together. Rejects where the phone goes away.
 */
export async function compareFiles(
  engine: Pick<CatalogueEngine, 'openFile'>,
  places: readonly PhonePlace[],
  isWhole: boolean,
): Promise<Compared> {
  const groups = new Map<string, PhonePlace[]>();
  const unread: PhonePlace[] = [];
  for (const place of places) {
    try {
      const file = await engine.openFile(place, { priority: 'bulk', readAhead: isWhole, keep: false });
      try {
        const key = `${file.size}:${await (isWhole ? whole(file) : sampled(file))}`;
        groups.set(key, [...(groups.get(key) ?? []), place]);
      } finally {
        file.close();
      }
    } catch (error) {
      if (endsConnection(problemOf(error, 'compare').kind)) throw error;
      unread.push(place);
    }
  }
  return { depth: isWhole ? 'whole' : 'sampled', groups: [...groups.values()].filter((one) => one.length > 1), unread };
}
