/** Captured before a life takes its place: between two tasks the real event loop comes round once. */
const { setImmediate } = globalThis;

/** Resolves when every promise that can go on has done so. */
export const letGoOn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
