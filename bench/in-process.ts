import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../shared/format.ts';
import { CASES, FULL, QUICK, type Measured } from './cases.ts';

/** The bench in process: a table in the terminal and `artifacts/bench/in-process.json`. */

const line = (cells: readonly string[]): string =>
  `${(cells[0] ?? '').padEnd(40)}${cells
    .slice(1)
    .map((cell) => cell.padStart(14))
    .join('')}`;

export async function inProcessBench(options: {
  readonly quick: boolean;
  readonly cases: readonly string[];
}): Promise<void> {
  const scale = options.quick ? QUICK : FULL;
  console.log(
    `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}, in process`,
  );
  console.log(line(['', 'seconds', 'MB/s', 'a second', 'memory']));
  const results: Measured[] = [];
  for (const name of options.cases) {
    const measure = CASES[name];
    if (measure === undefined) {
      throw new Error(`There is no case “${name}”; known are ${Object.keys(CASES).join(', ')}.`);
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
}
