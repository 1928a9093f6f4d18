import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatBytes } from '../shared/format.ts';
import { CASES, FULL, QUICK, type Measured } from './cases.ts';

/**
 * `npm run bench [-- --quick] [-- --only baseline,large,small,listing,enqueue]`: a table in the terminal and
 * `artifacts/bench/in-process.json`. Performance claims come from here; no test asserts a time.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(CASES).join(',') },
  },
});
const scale = values.quick ? QUICK : FULL;

const line = (cells: readonly string[]): string =>
  `${(cells[0] ?? '').padEnd(40)}${cells
    .slice(1)
    .map((cell) => cell.padStart(14))
    .join('')}`;

console.log(`${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}, in process`);
console.log(line(['', 'seconds', 'MB/s', 'a second', 'memory']));
const results: Measured[] = [];
for (const name of values.only.split(',')) {
  const measure = CASES[name];
  if (measure === undefined) {
    console.error(`There is no case “${name}”; known are ${Object.keys(CASES).join(', ')}.`);
    process.exit(2);
  }
  for await (const result of measure(scale)) {
    results.push(result);
    const { seconds, bytes, count, unit, memory } = result;
    console.log(
      line([
        result.name,
        seconds.toFixed(2),
        bytes === undefined ? '' : (bytes / 1e6 / seconds).toFixed(0),
        count === undefined ? '' : `${Math.round(count / seconds).toLocaleString('en')} ${unit ?? ''}`,
        formatBytes(memory),
      ]),
    );
  }
}

const seconds = (name: string): number | undefined => results.find((result) => result.name === name)?.seconds;
const copy = seconds('cp, large file');
const sum = seconds('sha256sum, large file');
const download = seconds('download, large file, sampled');
if (copy !== undefined && sum !== undefined && download !== undefined)
  console.log(`download, large file, sampled = ${(download / (copy + sum)).toFixed(2)} × (cp + sha256sum)`);

const folder = join(import.meta.dirname, '../artifacts/bench');
mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, 'in-process.json'),
  `${JSON.stringify({ node: process.versions.node, scale, results }, undefined, 2)}\n`,
);
process.exit(0);
