/** Repeatable randomness: the seed is printed, so that a failed run can be reproduced (`LAB_SEED=N`). */
export const SEED = Number(process.env['LAB_SEED'] ?? Date.now() % 1_000_000);

/** mulberry32: small, even enough for moments and sizes. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
