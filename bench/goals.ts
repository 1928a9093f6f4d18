import { TARGET_MS } from '../electron/engine/transfer/chunk-size.ts';
import { formatBytes } from '../shared/format.ts';
import { median, type Result } from './parts.ts';
import { bySize, type FindRun, type PhotosRun, type WindowRun } from './window/figures.ts';

/** Performance goals in process and of the window, and whether they are met. Goals without a measurement are left out. */

export interface Goal {
  readonly what: string;
  readonly aim: string;
  readonly measured: string;
  readonly ok: boolean;
}

const MB = 1e6;
const FILES_A_SECOND = 3_500;
/** Of `cp` and `sha256sum` of the same bytes. */
const LARGE_RATIO = 0.7;

export function inProcessGoals(results: readonly Result[]): readonly Goal[] {
  const named = (start: string): readonly Result[] => results.filter(({ name }) => name.startsWith(start));
  const seconds = (name: string): number | undefined => {
    const [found] = named(name);
    return found === undefined ? undefined : median(found.seconds);
  };
  const goals: Goal[] = [];

  const [cp, sum, download] = ['cp, large', 'sha256sum, large', 'download, large file, sampled'].map(seconds);
  if (cp !== undefined && sum !== undefined && download !== undefined) {
    const ratio = download / (cp + sum);
    goals.push({
      what: 'large file, download with checkpoints, sampled verification',
      aim: `at most ${LARGE_RATIO} × (cp + sha256sum)`,
      measured: `${ratio.toFixed(2)} ×`,
      ok: ratio <= LARGE_RATIO,
    });
  }
  for (const way of ['upload', 'download']) {
    const rates = named(`${way}, small`).map(({ count = 0, seconds: taken }) => count / median(taken));
    if (rates.length === 0) continue;
    const least = Math.min(...rates);
    goals.push({
      what: `small files, ${way}, each kind of verification`,
      aim: `at least ${FILES_A_SECOND.toLocaleString('en')} files per second`,
      measured: `${Math.round(least).toLocaleString('en')} or more`,
      ok: least >= FILES_A_SECOND,
    });
  }
  const listings = named('listing, 50,000');
  if (listings.length > 0) {
    const longest = Math.max(...listings.map(({ seconds: taken }) => median(taken)));
    goals.push({
      what: 'listing of 50,000 entries',
      aim: 'under 1 s',
      measured: `${longest.toFixed(2)} s`,
      ok: longest < 1,
    });
    const again = listings.find(({ name }) => name.endsWith('again'))?.transactions;
    if (again !== undefined)
      goals.push({
        // the case requests a fresh listing, which lists the parent folder again
        what: 'the same with its parent folder, once property lists are known to work',
        aim: '4 transactions per folder',
        measured: `${again} for both`,
        ok: again <= 8,
      });
  }
  const [browse] = named('open a folder');
  if (browse?.transactions !== undefined)
    goals.push({
      what: 'a folder opened while a large file is transferred',
      aim: `waits for at most one chunk, the one in flight (chunks are sized to take ${TARGET_MS} ms)`,
      measured: `${browse.transactions} more started before it was shown; ${Math.round(median(browse.seconds) * 1000)} ms`,
      ok: browse.transactions === 0,
    });
  const [node, version, list] = ['start of Node itself', 'start, replug --version', 'start, replug ls'].map(seconds);
  if (node !== undefined && version !== undefined)
    goals.push({
      what: 'processor time of `replug --version`',
      aim: 'at most 2 × that of Node itself',
      measured: `${(version / node).toFixed(2)} ×`,
      ok: version <= 2 * node,
    });
  if (list !== undefined)
    goals.push({
      what: 'processor time of `replug ls`, with the virtual phone in the same process',
      aim: 'at most 150 ms',
      measured: `${Math.round(list * 1000)} ms`,
      ok: list <= 0.15,
    });
  goals.push(...driveGoals(named, seconds), ...catalogueGoals(results), ...photoGoals(results));
  const most = (start: string): number | undefined => {
    const memory = named(start).map((result) => result.memory);
    return memory.length === 0 ? undefined : Math.max(...memory);
  };
  const [nodeItself, queue] = ['memory of Node itself', 'the program, queue'].map(most);
  for (const way of ['push', 'pull']) {
    const memory = most(`the program, ${way}`);
    if (memory === undefined || nodeItself === undefined) continue;
    const more = memory - nodeItself;
    goals.push({
      what: `resident memory: ${way} of one file of 10 GB, with the virtual phone in the same process`,
      aim: `at most ${formatBytes(60 * MB)} more than Node itself`,
      measured: `${formatBytes(more)} more`,
      ok: more <= 60 * MB,
    });
  }
  if (queue !== undefined)
    goals.push({
      what: 'resident memory: a queue of 100,000 items',
      aim: `at most ${formatBytes(150 * MB)}`,
      measured: formatBytes(queue),
      ok: queue <= 150 * MB,
    });
  return goals;
}

const DRIVE_RATIO = 1.18;

function driveGoals(
  named: (start: string) => readonly Result[],
  seconds: (name: string) => number | undefined,
): readonly Goal[] {
  const goals: Goal[] = [];
  const [pull, curl, listing, refused] = [
    'drive, replug pull',
    'drive, curl',
    'drive, first byte',
    'drive, the longest',
  ].map(seconds);
  const memory = named('drive, curl')[0]?.memory;
  if (pull !== undefined && curl !== undefined && memory !== undefined)
    goals.push(
      {
        what: '`curl` of 1 GB through the drive',
        aim: `at most ${DRIVE_RATIO} × \`replug pull\``,
        measured: `${(curl / pull).toFixed(2)} ×`,
        ok: curl <= DRIVE_RATIO * pull,
      },
      {
        what: 'memory of `replug mount` for it',
        aim: `at most ${formatBytes(30 * MB)} more than before`,
        measured: `${formatBytes(memory)} more`,
        ok: memory <= 30 * MB,
      },
    );
  if (listing !== undefined)
    goals.push({
      what: 'first byte of a listing of 50,000 through the drive, once it was listed',
      aim: 'within 300 ms',
      measured: `${Math.round(listing * 1000)} ms`,
      ok: listing <= 0.3,
    });
  if (refused !== undefined)
    goals.push({
      what: 'the longest of the hostile requests to the drive',
      aim: 'refused within 50 ms',
      measured: `${Math.round(refused * 1000)} ms`,
      ok: refused <= 0.05,
    });
  return goals;
}

const TRANSACTIONS_A_FOLDER = 2.2;
const SEARCH_SECONDS = 0.05;
const KEPT_SPEED = 0.97;
const CATALOGUE_BYTES = 250 * MB;

/** Goals of each phone that was remembered, by how many files it has. */
function catalogueGoals(results: readonly Result[]): readonly Goal[] {
  const sizes = new Set(results.flatMap(({ name }) => /^catalogue of ([\d,]+):/.exec(name)?.[1] ?? []));
  return [...sizes].flatMap((size) => {
    const one = `catalogue of ${size}`;
    const of = (what: string): Result | undefined => results.find(({ name }) => name === `${one}: ${what}`);
    const goals: Goal[] = [];
    const scan = of('whole scan');
    if (scan?.transactions !== undefined && scan.count !== undefined) {
      const each = scan.transactions / scan.count;
      goals.push({
        what: `${one} files, whole scan`,
        aim: `at most ${TRANSACTIONS_A_FOLDER} transactions a folder`,
        measured: each.toFixed(2),
        ok: each <= TRANSACTIONS_A_FOLDER,
      });
    }
    for (const what of ['first results', 'all results'])
      for (const when of ['', ' while files are copied']) {
        const search = of(`${what}${when}, 95th percentile`);
        if (search === undefined) continue;
        const took = median(search.seconds);
        goals.push({
          what: `${one} files, ${what} of a search${when}, 95th percentile`,
          aim: `${SEARCH_SECONDS * 1000} ms`,
          measured: `${Math.round(took * 1000)} ms`,
          ok: took <= SEARCH_SECONDS,
        });
      }
    const [alone, beside] = [of('transfer'), of('transfer while the phone is scanned')];
    if (alone !== undefined && beside !== undefined) {
      const kept = median(alone.seconds) / median(beside.seconds);
      goals.push({
        what: `${one} files, speed of a transfer while the phone is scanned`,
        aim: `at least ${KEPT_SPEED} of what it is otherwise`,
        measured: kept.toFixed(2),
        ok: kept >= KEPT_SPEED,
      });
    }
    const memory = Math.max(...results.filter(({ name }) => name.startsWith(`${one}:`)).map((result) => result.memory));
    goals.push({
      what: `${one} files, resident memory of the engine's process, scanned, searched and copying`,
      aim: `at most ${formatBytes(CATALOGUE_BYTES)}`,
      measured: formatBytes(memory),
      ok: memory <= CATALOGUE_BYTES,
    });
    return goals;
  });
}

/** Of an import without thumbnails. */
const BESIDE_THUMBNAILS = 1.03;
const SECOND_LOOK_SECONDS = 2;

function photoGoals(results: readonly Result[]): readonly Goal[] {
  const goals: Goal[] = [];
  const imports = results.filter(({ name }) => name.startsWith('photos: import of '));
  const beside = imports.find(({ name }) => name.endsWith(' while thumbnails are asked for'));
  const alone = imports.find((one) => one !== beside);
  if (alone !== undefined && beside !== undefined) {
    const ratio = median(beside.seconds) / median(alone.seconds);
    goals.push({
      what: 'an import of photos while thumbnails are asked for, by turns with one without',
      aim: `at most ${BESIDE_THUMBNAILS} × its time`,
      measured: `${ratio.toFixed(3)} ×`,
      ok: ratio <= BESIDE_THUMBNAILS,
    });
  }
  for (const { name, seconds } of results) {
    const [, what] = /^photos: second look (.*)$/.exec(name) ?? [];
    if (what === undefined) continue;
    const took = median(seconds);
    goals.push({
      what: `the second look at the photos ${what}`,
      aim: `within ${SECOND_LOOK_SECONDS} s`,
      measured: `${took.toFixed(2)} s`,
      ok: took <= SECOND_LOOK_SECONDS,
    });
  }
  return goals;
}

/** Milliseconds of a frame that nobody sees as a stop. */
const FRAME_MS = 50;

export function windowGoals(
  runs: readonly WindowRun[],
  searched: readonly FindRun[],
  scrolled: readonly PhotosRun[],
): readonly Goal[] {
  return [
    ...(runs.length === 0 ? [] : folderGoals(runs)),
    ...bySize(searched).flatMap(findGoals),
    ...(scrolled.length === 0 ? [] : photosGoals(scrolled)),
  ];
}

function folderGoals(runs: readonly WindowRun[]): readonly Goal[] {
  const worst = (of: (run: WindowRun) => number): number => Math.max(...runs.map(of));
  const first = worst((run) => run.firstRowsMs);
  const slow = worst((run) => run.scrolling.over50);
  const memory = worst((run) => run.rendererResident);
  return [
    {
      what: 'first rows, after the first entries have arrived',
      aim: 'within 200 ms',
      measured: `${Math.round(first)} ms at most`,
      ok: first <= 200,
    },
    { what: 'frames over 50 ms while scrolling', aim: 'none', measured: String(slow), ok: slow === 0 },
    {
      what: 'resident memory of the renderer',
      aim: `under ${formatBytes(250 * MB)}`,
      measured: `${formatBytes(memory)} at most`,
      ok: memory < 250 * MB,
    },
  ];
}

function photosGoals(runs: readonly PhotosRun[]): readonly Goal[] {
  const goal = (what: string, of: (run: PhotosRun) => WindowRun['scrolling']): Goal => {
    const slow = Math.max(...runs.map((run) => of(run).over50));
    return { what, aim: 'none', measured: String(slow), ok: slow === 0 };
  };
  const shots = Math.max(...runs.map((run) => run.shots)).toLocaleString('en');
  return [
    goal(`frames over ${FRAME_MS} ms while scrolling through ${shots} photos by day`, (run) => run.scrolling),
    goal('the same while their dates are read from the phone', (run) => run.scrollingWhileDating),
  ];
}

/** Of one phone. */
function findGoals(runs: readonly FindRun[]): readonly Goal[] {
  const [first] = runs;
  if (first === undefined) return [];
  const files = `${first.remembered.toLocaleString('en')} files`;
  const keys = (what: string, all: readonly number[]): Goal => ({
    what,
    aim: `${SEARCH_SECONDS * 1000} ms`,
    measured: `${Math.round(median(all))} ms`,
    ok: median(all) <= SEARCH_SECONDS * 1000,
  });
  const longest = Math.max(...runs.map((run) => run.scrolling.longest));
  return [
    keys(
      `first rows of a search of ${files} after a key, 95th percentile`,
      runs.map((run) => run.keyMs),
    ),
    keys(
      'the same while a file is copied',
      runs.map((run) => run.keyWhileCopyingMs),
    ),
    {
      what: `scrolling through ${first.results.toLocaleString('en')} results of them, longest frame`,
      aim: `${FRAME_MS} ms`,
      measured: `${longest} ms at most`,
      ok: longest <= FRAME_MS,
    },
  ];
}
