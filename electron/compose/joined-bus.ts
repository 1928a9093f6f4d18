import type { UsbDescriptors } from '../usb/index.ts';
import type { FirstCheck } from '../../shared/domain.ts';
import { fail, problemOf, type Problem } from '../../shared/errors.ts';
import type { AttachedDevice, DeviceBus, Transport } from '../mtp/ports.ts';

/** What Windows' driver lets through: everything, only Android's own operations, or whole files. */
export type DriverMode = 'raw' | 'mixed' | 'whole';

/** A bus that may be able to make another program release a phone. */
export interface ReleasingBus extends DeviceBus {
  /** How the phones that are open are used, where there are several ways. */
  readonly modes?: readonly DriverMode[];
  /** What was found out when a phone was opened, in lines for a public report. */
  traceOf?(attached: AttachedDevice): readonly string[];
  /** The descriptors of a device, where the bus can read them. */
  descriptorsOf?(attached: AttachedDevice): UsbDescriptors | undefined;
  release?(attached: AttachedDevice): Promise<boolean>;
  /** What on this computer would keep a phone from being opened. */
  checks?(): Promise<readonly FirstCheck[]>;
  /** Makes a program of `checks` quit; resolves whether it was told to. */
  quitProgram?(program: string): Promise<boolean>;
}

/**
 * Several buses as one. A bus that cannot be listed (no USB library) counts as empty and is reported once; the others
 * keep working.
 */
export class JoinedBus implements DeviceBus {
  readonly #buses: ReleasingBus[];
  readonly #log: (line: string) => void;
  /** What stops each listener on each bus. */
  readonly #listeners = new Map<(attached: readonly AttachedDevice[]) => void, (() => void)[]>();
  #closed = false;
  readonly #lists = new Map<ReleasingBus, readonly AttachedDevice[]>();
  readonly #problems = new Map<ReleasingBus, Problem>();

  constructor(buses: readonly ReleasingBus[], log: (line: string) => void) {
    this.#buses = [...buses];
    this.#log = log;
  }

  /** One bus more. Once all are closed it is closed at once. */
  add(bus: ReleasingBus): void {
    if (this.#closed) {
      void bus.close();
      return;
    }
    this.#buses.push(bus);
    for (const [listener, stops] of this.#listeners) stops.push(this.#listen(bus, listener));
  }

  /** Why a bus could not be listed, for the doctor. */
  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  /** How the phones that are open through Windows' driver are used. */
  get modes(): readonly DriverMode[] {
    return this.#buses.flatMap((bus) => bus.modes ?? []);
  }

  /** What was found out when a phone was opened, in lines for a public report. */
  traceOf(attached: AttachedDevice): readonly string[] {
    return this.#buses.flatMap((bus) => bus.traceOf?.(attached) ?? []);
  }

  /** The descriptors of a device; `undefined` where no bus can read them. */
  descriptorsOf(attached: AttachedDevice): UsbDescriptors | undefined {
    for (const bus of this.#buses) {
      const found = bus.descriptorsOf?.(attached);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async current(): Promise<readonly AttachedDevice[]> {
    await Promise.all(this.#buses.map((bus) => this.#list(bus)));
    return this.#all();
  }

  onChange(listener: (attached: readonly AttachedDevice[]) => void): () => void {
    this.#listeners.set(
      listener,
      this.#buses.map((bus) => this.#listen(bus, listener)),
    );
    return () => {
      for (const stop of this.#listeners.get(listener) ?? []) stop();
      this.#listeners.delete(listener);
    };
  }

  async open(attached: AttachedDevice, onWait?: (problem: Problem) => void): Promise<Transport> {
    return (await this.#busOf(attached)).open(attached, onWait);
  }

  /** `id` is that of the attached device, as the engine knows it. */
  async release(id: string): Promise<boolean> {
    const attached = (await this.current()).find((one) => one.id === id);
    return attached === undefined ? false : ((await (await this.#busOf(attached)).release?.(attached)) ?? false);
  }

  /** What on this computer would keep a phone from being opened; nothing of a bus that cannot say. */
  async checks(): Promise<readonly FirstCheck[]> {
    const found = await Promise.all(this.#buses.map(async (bus) => (await bus.checks?.()) ?? []));
    return found.flat();
  }

  /** Makes a program of `checks` quit. Only with the user's consent. Resolves whether one was told to. */
  async quitProgram(program: string): Promise<boolean> {
    const told = await Promise.all(this.#buses.map(async (bus) => (await bus.quitProgram?.(program)) ?? false));
    return told.includes(true);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#buses.map((bus) => bus.close()));
  }

  #listen(bus: ReleasingBus, listener: (attached: readonly AttachedDevice[]) => void): () => void {
    return bus.onChange((attached) => {
      this.#lists.set(bus, attached);
      listener(this.#all());
    });
  }

  #all(): readonly AttachedDevice[] {
    return this.#buses.flatMap((bus) => this.#lists.get(bus) ?? []);
  }

  async #list(bus: ReleasingBus): Promise<void> {
    try {
      this.#lists.set(bus, await bus.current());
      this.#problems.delete(bus);
    } catch (error) {
      const problem = problemOf(error, 'list the bus');
      this.#lists.set(bus, []);
      if (!this.#problems.has(bus)) this.#log(`a bus cannot be used: ${problem.operation}: ${problem.detail}`);
      this.#problems.set(bus, problem);
    }
  }

  async #busOf(attached: AttachedDevice): Promise<ReleasingBus> {
    const has = (bus: ReleasingBus): boolean => this.#lists.get(bus)?.some((one) => one.id === attached.id) ?? false;
    if (!this.#buses.some(has)) await this.current();
    const bus = this.#buses.find(has);
    if (bus === undefined) throw fail('disconnected', 'open', `${attached.id} is not attached`);
    return bus;
  }
}
