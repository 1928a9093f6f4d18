import { systemClock, type EngineClock } from '../../electron/engine/index.ts';
import type { AttachedDevice, DeviceBus, Transport } from '../../electron/mtp/index.ts';

/**
 * Worlds whose clock runs fifty times as fast: half a minute of silence takes under a second. Bytes, files and
 * rows are real.
 */

const FASTER = 50;

export const fastClock: EngineClock = {
  now: () => performance.timeOrigin + performance.now() * FASTER,
  monotonic: () => performance.now() * FASTER,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms / FASTER, 2 ** 31 - 1), signal),
};

/** Never so short that a busy machine looks like a silent phone; opening is retried anyway. */
const shorter = (limitMs: number): number => {
  if (limitMs <= 1_000) return Math.max(60, limitMs / FASTER);
  return Math.max(limitMs <= 5_000 ? 200 : 600, limitMs / FASTER);
};

/** Requests sent to the phone outside the bulk pipes. */
export interface ClassRequest {
  readonly direction: 'in' | 'out';
  readonly request: number;
  readonly length: number;
}

/** A bus with short timeouts that records class requests and lets a test act during a transfer. */
export class FastBus implements DeviceBus {
  readonly #bus: DeviceBus;
  readonly #change: (transport: Transport) => Transport;
  readonly requests: ClassRequest[] = [];
  opened = 0;
  resets = 0;

  constructor(bus: DeviceBus, change: (transport: Transport) => Transport = (transport) => transport) {
    this.#bus = bus;
    this.#change = change;
  }
  current(): Promise<readonly AttachedDevice[]> {
    return this.#bus.current();
  }
  onChange(listener: (attached: readonly AttachedDevice[]) => void): () => void {
    return this.#bus.onChange(listener);
  }
  async open(attached: AttachedDevice): Promise<Transport> {
    this.opened += 1;
    return this.#fast(this.#change(await this.#bus.open(attached)));
  }
  close(): Promise<void> {
    return this.#bus.close();
  }

  #fast(transport: Transport): Transport {
    return {
      maxPacketSize: transport.maxPacketSize,
      linkSpeed: transport.linkSpeed,
      closed: transport.closed,
      write: (parts, { last, limitMs }) => transport.write(parts, { last, limitMs: shorter(limitMs) }),
      read: (want, { limitMs }) => transport.read(want, { limitMs: shorter(limitMs) }),
      onInterrupt: (listener) => transport.onInterrupt(listener),
      classRequestOut: (request, data, { limitMs }) => {
        this.requests.push({ direction: 'out', request, length: data.byteLength });
        return transport.classRequestOut(request, data, { limitMs: shorter(limitMs) });
      },
      classRequestIn: (request, length, { limitMs }) => {
        this.requests.push({ direction: 'in', request, length });
        return transport.classRequestIn(request, length, { limitMs: shorter(limitMs) });
      },
      clearHalt: (endpoint) => transport.clearHalt(endpoint),
      reset: () => {
        this.resets += 1;
        return transport.reset();
      },
      close: () => transport.close(),
    };
  }
}
