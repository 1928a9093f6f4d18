import type { Freshness, PhoneCatalogue, ProvenSum } from '../../shared/catalogue.ts';
import { formatBytes } from '../../shared/format.ts';
import { date } from '../../shared/words/locale.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/**
 * As of when something that is told from memory is true; `undefined` while the phone is here and all of it is as it was
 * seen last. `phone` is its catalogue, if it is of one phone.
 */
export function freshnessWords({ asOf, complete, stale }: Freshness, phone?: PhoneCatalogue): string | undefined {
  const words = windowWords.catalogue;
  const when = asOf === undefined ? undefined : date(asOf, { dateStyle: 'medium', timeStyle: 'short' });
  if (phone?.activity === 'away')
    return when === undefined ? words.away({ device: phone.name }) : words.awayAsOf({ device: phone.name, when });
  if (!complete) {
    if (phone === undefined || phone.foldersLeft === 0) return words.incomplete;
    const told = { device: phone.name, count: phone.foldersLeft };
    // nothing more comes: the phone refused them, or said of them what no phone has
    return phone.activity === 'idle' ? words.leftOut(told) : words.reading(told);
  }
  return stale && when !== undefined ? words.asOf({ when }) : undefined;
}

/**
 * How much of what is about to be deleted is proven to be on this computer. “All” only where every file is known: of a folder
 * that was not read whole there may be more.
 */
export function provenWords({ files, proven, complete }: ProvenSum): string {
  const words = windowWords.delete;
  if (proven.files === 0) return words.provenNone;
  return proven.files >= files && complete
    ? words.provenAll
    : words.proven({ count: proven.files, size: formatBytes(proven.bytes) });
}
