// `npm run release -- check|notes`: the steps of .github/workflows/release.yml that are more than a command.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './packing/configuration.ts';
import type { System } from './packing/targets.ts';
import { notesFor } from './release/notes.ts';
import { lookAtPackages, runProgram, type RunProgram } from './release/signatures.ts';

const USAGE = `Usage: npm run release -- check --packages DIR --tag vX.Y.Z [--system linux|mac|win]
       npm run release -- notes --packages DIR --tag vX.Y.Z --repository URL
  check   looks at the packages of this system; writes signed-SYSTEM.json beside them. With REPLUG_SIGNING=required,
          a package that is not signed is refused.
  notes   prints the notes of the release, from CHANGELOG.md and signed-*.json`;

const SYSTEMS: Readonly<Record<string, System>> = { linux: 'linux', darwin: 'mac', win32: 'win' };

/** 0; 1 if something must not be published; 2 for a wrong command line. `program` stands in for the system's tools. */
export function run(args: readonly string[], program: RunProgram = runProgram): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      packages: { type: 'string' },
      tag: { type: 'string' },
      system: { type: 'string', default: SYSTEMS[process.platform] ?? 'linux' },
      repository: { type: 'string', default: '' },
    },
  });
  const { packages, tag, system, repository } = values;
  const [step] = positionals;
  if (packages === undefined || tag === undefined || !['linux', 'mac', 'win'].includes(system)) {
    console.error(USAGE);
    return 2;
  }
  const folder = path.resolve(packages);
  if (step === 'check') return check(folder, tag, system as System, program);
  if (step === 'notes') {
    const signed: Partial<Record<System, boolean>> = {};
    for (const one of ['linux', 'mac', 'win'] as const) {
      const file = path.join(folder, `signed-${one}.json`);
      if (fs.existsSync(file)) signed[one] = (read(file) as { signed: boolean }).signed;
    }
    const changelog = fs.readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8');
    console.log(notesFor(changelog, tag.replace(/^v/, ''), signed, repository));
    return 0;
  }
  console.error(USAGE);
  return 2;
}

function check(folder: string, tag: string, system: System, program: RunProgram): number {
  const { version } = read(path.join(ROOT, 'package.json')) as { version: string };
  const problems = tag === `v${version}` ? [] : [`The tag is ${tag}, but package.json says ${version}.`];
  const { broken, unsigned } = lookAtPackages(system, folder, program);
  problems.push(...broken);
  if (process.env['REPLUG_SIGNING'] === 'required') problems.push(...unsigned);
  else for (const one of unsigned) console.log(`Not signed, and signing is not configured: ${one}`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) return 1;
  fs.writeFileSync(path.join(folder, `signed-${system}.json`), JSON.stringify({ signed: unsigned.length === 0 }));
  return 0;
}

const read = (file: string): unknown => JSON.parse(fs.readFileSync(file, 'utf8')) as unknown;
