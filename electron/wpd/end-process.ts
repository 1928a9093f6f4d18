/** The end of a process whose threads are inside calls of Windows'. Called in the thread that has the program. */

const inside = new Set<object>();
let isPrepared = false;

/** Whether a thread is inside a call, or was given up in one. */
export const isInside = (thread: object): boolean => inside.has(thread);

/** A call of the thread's began. Until `left`, the process ends without waiting for it. */
export function entered(thread: object): void {
  inside.add(thread);
}

/** The thread's calls have come back, or it has ended. */
export function left(thread: object): void {
  inside.delete(thread);
}

/**
 * Node ends its threads before a process ends: it waits for one whose call never comes back, and koffi ends the process with
 * another exit code where a thread is ended inside of one. From now on a process with a call under way ends without its
 * threads, with its own exit code and after everything else. Never rejects.
 */
export async function endDespiteCalls(): Promise<void> {
  if (isPrepared || process.platform !== 'win32') return;
  isPrepared = true;
  try {
    const { default: koffi } = await import('koffi');
    const kernel = koffi.load('kernel32.dll');
    const current = kernel.func('GetCurrentProcess', 'void *', []) as () => unknown;
    const terminate = kernel.func('TerminateProcess', 'bool', ['void *', 'uint32']) as (...args: unknown[]) => boolean;
    process.on('exit', (code) => {
      if (inside.size > 0) terminate(current(), code);
    });
  } catch {
    // without koffi no thread is ever inside a call
  }
}
