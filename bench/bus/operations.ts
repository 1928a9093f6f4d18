import { Operation } from '../../electron/mtp/wire/codes.ts';

/** Names of operations by code, for counts. */
export const OPERATION_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Operation).map(([name, code]) => [code, name]),
);
