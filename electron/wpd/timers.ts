/** Time for limits and pauses; tests have their own. */
export interface Timers {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** The timers of Node. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** `work`, or a rejection with `late()` once nothing has moved for `limitMs`; `lastMove` by `timers.now()`. */
export function limited<T>(
  work: Promise<T>,
  timers: Timers,
  limitMs: number,
  lastMove: () => number,
  late: () => Error,
): Promise<T> {
  const began = timers.now();
  return new Promise((resolve, reject) => {
    let stop = (): void => undefined;
    const arm = (ms: number): void => {
      stop = timers.after(ms, () => {
        const rest = Math.max(began, lastMove()) + limitMs - timers.now();
        if (rest > 0.5) arm(rest);
        else reject(late());
      });
    };
    arm(limitMs);
    work.then(
      (value) => {
        stop();
        resolve(value);
      },
      (error: unknown) => {
        stop();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/** `work`, with `urge()` called when it has not ended after `ms` milliseconds. */
export async function urged<T>(work: Promise<T>, timers: Timers, ms: number, urge: () => void): Promise<T> {
  const stop = timers.after(ms, urge);
  try {
    return await work;
  } finally {
    stop();
  }
}
