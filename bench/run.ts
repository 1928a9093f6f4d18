import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run bench [-- PART…] [-- --option…]`: runs the parts one after another, each in a process of its own, so that
 * none measures memory left by another. Without names it runs all. Options are passed on to each part (`--quick`,
 * `--runs N`). Results: tables here, and `artifacts/bench/<part>.json`, the only source of performance claims.
 */
const PARTS = ['in-process', 'bus', 'window', 'lab'].filter((part) =>
  existsSync(join(import.meta.dirname, part, 'run.ts')),
);

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
