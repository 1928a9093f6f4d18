import type { Freshness, PhoneCatalogue, ProvenSum } from '../../shared/catalogue.ts';
import { formatBytes } from '../../shared/format.ts';
import { date } from '../../shared/words/locale.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/**
 * As of when something that is told from memory is true, and what of it is missing. `undefined` where nothing is known yet.
 * `phone` is its catalogue, if it is of one phone.
 */
export function freshnessWords({ asOf, complete }: Freshness, phone?: PhoneCatalogue): string | undefined {
  const words = windowWords.catalogue;
  const when = asOf === undefined ? undefined : date(asOf, { dateStyle: 'medium', timeStyle: 'short' });
  if (phone?.activity === 'away')
    return when === undefined ? words.away({ device: phone.name }) : words.awayAsOf({ device: phone.name, when });
  const told = when === undefined ? [] : [words.asOf({ when })];
  return [...told, ...(complete ? [] : [missingWords(phone)])].join(' · ') || undefined;
}

function missingWords(phone: PhoneCatalogue | undefined): string {
  const words = windowWords.catalogue;
  if (phone === undefined || phone.foldersLeft === 0) return words.incomplete;
  const told = { device: phone.name, count: phone.foldersLeft };
  // nothing more comes: the phone refused them, or said of them what no phone has
  return phone.activity === 'idle' ? words.leftOut(told) : words.reading(told);
}

/**
 * How much of what is about to be deleted is proven to be on this computer, sentence by sentence. “All” only where every file is
 * known: of a folder that was not read whole there may be more.
 */
export function provenWords({ files, proven, mirrored, complete }: ProvenSum): readonly string[] {
  const words = windowWords.delete;
  const isAll = ({ files: count }: ProvenSum['proven']): boolean => count >= files && complete;
  const told = (sum: ProvenSum['proven']): { readonly count: number; readonly size: string } => ({
    count: sum.files,
    size: formatBytes(sum.bytes),
  });
  if (proven.files + mirrored.files === 0) return [words.provenNone];
  return [
    ...(proven.files === 0 ? [] : [isAll(proven) ? words.provenAll : words.proven(told(proven))]),
    ...(mirrored.files === 0 ? [] : [isAll(mirrored) ? words.mirroredAll : words.mirrored(told(mirrored))]),
  ];
}
