import { parseArgs } from 'node:util';
import { formatBytes } from '../../shared/format.ts';
import { keep, line, machine, median, runsOf } from '../parts.ts';
import { browserVersion, windowRun } from './cases.ts';
import type { FindRun, PhotosRun, WindowRun } from './figures.ts';
import { findRun } from './find-case.ts';
import { photosRun } from './photos-case.ts';

/**
 * The part of `npm run bench` that needs Chromium and the built program. `--quick` for one run, `--runs` for any
 * number.
 */
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' } },
});
const runs = values.quick ? 1 : runsOf(values.runs);
const entries = 50_000;
const remembered = 100_000;
const shots = 20_000;
const browser = browserVersion();
const { processor, processors } = machine();
console.log(
  `Window: ${browser}, ${processors} × ${processor}, ${entries.toLocaleString('en')} entries, median of ${runs}`,
);

const results: WindowRun[] = [];
for (let run = 0; run < runs; run += 1) results.push(await windowRun(entries));
const found: FindRun[] = [];
for (let run = 0; run < runs; run += 1) found.push(await findRun(remembered));
const photos: PhotosRun[] = [];
for (let run = 0; run < runs; run += 1) photos.push(await photosRun(shots));
keep('window', { browser, entries, remembered, results, found, photos });

const figure = (what: string, all: readonly number[], show: (value: number) => string): void => {
  console.log(line([what, show(median(all)), `${show(Math.min(...all))} – ${show(Math.max(...all))}`], 52, 24));
};
const ms = (value: number): string => `${Math.round(value)} ms`;
figure(
  'first rows drawn after the first entries came',
  results.map((run) => run.firstRowsMs),
  ms,
);
figure(
  'all entries there after the double click',
  results.map((run) => run.allRowsMs),
  ms,
);
figure(
  'scrolling: middle frame',
  results.map((run) => run.scrolling.median),
  ms,
);
figure(
  'scrolling: longest frame',
  results.map((run) => run.scrolling.longest),
  ms,
);
figure(
  'scrolling: frames over 50 ms',
  results.map((run) => run.scrolling.over50),
  String,
);
figure(
  'renderer, resident',
  results.map((run) => run.rendererResident),
  formatBytes,
);
figure(
  'renderer, without what it shares',
  results.map((run) => run.rendererOwn),
  formatBytes,
);
figure(
  'JavaScript heap of the page',
  results.map((run) => run.heap),
  formatBytes,
);
figure(
  'search: first rows after a key, 95th percentile',
  found.map((run) => run.keyMs),
  ms,
);
figure(
  'search: the same while a file is copied',
  found.map((run) => run.keyWhileCopyingMs),
  ms,
);
figure(
  'search: scrolling through all, longest frame',
  found.map((run) => run.scrolling.longest),
  ms,
);
figure(
  `photos: ${shots.toLocaleString('en')} there after the click`,
  photos.map((run) => run.allShotsMs),
  ms,
);
figure(
  'photos: scrolling through all, longest frame',
  photos.map((run) => run.scrolling.longest),
  ms,
);
figure(
  'photos: frames over 50 ms',
  photos.map((run) => run.scrolling.over50),
  String,
);
figure(
  'photos: the same while dates are read',
  photos.map((run) => run.scrollingWhileDating.over50),
  String,
);
