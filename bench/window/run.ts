import { isDeepStrictEqual, parseArgs } from 'node:util';
import { formatBytes } from '../../shared/format.ts';
import { FULL, QUICK } from '../in-process/cases.ts';
import { keep, line, machine, median, read, runsOf, type Machine } from '../parts.ts';
import { browserVersion, windowRun } from './cases.ts';
import { bySize, type FindRun, type PhotosRun, type WindowRun } from './figures.ts';
import { findRuns } from './find-case.ts';
import { photosRun } from './photos-case.ts';

/**
 * The part of `npm run bench` that needs Chromium and the built program. `--quick` for one run and smaller phones,
 * `--runs` for any number, `--only` for some of `folder`, `find` and `photos`; `--add` keeps what was measured of the
 * others before, on the same day and machine.
 */
const ALL = ['folder', 'find', 'photos'];
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    only: { type: 'string', default: ALL.join(',') },
    add: { type: 'boolean', default: false },
  },
});
const runs = values.quick ? 1 : runsOf(values.runs);
const entries = 50_000;
const { many, most } = (values.quick ? QUICK : FULL).remembered;
const shots = 20_000;
const browser = browserVersion();
const { processor, processors } = machine();
const wanted = new Set(values.only.split(','));
const stranger = [...wanted].find((one) => !ALL.includes(one));
if (stranger !== undefined) {
  console.error(`There is no case “${stranger}”; known are ${ALL.join(', ')}.`);
  process.exit(2);
}
interface Kept extends Machine {
  readonly browser: string;
  readonly entries: number;
  readonly results: readonly WindowRun[];
  readonly found: readonly FindRun[];
  readonly photos: readonly PhotosRun[];
}
const before = values.add ? read<Kept>('window') : undefined;
if (before !== undefined) {
  const { node, taken, browser: by, entries: of } = before;
  const then = { node, processor: before.processor, processors: before.processors, taken, browser: by, entries: of };
  if (!isDeepStrictEqual(then, { ...machine(), browser, entries })) {
    console.error('What was measured before is of another day, machine or browser: leave out --add.');
    process.exit(2);
  }
}
console.log(
  `Window: ${browser}, ${processors} × ${processor}, ${entries.toLocaleString('en')} entries, median of ${runs}`,
);

async function measured<T>(name: string, run: () => Promise<T>, then: readonly T[] = []): Promise<readonly T[]> {
  if (!wanted.has(name)) return then;
  const all: T[] = [];
  for (let one = 0; one < runs; one += 1) all.push(await run());
  return all;
}
const results = await measured('folder', () => windowRun(entries), before?.results);
const found = wanted.has('find')
  ? [...(await findRuns(many, runs)), ...(await findRuns(most, runs))]
  : (before?.found ?? []);
const photos = await measured('photos', () => photosRun(shots), before?.photos);
keep('window', { browser, entries, results, found, photos });

const figure = (what: string, all: readonly number[], show: (value: number) => string): void => {
  if (all.length === 0) return;
  console.log(line([what, show(median(all)), `${show(Math.min(...all))} – ${show(Math.max(...all))}`], 64, 24));
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
for (const of of bySize(found)) {
  const name = `search of ${(of[0]?.remembered ?? 0).toLocaleString('en')}`;
  figure(
    `${name}: first rows after a key, 95th percentile`,
    of.map((run) => run.keyMs),
    ms,
  );
  figure(
    `${name}: the same while a file is copied`,
    of.map((run) => run.keyWhileCopyingMs),
    ms,
  );
  figure(
    `${name}: scrolling through all, longest frame`,
    of.map((run) => run.scrolling.longest),
    ms,
  );
}
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
