import { randomInt } from 'node:crypto';
import { itemId, transferId, type ItemId } from '../../../shared/domain.ts';

/** No transfer has this id: what other programs write belongs to none. */
export const NO_TRANSFER = transferId('drive');

const LARGEST = 2 ** 47;

/** An id for a leftover of no item, or of an earlier try of one; ids of items are positive. */
export const leftoverId = (): ItemId => itemId(-randomInt(1, LARGEST));
