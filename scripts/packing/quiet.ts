import { log } from 'electron-builder';

/**
 * Packs without electron-builder's story on the output: in a test that belongs to the runner, which reads results from
 * it. Only its own log is turned off; whatever goes wrong is thrown.
 */
export async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const open = log as unknown as { stream: unknown };
  const { stream } = open;
  open.stream = { write: () => true };
  try {
    return await work();
  } finally {
    open.stream = stream;
  }
}
