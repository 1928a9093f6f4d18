import type * as VirtualRoom from '../virtual/index.ts';
import { failRequest } from '../../shared/errors.ts';
import type { JoinedBus } from './joined-bus.ts';

type VirtualBus = VirtualRoom.VirtualBus;
type VirtualPhone = VirtualRoom.VirtualPhone;

/** Virtual phones beside the others. Their room is loaded with the first one, which most runs never have. */
export class VirtualPhones {
  readonly #bus: JoinedBus;
  #loaded: Promise<VirtualBus> | undefined;

  constructor(bus: JoinedBus) {
    this.#bus = bus;
  }

  /**
   * Reads `specs`, in the syntax of the CLI's `--virtual`, and the `faults` of the first of them, in the syntax of
   * `--fault`. Throws `bad-request`. What it resolves with makes these phones and plugs them in.
   */
  async prepare(specs: readonly string[], faults: readonly string[]): Promise<() => Promise<void>> {
    if (faults.length > 0 && specs.length === 0)
      throw failRequest('fault', { id: 'fault-needs-virtual' }, { id: 'add-virtual' });
    if (specs.length === 0) return async () => undefined;
    const { parseFault, parseVirtualSpec, VirtualPhone } = await room();
    const wanted = specs.map(parseVirtualSpec);
    const happening = faults.map(parseFault);
    return async () => {
      const bus = await this.bus();
      const phones = wanted.map((one) => new VirtualPhone(one));
      phones[0]?.behave(...happening);
      for (const phone of phones) bus.add(phone);
    };
  }

  /** The bus that they are plugged into. */
  bus(): Promise<VirtualBus> {
    this.#loaded ??= room().then(({ VirtualBus }) => {
      const bus = new VirtualBus();
      this.#bus.add(bus);
      return bus;
    });
    return this.#loaded;
  }

  /** The phone of this folder as *Try it* makes it: with sample files, unplugged at first. */
  async inFolder(directory: string): Promise<VirtualPhone> {
    const { VirtualPhone } = await room();
    const phone = new VirtualPhone({ directory, createDefaultFolders: true, samples: true, plugged: false });
    const bus = await this.bus();
    const same = bus.phones.find((one) => one.serial === phone.serial);
    if (same !== undefined) return same;
    bus.add(phone);
    return phone;
  }

  /** All there are; loads nothing. */
  async all(): Promise<readonly VirtualPhone[]> {
    return (await this.#loaded)?.phones ?? [];
  }
}

const room = (): Promise<typeof VirtualRoom> => import('../virtual/index.ts');
