/** Captured before a life takes their place. */
const { setImmediate } = globalThis;

/** Runs promises and `nextTick` until nothing can go on any more; not part of Node's types, and what its own timers call. */
const runThem = (process as unknown as { readonly _tickCallback: () => void })._tickCallback;

/**
 * Calls `act` outside of any promise, so that it may let promises go on (`letGoOn`) as often as it likes: a turn of the real
 * event loop for each task of a life cost a sixth of its time.
 */
export const outsideOfPromises = <T>(act: () => T): Promise<T> =>
  new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(act());
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });

/** Lets every promise that can go on do so, before it returns. Only within `outsideOfPromises`. */
export const letGoOn = (): void => runThem();
