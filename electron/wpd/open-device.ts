import type { WpdClient } from './client.ts';

/**
 * One open device and the thread it has for itself. A call that hangs is ended by `IPortableDevice::Cancel` from another
 * thread, which the documentation has it for; one that goes on even then takes its thread with it, and nothing else.
 */
export class OpenDevice {
  readonly #client: WpdClient;
  readonly #number: number;
  readonly #pointer: bigint;
  readonly #canceller: () => WpdClient;
  #cancelling: Promise<unknown> = Promise.resolve();
  #isClosing = false;

  /** `number` and `pointer` as the thread gave them; `canceller` gives a thread for `Cancel`. */
  constructor(client: WpdClient, number: number, pointer: bigint, canceller: () => WpdClient) {
    this.#client = client;
    this.#number = number;
    this.#pointer = pointer;
    this.#canceller = canceller;
  }

  /** Ends the call under way. */
  interrupt(): void {
    if (this.#isClosing) return;
    const cancel = this.#canceller().ask('cancel', 'cancel', { pointer: this.#pointer });
    this.#cancelling = Promise.all([this.#cancelling, cancel.catch(() => undefined)]);
  }

  /** Closes the device; its thread ends later. Never rejects; does not resolve while a call hangs. */
  async letGo(): Promise<void> {
    this.#isClosing = true;
    // whoever cancels uses the device until then
    await this.#cancelling;
    // a thread that is gone let go of it already
    if (this.#client.isRunning)
      await this.#client.ask('close', 'close', { device: this.#number }).catch(() => undefined);
    this.#client.stopLater();
  }

  /** Leaves the device and the thread to Windows. */
  giveUp(): void {
    this.#isClosing = true;
    this.#client.abandon();
  }
}
