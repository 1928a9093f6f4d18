/**
 * Waits for the child and returns its exit status. Ctrl-C reaches the child through the terminal (or, if sent to this
 * process alone, through us); the child decides how to end, and we end after it.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
export function follow(child) {
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    // At a terminal the whole group has already received Ctrl-C; a second one would tell the child to quit
    // immediately.
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, pass);
  /** @type {Promise<number>} */
  const end = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
  return end.finally(() => {
    for (const signal of signals) process.off(signal, pass);
  });
}
