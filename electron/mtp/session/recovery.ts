import { fail, isPhoneError, type PhoneError, type Problem } from '../../../shared/errors.ts';
import { CLASS_REQUEST, DRAIN_BYTES, DRAIN_TIME } from './timeouts.ts';
import type { Clock, Transport } from '../ports.ts';
import { ClassRequest, Event, Response, hex } from '../wire/codes.ts';

/** What is done to a cable whose conversation got out of step. Each is bounded; none talks to a phone that is well. */

/**
 * Reads bulk-IN until nothing comes for `quietMs`. Resolves with the number of bytes thrown away; `confused` when
 * the phone goes on and on (a dead GetObject of a huge file), since then waiting is not the way out.
 */
export async function drain(transport: Transport, clock: Clock, quietMs: number): Promise<number> {
  const began = clock.now();
  let drained = 0;
  let pieces = 0;
  for (;;) {
    try {
      const piece = await transport.read(64 * 1024, { limitMs: quietMs });
      drained += piece.bytes.byteLength;
      pieces += 1;
    } catch (error) {
      if (isPhoneError(error) && error.kind === 'silent') return drained;
      if (isPhoneError(error) && error.kind === 'stalled' && pieces < MOST_PIECES) {
        pieces += 1;
        await transport.clearHalt('in');
        continue;
      }
      throw error;
    }
    if (drained > DRAIN_BYTES || pieces > MOST_PIECES || clock.now() - began > DRAIN_TIME)
      throw fail('confused', STILL_SENDING, `data keeps flowing after ${drained} bytes`);
  }
}
const STILL_SENDING = 'drain';

/** Whether a drain gave up because the phone is still sending what an earlier program asked for: then it is not idle. */
export const isStillSending = ({ kind, operation }: Problem): boolean =>
  kind === 'confused' && operation === STILL_SENDING;

/** Of one byte each they would still end. */
const MOST_PIECES = 4096;

/** Asked for 32 bytes always: a request of 4 ends Android's server (§2.2). */
const STATUS_LENGTH = 32;

/** The status code of the phone, or `undefined` where it does not answer class requests. The length field is wrong on AOSP, so it is not read. */
async function deviceStatus(transport: Transport): Promise<number | undefined> {
  try {
    const bytes = await transport.classRequestIn(ClassRequest.GetDeviceStatus, STATUS_LENGTH, {
      limitMs: CLASS_REQUEST,
    });
    if (bytes.byteLength < 4) return undefined;
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(2, true);
  } catch (error) {
    if (isPhoneError(error) && error.kind === 'disconnected') throw error;
    return undefined;
  }
}

/** After a stall: ask why, then let both endpoints go on. AOSP says 0x201F once and sends no response (§2.2). */
export async function afterStall(
  transport: Transport,
  clock: Clock,
  operation: string,
  cause: PhoneError,
): Promise<PhoneError> {
  const status = await settledStatus(transport, clock);
  await transport.clearHalt('in');
  await transport.clearHalt('out');
  const detail = status === undefined ? cause.problem.detail : `device status ${hex(status)}`;
  return fail('stalled', operation, detail, status === undefined ? {} : { code: status }, cause);
}

async function settledStatus(transport: Transport, clock: Clock): Promise<number | undefined> {
  let status = await deviceStatus(transport);
  for (let attempt = 0; attempt < 5 && status === Response.DeviceBusy; attempt += 1) {
    await clock.sleep(100);
    status = await deviceStatus(transport);
  }
  return status;
}

/**
 * Cancels an operation that is known to be inside its data phase; never to be sent to an idle phone (rule 0.3).
 * Drains at once and asks for the status only afterwards (§2.4, step 5). Resolves with whether the phone took the
 * request; some stacks take it and ignore it, so the caller still has to prove that the phone listens.
 */
export async function cancelRunning(
  transport: Transport,
  clock: Clock,
  transactionId: number,
  quietMs: number,
): Promise<boolean> {
  const data = new Uint8Array(6);
  const view = new DataView(data.buffer);
  view.setUint16(0, Event.CancelTransaction, true);
  view.setUint32(2, transactionId, true);
  try {
    await transport.classRequestOut(ClassRequest.Cancel, data, { limitMs: CLASS_REQUEST });
  } catch (error) {
    if (isPhoneError(error) && (error.kind === 'stalled' || error.kind === 'silent')) return false;
    throw error;
  }
  await drain(transport, clock, quietMs);
  const status = await settledStatus(transport, clock);
  if (status === Response.TransactionCancelled) {
    await transport.clearHalt('in');
    await transport.clearHalt('out');
  }
  return true;
}
