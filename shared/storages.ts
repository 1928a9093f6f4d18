import type { StorageKey } from './domain.ts';
import { formatBytes } from './format.ts';
import { commonWords } from './words/made/common.ts';

/**
 * Which storage a stored key means, among those a phone shows now. Nothing about a storage is stable but the phone
 * itself: ids live for one connection (field notes §0.6), descriptions follow the phone's language, capacities change
 * with an update. So a key is evidence, and the best match is the storage. Pure.
 */

/** What a key holds: `type|description|capacity`, then `#2` for the second of two alike or `@volume`. */
export interface StorageEvidence {
  /** PTP's StorageType: 1 fixed ROM, 2 removable ROM, 3 fixed RAM, 4 removable RAM. */
  readonly type: number;
  readonly description: string;
  /** Bytes; 0 or `Number.MAX_SAFE_INTEGER` where the phone gave no usable figure. */
  readonly capacity: number;
  /** Place among those that are alike otherwise, from 1; `undefined`: one of them, and nobody knows which. */
  readonly ordinal: number | undefined;
  /** The volume's own identifier, where it tells two alike apart. */
  readonly volume: string;
}

/** The evidence in a key; `undefined` for text that is no storage key. */
export function evidenceOf(key: StorageKey): StorageEvidence | undefined {
  const parts = /^(\d+)\|(.*)\|(\d+)(?:#(\d+|\?\d*))?(?:@(.*))?$/su.exec(key);
  if (parts === null) return undefined;
  const [, type = '', description = '', capacity = '', ordinal = '1', volume = ''] = parts;
  return {
    type: Number(type),
    description,
    capacity: Number(capacity),
    ordinal: ordinal.startsWith('?') ? undefined : Number(ordinal),
    volume,
  };
}

/** A key with the storage's index among identical ones; `?` if it is unknown which of them it is. */
export const ordinalKey = (base: StorageKey, ordinal: number | string): StorageKey =>
  (ordinal === 1 ? base : `${base}#${ordinal}`) as StorageKey;
/** A key with the volume's own identifier, for storages that are alike in everything else. */
export const volumeKey = (base: StorageKey, volume: string): StorageKey => `${base}@${volume}` as StorageKey;

/** Whether it is one of several that are alike, and not known which. */
export const isUnknown = (key: StorageKey): boolean => {
  // asked of each storage at each look
  if (!key.includes('#?')) return false;
  const evidence = evidenceOf(key);
  return evidence !== undefined && evidence.ordinal === undefined;
};

/**
 * Whether a storage of the one key may be that of the other, seen at another time: of one type, a card of one capacity,
 * a fixed storage of one name or capacity. Places among those that are alike do not count.
 */
export function isAlike(one: StorageKey, other: StorageKey): boolean {
  const [first, second] = [evidenceOf(one), evidenceOf(other)];
  if (first === undefined || second === undefined || first.type !== second.type) return false;
  const sameName = first.description === second.description;
  if (first.capacity === second.capacity && isFigure(first.capacity)) return true;
  return sameName && !(isRemovable(first.type) && isFigure(first.capacity) && isFigure(second.capacity));
}

const isRemovable = (type: number): boolean => type === 2 || type === 4;
/** Whether the key is that of a card, connected or not. */
export const isCard = (key: StorageKey): boolean => isRemovable(evidenceOf(key)?.type ?? 0);
/** Whether a number of bytes is meaningful; phones report 0 or all ones if they do not know it. */
export const isFigure = (bytes: number): boolean => bytes > 0 && bytes < Number.MAX_SAFE_INTEGER;

/**
 * The storage that `key` means; `undefined` where none is it for certain, which is as if it were away. A card must have
 * the same capacity: another card in the slot is another storage, whatever it is called. Fixed storages may have got
 * another name (language) or another size (update), and both where there is but one.
 */
export function matchStorage<T extends { readonly key: StorageKey; readonly volume?: string | undefined }>(
  key: StorageKey,
  present: readonly T[],
): T | undefined {
  const exact = present.find((one) => one.key === key);
  if (exact !== undefined) return exact;
  const wanted = evidenceOf(key);
  if (wanted === undefined) return undefined;
  const all = present.flatMap((storage) => {
    const evidence = evidenceOf(storage.key);
    return evidence?.type === wanted.type ? [{ storage, evidence }] : [];
  });
  const only = (fits: (evidence: StorageEvidence) => boolean): T | undefined => {
    const found = all.filter(({ evidence }) => fits(evidence));
    return found.length === 1 ? found[0]?.storage : undefined;
  };
  if (wanted.volume !== '') {
    const named = all.filter(({ storage }) => storage.volume === wanted.volume);
    return named.length === 1 ? named[0]?.storage : undefined;
  }
  const sameName = ({ description }: StorageEvidence): boolean => description === wanted.description;
  const sameSize = ({ capacity }: StorageEvidence): boolean => capacity === wanted.capacity && isFigure(capacity);
  // one of several identical storages, of which nobody knows which: one that is alone may be the other
  if (wanted.ordinal === undefined) return undefined;
  const inPlace = ({ ordinal }: StorageEvidence): boolean => ordinal === wanted.ordinal;
  if (isRemovable(wanted.type))
    return (
      only((one) => inPlace(one) && sameSize(one)) ??
      // a phone that reports no capacity for its card
      only((one) => inPlace(one) && sameName(one) && !(isFigure(one.capacity) && isFigure(wanted.capacity)))
    );
  return (
    only((one) => inPlace(one) && sameName(one)) ??
    only((one) => inPlace(one) && sameSize(one)) ??
    (all.length === 1 ? only(inPlace) : undefined)
  );
}

/** Whether two keys mean one storage of a phone that shows these now; where it shows neither, only equal keys do. */
export function isSameStorage(
  one: StorageKey,
  other: StorageKey,
  present: readonly { readonly key: StorageKey; readonly volume?: string | undefined }[],
): boolean {
  if (one === other) return true;
  const found = matchStorage(one, present);
  return found !== undefined && found === matchStorage(other, present);
}

interface Space {
  /** Bytes. */
  readonly free: number;
  readonly capacity: number;
}

/**
 * Whether a phone's free space says anything: not all ones, not more than there is, and 0 only beside a capacity, as a
 * full phone tells it. For showing; what decides about a copy does not trust a 0 (engine/devices/free-space.ts).
 */
const isFreeKnown = ({ free, capacity }: Space): boolean =>
  isFigure(capacity) ? free >= 0 && free <= capacity : isFigure(free);
/** `12 GB free`; a figure that the phone does not know is not told as one. */
export const freeOf = (space: Space): string =>
  isFreeKnown(space) ? commonWords.space.free({ free: formatBytes(space.free) }) : commonWords.space.unknown;
/** `12 GB free of 64 GB`, as far as it is known. */
export function spaceOf(space: Space): string {
  if (!isFigure(space.capacity)) return freeOf(space);
  const capacity = formatBytes(space.capacity);
  return isFreeKnown(space)
    ? commonWords.space.freeOf({ free: formatBytes(space.free), capacity })
    : commonWords.space.unknownOf({ capacity });
}

/** Used share, from 0 to 1; `undefined` if the phone does not report it. */
export const usedShare = ({ free, capacity }: Space): number | undefined =>
  isFigure(capacity) && isFreeKnown({ free, capacity }) ? (capacity - free) / capacity : undefined;
