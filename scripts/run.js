// Starts one of the TypeScript scripts beside it. Node 24 runs those directly; an older one would stop at their file
// extension with a stack trace, so the version is looked at here first.
import { nodeTooOld } from './node-version.js';

const SCRIPTS = ['start', 'build', 'types', 'test'];

const complaint = nodeTooOld(process.versions.node);
const name = process.argv[2] ?? '';
if (complaint !== null) {
  console.error(complaint);
  process.exitCode = 2;
} else if (!SCRIPTS.includes(name)) {
  console.error(`Usage: node scripts/run.js ${SCRIPTS.join('|')} [arguments]`);
  process.exitCode = 2;
} else {
  const { run } = await import(`./${name}.ts`);
  process.exitCode = await run(process.argv.slice(3));
}
