import { fail } from '../../shared/errors.ts';
import type { AttachedDevice, DeviceBus, Transport } from '../mtp/ports.ts';
import type { VirtualPhone } from './phone.ts';

/** The bus that virtual phones are plugged into. */
export class VirtualBus implements DeviceBus {
  readonly #phones = new Map<VirtualPhone, () => void>();
  readonly #listeners = new Set<(attached: readonly AttachedDevice[]) => void>();

  constructor(phones: readonly VirtualPhone[] = []) {
    for (const phone of phones) this.add(phone);
  }

  get phones(): readonly VirtualPhone[] {
    return [...this.#phones.keys()];
  }

  add(phone: VirtualPhone): void {
    if (this.#phones.has(phone)) return;
    this.#phones.set(
      phone,
      phone.onChange(() => this.#tell()),
    );
    if (phone.isPlugged) this.#tell();
  }

  /** Unplugs the phone and removes it from the bus. */
  async remove(phone: VirtualPhone): Promise<void> {
    const stop = this.#phones.get(phone);
    if (stop === undefined) return;
    this.#phones.delete(phone);
    stop();
    this.#tell();
    await phone.dispose();
  }

  current(): Promise<readonly AttachedDevice[]> {
    return Promise.resolve(this.#attached());
  }

  onChange(listener: (attached: readonly AttachedDevice[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async open(attached: AttachedDevice): Promise<Transport> {
    const phone = this.phones.find((each) => each.isPlugged && each.attached().id === attached.id);
    if (phone === undefined) throw fail('disconnected', 'open', `${attached.product} is not on the bus`);
    return await Promise.resolve(phone.open());
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    for (const [phone, stop] of [...this.#phones]) {
      stop();
      await phone.dispose();
    }
    this.#phones.clear();
  }

  #attached(): readonly AttachedDevice[] {
    return this.phones.filter((phone) => phone.isPlugged).map((phone) => phone.attached());
  }
  #tell(): void {
    const attached = this.#attached();
    for (const listener of [...this.#listeners]) listener(attached);
  }
}
