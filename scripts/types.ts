import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const PROJECTS = ['core', 'node', 'web', 'window-tests'];

type Outcome = { readonly project: string; readonly code: number; readonly output: string };

/** One TypeScript program per environment, all at once: each is small, and together they use all cores. */
export async function run(): Promise<number> {
  const outcomes = await Promise.all(PROJECTS.map(check));
  for (const { project, code, output } of outcomes) {
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} tsconfig.${project}.json`);
    if (code !== 0) console.log(output);
  }
  return outcomes.some((outcome) => outcome.code !== 0) ? 1 : 0;
}

function check(project: string): Promise<Outcome> {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const args = [compiler, '--project', path.join(ROOT, `tsconfig.${project}.json`)];
  if (process.stdout.isTTY) args.push('--pretty');
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      // TS18003: the project has no source files yet. A room that is still to be written is not an error of the
      // others.
      const empty = output.includes('error TS18003');
      resolve({ project, code: empty ? 0 : (code ?? 1), output });
    });
  });
}
