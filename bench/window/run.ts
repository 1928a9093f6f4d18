import { parseArgs } from 'node:util';
import { formatBytes } from '../../shared/format.ts';
import { keep, line, machine, median, runsOf } from '../parts.ts';
import { browserVersion, windowRun } from './cases.ts';
import type { WindowRun } from './figures.ts';

/**
 * The part of `npm run bench` that needs Chromium and the built program. `--quick` for one run, `--runs` for any
 * number.
 */
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' } },
});
const runs = values.quick ? 1 : runsOf(values.runs);
const entries = 50_000;
const browser = browserVersion();
const { processor, processors } = machine();
console.log(
  `Window: ${browser}, ${processors} × ${processor}, ${entries.toLocaleString('en')} entries, median of ${runs}`,
);

const results: WindowRun[] = [];
for (let run = 0; run < runs; run += 1) results.push(await windowRun(entries));
keep('window', { browser, entries, results });

const figure = (what: string, of: (run: WindowRun) => number, show: (value: number) => string): void => {
  const all = results.map(of);
  console.log(line([what, show(median(all)), `${show(Math.min(...all))} – ${show(Math.max(...all))}`], 52, 24));
};
const ms = (value: number): string => `${Math.round(value)} ms`;
figure('first rows drawn after the first entries came', (run) => run.firstRowsMs, ms);
figure('all entries there after the double click', (run) => run.allRowsMs, ms);
figure('scrolling: middle frame', (run) => run.scrolling.median, ms);
figure('scrolling: longest frame', (run) => run.scrolling.longest, ms);
figure('scrolling: frames over 50 ms', (run) => run.scrolling.over50, String);
figure('renderer, resident', (run) => run.rendererResident, formatBytes);
figure('renderer, without what it shares', (run) => run.rendererOwn, formatBytes);
figure('JavaScript heap of the page', (run) => run.heap, formatBytes);
