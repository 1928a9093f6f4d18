import type { Entry } from '../../../shared/domain.ts';
import type { ObjectHandle, PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';

/** What a listing tells of one object, and which object it was: other programs decide on it, and say so later. */
export interface PhoneEntry extends Entry {
  /** Of no meaning on another connection. */
  readonly handle: ObjectHandle;
  /** Which connection; a number that no other one of this process has. */
  readonly session: number;
}

const sessions = new WeakMap<Connection, number>();
let last = 0;

/** The number of a connection; no other one of this process has it. */
export function sessionOf(connection: Connection): number {
  const known = sessions.get(connection);
  if (known !== undefined) return known;
  last += 1;
  sessions.set(connection, last);
  return last;
}

/** An object as others see it. */
export const entryOf = (connection: Connection, { name, kind, size, modified, handle }: PhoneObject): PhoneEntry => ({
  name,
  kind,
  size,
  modified,
  handle,
  session: sessionOf(connection),
});
