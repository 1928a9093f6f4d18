import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run bench [-- PART…] [-- --option…]`: the parts one after the other, each a program of its own so that none
 * measures what another left in memory. Without a name, all of them. What follows goes to each part as it is
 * (`--quick`, `--runs N`). Results: tables here, `artifacts/bench/<part>.json`; performance claims come from nowhere else.
 */
const PARTS = ['in-process', 'window', 'lab'].filter((part) => existsSync(join(import.meta.dirname, part, 'run.ts')));

const given = process.argv.slice(2);
const wanted = given.filter((word) => PARTS.includes(word));
const options = given.filter((word) => !PARTS.includes(word));
const stray = options[0];
if (stray !== undefined && !stray.startsWith('-')) {
  console.error(`There is no part “${stray}”; known are ${PARTS.join(', ')}.`);
  process.exit(2);
}
let failed = 0;
for (const part of wanted.length > 0 ? wanted : PARTS) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, part, 'run.ts'), ...options], {
    stdio: 'inherit',
  });
  if (status !== 0) failed = status ?? 1;
}
process.exit(failed);
