import type { SyncPair } from '../../shared/sync.ts';
import type { Endpoint } from './endpoint.ts';
import type { LocalEndpoint } from './local-endpoint.ts';
import type { PhoneEndpoint } from './phone-endpoint.ts';

/** A pair and its two ends; which of them is copied from is the pair's to say. */
export interface PairSides {
  readonly pair: SyncPair;
  readonly phone: PhoneEndpoint;
  readonly local: LocalEndpoint;
}

/** The end that is copied from. */
export const sourceSide = ({ pair, phone, local }: PairSides): Endpoint =>
  pair.direction === 'to-computer' ? phone : local;
/** The end that is copied to. */
export const targetSide = ({ pair, phone, local }: PairSides): Endpoint =>
  pair.direction === 'to-computer' ? local : phone;
