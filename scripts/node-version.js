// Plain JavaScript without imports from TypeScript: this is what an older Node gets to read.

export const NEEDED_NODE_MAJOR = 24;

/**
 * What to tell the person when this Node is too old, or null when it will do.
 * @param {string} version as in process.versions.node
 * @returns {string | null}
 */
export function nodeTooOld(version) {
  const major = Number.parseInt(version, 10);
  if (major >= NEEDED_NODE_MAJOR) return null;
  return (
    `Replug needs Node ${NEEDED_NODE_MAJOR} or newer, and this is Node ${version}. ` +
    `Run it through npm ("npm start", "npm test"), which brings its own Node, or install Node ${NEEDED_NODE_MAJOR}.`
  );
}
