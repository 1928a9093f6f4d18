/** Called in the thread that has the program. */

let isPrepared = false;

/**
 * Node waits for its threads before a process ends, also for one that is inside a call of Windows' that never comes back.
 * From now on this process ends without them, with the same exit code and after everything else. Never rejects.
 */
export async function endDespiteThreads(): Promise<void> {
  if (isPrepared || process.platform !== 'win32') return;
  isPrepared = true;
  try {
    const { default: koffi } = await import('koffi');
    const kernel = koffi.load('kernel32.dll');
    const current = kernel.func('GetCurrentProcess', 'void *', []) as () => unknown;
    const terminate = kernel.func('TerminateProcess', 'bool', ['void *', 'uint32']) as (...args: unknown[]) => boolean;
    process.on('exit', (code) => {
      terminate(current(), code);
    });
  } catch {
    // without koffi no thread was ever inside a call
  }
}
