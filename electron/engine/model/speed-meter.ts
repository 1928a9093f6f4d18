/** Confirmed bytes by second, for speed and time left. Times are milliseconds of a monotonic clock. */
export class SpeedMeter {
  readonly #buckets = new Map<number, number>();

  add(bytes: number, now: number): void {
    const second = Math.floor(now / 1000);
    this.#buckets.set(second, (this.#buckets.get(second) ?? 0) + bytes);
    if (this.#buckets.size > 90)
      for (const old of this.#buckets.keys()) if (old < second - 70) this.#buckets.delete(old);
  }

  /** Bytes a second over the last eight whole seconds that had a chance to move; `undefined` when nothing did. */
  speed(now: number): number | undefined {
    const second = Math.floor(now / 1000);
    let bytes = 0;
    let first: number | undefined;
    for (let at = second - 8; at <= second; at += 1) {
      const moved = this.#buckets.get(at);
      if (moved === undefined) continue;
      first ??= at;
      bytes += moved;
    }
    if (first === undefined) return undefined;
    return bytes / Math.max(0.25, now / 1000 - first);
  }

  /** Bytes in each of the last `seconds` seconds, oldest first. */
  history(now: number, seconds: number): readonly number[] {
    const second = Math.floor(now / 1000);
    return Array.from({ length: seconds }, (_, index) => this.#buckets.get(second - seconds + 1 + index) ?? 0);
  }
}
