// Entry point of every npm script: `node scripts/run.js NAME|FILE [arguments]` runs scripts/NAME.ts, or FILE, on a
// Node that can run TypeScript. An older Node starts the one installed by `npm ci`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { follow } from './follow.js';
import { complaintAboutNode, findOwnNode, isThisNodeNewEnough } from './own-node.js';

const SCRIPTS = ['start', 'build', 'types', 'test', 'dist', 'channels', 'release', 'docs', 'pictures', 'phone'];

const [name = '', ...args] = process.argv.slice(2);
const ownNode = isThisNodeNewEnough() ? null : findOwnNode();

if (name === '') {
  console.error(`Usage: node scripts/run.js ${SCRIPTS.join('|')}|FILE [arguments]`);
  process.exitCode = 2;
} else if (ownNode !== null) {
  // First in the PATH as well, for programs the script starts as "node".
  const PATH = `${path.dirname(ownNode)}${path.delimiter}${process.env['PATH'] ?? ''}`;
  const child = spawn(ownNode, process.argv.slice(1), { stdio: 'inherit', env: { ...process.env, PATH } });
  process.exitCode = await follow(child);
} else if (!isThisNodeNewEnough()) {
  console.error(complaintAboutNode());
  process.exitCode = 2;
} else {
  // Whatever is checked, tested or built imports the compiled words.
  const { makeWords } = await import('./words/make.ts');
  await makeWords();
  await start();
}

async function start() {
  if (SCRIPTS.includes(name)) {
    const { run } = await import(`./${name}.ts`);
    process.exitCode = await run(args);
    return;
  }
  const file = path.resolve(name);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}
