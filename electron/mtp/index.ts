/**
 * The protocol: what a phone says over a cable, as bytes, transactions and domain words. May import only `shared` and
 * itself; the cable (`Transport`) and the time (`Clock`) come in as arguments.
 * Its one invariant: a transaction is finished, or its drain is owed and paid before the next; nothing is sent to the
 * phone that it would refuse before reading it.
 */
export * from './ports.ts';
export * from './phone/phone-types.ts';
export { openPhone, type OpenOptions } from './phone/phone.ts';
export { isLegalPhoneName, legalPhoneName, utf8Length } from './phone/legal-names.ts';
export {
  LADDER_START,
  nextStep,
  type LadderAction,
  type LadderPosition,
  type LadderStep,
} from './session/recovery-ladder.ts';
export { QUIRKS, type Quirk } from './phone/quirks.ts';
