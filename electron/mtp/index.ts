/**
 * The protocol (MTP, initiator side): what a phone says over a cable, as bytes, transactions and files.
 *
 * May import only `shared` and itself; the cable (`Transport`) and the time (`Clock`) come in as arguments.
 * Floors, lowest first: `wire` (bytes ⇄ values), `session` (transactions on a cable), `phone` (files and folders).
 *
 * Invariant: a transaction is finished, or drained before the next; no data phase is started that
 * the phone would refuse without reading it.
 *
 * Begin reading with `phone/phone-types.ts`, what can be asked of a phone; then `phone/phone.ts`, where each call goes,
 * and `session/transaction.ts`, how one goes over the wire. A new operation gets its code in `wire/codes.ts`, its limit
 * in `session/timeouts.ts` and its call in `phone`.
 */
export * from './ports.ts';
export * from './phone/phone-types.ts';
export { openPhone, type OpenPhoneOptions } from './phone/phone.ts';
export { isLegalPhoneName, legalPhoneName } from './phone/legal-names.ts';
export { isNoDate } from './wire/dates.ts';
export { takenForContent } from './session/session.ts';
export { isStillSending } from './session/recovery.ts';
export { LADDER_START, nextStep, toCancel, type LadderPosition } from './session/recovery-ladder.ts';
