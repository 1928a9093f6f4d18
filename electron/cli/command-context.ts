import { formatDuration } from '../../shared/format.ts';
import { isBeingOpened, isCalled, type Device } from '../../shared/domain.ts';
import { fail, isPhoneError } from '../../shared/errors.ts';
import type { Replug } from '../compose.ts';
import type { PhoneOptions, Phones } from '../compose/phones.ts';
import type { Globals } from './arguments.ts';
import { ObstacleLines } from './device-problems.ts';
import type { Output } from './output.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** The person's Ctrl-C, once for a good end; the second time the process is gone before anyone looks here. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Says that a good end is worth waiting for: from now on the first Ctrl-C asks instead of killing. */
  hold(): void;
}

/** What every command has at hand. */
export interface CommandContext {
  readonly globals: Globals;
  readonly output: Output;
  readonly interruption: Interruption;
  /** Milliseconds to wait for a phone that is not there. */
  readonly waitMs: number;
}

/** Which parts of Replug a command needs besides the queue. */
export interface ComposeWish {
  readonly phones: boolean;
  /** Lets earlier transfers go on; the default is not to. */
  readonly autoContinue?: boolean;
}

/** A Replug for one command, started, and closed again whatever happens. */
export async function withReplug<T>(
  context: CommandContext,
  { phones, autoContinue = false }: ComposeWish,
  body: (replug: Replug) => Promise<T>,
): Promise<T> {
  const { compose, defaultDatabase } = await import('../compose.ts');
  const { globals, output } = context;
  const wanted = phones ? globals : { virtual: [], faults: [], usb: false };
  const db = globals.db ?? defaultDatabase();
  const replug = await compose({ ...phonesOf(context, wanted), db, autoContinue });
  const { setAside } = replug.store;
  if (setAside !== undefined) {
    output.event('set-aside', { file: setAside });
    output.say(terminalWords.say.setAside({ file: setAside }));
  }
  return during(replug, body);
}

/** The same without the queue: a command that only looks at the phone leaves the database to others. */
export async function withPhones<T>(context: CommandContext, body: (phones: Phones) => Promise<T>): Promise<T> {
  const { composePhones } = await import('../compose/phones.ts');
  return during(await composePhones(phonesOf(context, context.globals)), body);
}

/** Phones that nobody has opened: for what opens them by itself. */
export async function withClosedPhones<T>(context: CommandContext, body: (phones: Phones) => Promise<T>): Promise<T> {
  const { composePhones } = await import('../compose/phones.ts');
  const phones = await composePhones(phonesOf(context, context.globals));
  try {
    return await body(phones);
  } finally {
    await phones.close();
  }
}

const phonesOf = (
  { output }: CommandContext,
  { virtual, faults, usb }: Pick<Globals, 'virtual' | 'faults' | 'usb'>,
): PhoneOptions => ({ virtual, faults, usb, log: (line) => output.log(line) });

async function during<T, P extends Phones>(phones: P, body: (phones: P) => Promise<T>): Promise<T> {
  try {
    await phones.engine.start();
    return await body(phones);
  } finally {
    await phones.close();
  }
}

/** Which phone is waited for, and what a person calls it. */
export interface WantedPhone {
  /** As `isCalled` has it; `undefined`: the only one there is. */
  readonly phone: string | undefined;
  readonly name: string | undefined;
}

/** The phone that is meant, ready; waits for it as long as the person wants. */
export async function readyDevice(
  context: CommandContext,
  { engine }: Phones,
  { phone, name }: WantedPhone = { phone: context.globals.phone, name: context.globals.phone },
): Promise<Device> {
  const { output, interruption, waitMs } = context;
  const lines = new ObstacleLines(output);
  let said = false;
  const stop = engine.watch('devices', undefined, ({ devices }) => {
    // without time to wait the problem is told, and nothing is waited for but a phone that is being opened
    const awaited = devices.filter((one) => isMeant(one, phone) && (waitMs > 0 || isBeingOpened(one)));
    for (const text of lines.tell(awaited)) {
      said = true;
      output.say(text);
    }
  });
  const nudge = setTimeout(() => {
    if (said) return;
    if (waitMs > 0) output.say(nudgeText(name, waitMs));
  }, 1500);
  try {
    const key = await Promise.race([
      engine.waitForDevice(phone, waitMs).catch((error: unknown) => {
        if (!isPhoneError(error) || error.kind !== 'no-phone') throw error;
        throw fail('no-phone', error.problem.operation, '', { subject: name }, error);
      }),
      aborted(interruption.signal).then(() => {
        throw fail('no-phone', 'wait', 'interrupted', { subject: name });
      }),
    ]);
    const device = engine.devices.find((one) => one.key === key);
    if (device === undefined) throw fail('disconnected', 'phone', key);
    return device;
  } finally {
    clearTimeout(nudge);
    stop();
  }
}

function nudgeText(device: string | undefined, waitMs: number): string {
  const words = terminalWords.wait;
  if (!Number.isFinite(waitMs)) return device === undefined ? words.any : words.named({ device });
  const time = formatDuration(waitMs / 1000);
  return device === undefined ? words.anyUpTo({ time }) : words.namedUpTo({ device, time });
}

/** Whether it is plugged in, and the one that was asked for. */
export const isMeant = (device: Device, wanted: string | undefined): boolean =>
  device.state.kind !== 'gone' && isCalled(device, wanted);

/** Resolves when the signal is aborted, at once if it already is. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
