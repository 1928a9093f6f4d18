import {
  foldName,
  isBeingOpened,
  isCalled,
  type Device,
  type DeviceKey,
  type TransferId,
} from '../../../shared/domain.ts';
import { fail, failRequest, type PhoneError } from '../../../shared/errors.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import type { SettleOptions } from '../api.ts';
import { Alarm } from '../model/alarm.ts';

/** Waiting for the engine, for callers that have an end: the terminal. */

/** Resolves when the transfer has ended, or cannot go on within the time given. */
export async function awaitSettled(
  context: EngineContext,
  view: () => TransferView,
  transfer: TransferId,
  options: SettleOptions,
): Promise<TransferView> {
  let waitingSince: number | undefined;
  let cleaning = 0;
  const since = context.clock.monotonic();
  for (;;) {
    const now = view();
    if (options.signal?.aborted === true) return now;
    let left = Number.POSITIVE_INFINITY;
    switch (now.state) {
      case 'failed':
      case 'cancelled':
        // what it had made on the phone goes first, while the phone is there
        if (cleaning < MOST_LOOKS && isBeingCleaned(context, now)) {
          cleaning += 1;
          break;
        }
        return now;
      case 'done':
      case 'paused':
        return now;
      case 'waiting':
        // a pause before the next attempt, or a question to the user, is no standstill
        if (now.waitingFor === undefined || now.waitingFor.kind === 'time') {
          waitingSince = undefined;
          break;
        }
        if (now.waitingFor.kind === 'phone' && isComing(context, now.device)) break;
        waitingSince ??= context.clock.monotonic();
        left = options.waitMs - (context.clock.monotonic() - waitingSince);
        if (left <= 0) return now;
        break;
      case 'planning':
      case 'queued':
      case 'running':
      case 'stopping':
        waitingSince = undefined;
        break;
    }
    await nextChange(
      context,
      (wake) =>
        context.onTransferChange((id) => {
          if (id === transfer) wake(cleaning === 0 && isOver(context, id));
        }),
      left,
      options.signal,
      between(LOOK_AFTER_MS.least, (context.clock.monotonic() - since) * LOOK_AFTER_MS.share, LOOK_AFTER_MS.most),
    );
  }
}

/** Whether nothing of it is left to do; costs nothing, unlike a look. */
function isOver({ store }: EngineContext, transfer: TransferId): boolean {
  const { byState, total } = store.counts(transfer);
  return byState.done + byState.failed + byState.cancelled === total;
}

/** Looks, at most half a second apart, at temporaries still to be removed; then the end is told all the same. */
const MOST_LOOKS = 20;

const isBeingCleaned = (context: EngineContext, view: TransferView): boolean =>
  context.registry.connection(view.device) !== undefined &&
  context.store.leftovers(view.device).some((leftover) => leftover.transfer === view.id);

/** A phone that is being opened or recovered is neither absent nor gone. */
function isComing(context: EngineContext, key: DeviceKey): boolean {
  const device = context.registry.devices.find((one) => one.key === key);
  return device !== undefined && isOpening(device);
}
const isOpening = (device: Device): boolean =>
  isBeingOpened(device) || (device.state.kind === 'recovering' && device.state.nextTryAt !== undefined);

/** Resolves with the key of a ready phone; rejects with what is wrong with the one there is. */
export async function awaitDevice(
  context: EngineContext,
  wanted: string | undefined,
  waitMs: number,
): Promise<DeviceKey> {
  const deadline = context.clock.monotonic() + waitMs;
  for (;;) {
    const { devices } = context.registry;
    const matching = devices.filter((device) => device.state.kind !== 'gone' && isCalled(device, wanted));
    const exact = matching.filter((device) => isExactly(device, wanted));
    const ready = (exact.length > 0 ? exact : matching).filter((device) => device.state.kind === 'ready');
    const [first] = ready;
    if (first !== undefined && !devices.some(isBeingOpened)) {
      if (ready.length > 1)
        throw failRequest(
          'phone',
          { id: 'several-phones', with: { count: ready.length } },
          { id: 'say-phone', with: { serials: whatTells(ready).join(', ') } },
        );
      return first.key;
    }
    const coming = devices.some((device) => isOpening(device) && isCalled(device, wanted));
    const left = deadline - context.clock.monotonic();
    if (left <= 0 && !coming && !devices.some(isBeingOpened)) throw whyNot(matching, wanted);
    await nextChange(
      context,
      () => () => undefined,
      coming ? Number.POSITIVE_INFINITY : Math.max(left, 50),
      undefined,
      0,
    );
  }
}

const isExactly = (device: Device, wanted: string | undefined): boolean =>
  wanted === undefined ||
  device.key === wanted ||
  device.serial.trim() === wanted.trim() ||
  foldName(device.name) === foldName(wanted);

/** What to call phones so that each is told from the others: their serial numbers, or their names where they share one or have none. */
function whatTells(devices: readonly Device[]): readonly string[] {
  const serials = devices.map(({ serial }) => serial.trim());
  const isEachOne = serials.every((serial) => serial !== '') && new Set(serials).size === serials.length;
  return isEachOne ? serials : devices.map(({ name }) => name);
}

function whyNot(devices: readonly Device[], wanted: string | undefined): PhoneError {
  const [device] = devices;
  switch (device?.state.kind) {
    case 'locked':
      return fail('locked', 'open phone', '', { subject: device.name });
    case 'held':
      return fail('held', 'open phone', '', { ...device.state, subject: device.name });
    case 'forbidden':
      return fail('forbidden', 'open phone', '', { subject: device.name, advice: device.state.advice });
    case 'recovering':
      return fail('silent', 'open phone', device.state.step, { subject: device.name });
    default:
      return fail('no-phone', 'open phone', '', { subject: wanted });
  }
}

/**
 * Between two looks: a queue of small files changes a thousand times a second, and a look costs more than such a change.
 * The wait for a pause or a question may end a twentieth later than it came, and by the longest of these at most; the end of
 * a transfer is noticed at once.
 */
const LOOK_AFTER_MS = { least: 20, most: 250, share: 1 / 20 };
const between = (least: number, value: number, most: number): number => Math.max(least, Math.min(value, most));

/** Resolves `restMs` after the next change of transfers or devices, at once after one that is urgent, after `ms`, or when aborted. */
async function nextChange(
  context: EngineContext,
  listen: (wake: (isUrgent?: boolean) => void) => () => void,
  ms: number,
  signal: AbortSignal | undefined,
  restMs: number,
): Promise<void> {
  const changed = new Alarm();
  const rested = new Alarm();
  const wake = (isUrgent = false): void => {
    changed.ring();
    if (isUrgent) rested.ring();
  };
  const abort = (): void => {
    wake(true);
  };
  const stop = [
    listen(wake),
    context.registry.onChange(() => {
      wake();
    }),
  ];
  signal?.addEventListener('abort', abort, { once: true });
  try {
    // a change may fall between looking and listening: look again in any case
    await context.clock.sleep(Math.min(ms, 500), changed);
    if (changed.aborted && restMs > 0 && !rested.aborted) await context.clock.sleep(Math.min(ms, restMs), rested);
  } finally {
    signal?.removeEventListener('abort', abort);
    for (const end of stop) end();
  }
}
