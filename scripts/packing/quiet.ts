import { log } from 'electron-builder';

/**
 * Packs without electron-builder's log output, because in a test the output belongs to the runner, which parses it.
 * Only the log is disabled; errors are thrown.
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
