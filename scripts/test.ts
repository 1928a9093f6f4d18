// `npm test`: runs every ring of tests that this machine supports, and reports clearly which ones it cannot run. The
// last line of the output is the sum: "N passed, N failed", with ", N skipped" if there are any.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { spec } from 'node:test/reporters';
import { availableParallelism } from 'node:os';
import { PARTS, hasSources, run as build } from './build.ts';
import { limitedRun } from './testing/limited-run.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const CORES = Math.max(2, availableParallelism());
/** Exit status of a ring program (tests/usb-lab/run.ts, tests/usb-bus/run.ts) if the machine lacks something it needs. */
const CANNOT_RUN_HERE = 77;

/** Milliseconds for each test. Generous: no test comes close to it, even on a busy machine. */
const UNIT_LIMIT_MS = 120_000;
const PROCESS_LIMIT_MS = 300_000;

type Sum = { passed: number; failed: number; skipped: number };
/** Files that failed once and passed when they were run again alone, in CI only: told, to be looked into. */
const unsteady: string[] = [];
/** With more than these something is broken, and nothing is run again. */
const MOST_AGAIN = 2;
type NotRun = { readonly ring: string; readonly why: string; readonly remedy: string };

/**
 * Folders of tests. A file belongs to the first ring whose folder contains it, otherwise to the ring of units and
 * worlds.
 */
const DOORS = ['tests/cli', 'tests/package', 'tests/app'];
const BROWSER = 'tests/browser';
/** Tests whose clients are programs that others wrote, and the Debian packages that have them. */
const DAV = 'tests/dav';
const DAV_CLIENTS = { litmus: 'litmus', 'mount.davfs': 'davfs2', cadaver: 'cadaver', rclone: 'rclone', curl: 'curl' };
/** Programs of their own, which run scenarios. */
const BUS = 'tests/usb-bus';
const LAB = 'tests/usb-lab';
const WPD = 'tests/wpd';
const UNIT_ROOTS = ['shared', 'electron', 'native', 'renderer', 'tests', 'scripts', 'bench'];

export async function run(args: readonly string[]): Promise<number> {
  // whatever language the computer speaks, tests read English unless they ask for another
  Object.assign(process.env, { LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8', LANGUAGE: '' });
  const sum: Sum = { passed: 0, failed: 0, skipped: 0 };
  const notRun: NotRun[] = [];
  const chosen = args.map((arg) => path.relative(ROOT, path.resolve(arg)).split(path.sep).join('/'));
  const absent = chosen.find((file) => !fs.existsSync(path.join(ROOT, file)));
  if (absent !== undefined) {
    console.error(`There is no ${absent}. Usage: npm test -- [FILE or FOLDER]...`);
    return 2;
  }

  const files = UNIT_ROOTS.flatMap(testFilesIn).filter(
    (file) => chosen.length === 0 || chosen.some((one) => one === '' || isIn(file, one)),
  );
  const doors = files.filter((file) => DOORS.some((folder) => isIn(file, folder)));
  const browser = files.filter((file) => isIn(file, BROWSER));
  const dav = files.filter((file) => isIn(file, DAV));
  const units = files.filter(
    (file) =>
      !doors.includes(file) && !browser.includes(file) && ![BUS, LAB, WPD, DAV].some((folder) => isIn(file, folder)),
  );

  await ring('Units and worlds', units, CORES, UNIT_LIMIT_MS, sum);

  if (dav.length > 0) {
    const lacking = lackingForDav();
    // one at a time, since each mounts something or moves gigabytes
    if (lacking === undefined) await ring('Clients of the drive', dav, 1, PROCESS_LIMIT_MS, sum);
    else notRun.push({ ring: `Clients of the drive (${DAV})`, ...lacking });
  }

  const chromium = browser.length > 0 ? findChromium() : null;
  if (doors.length > 0 || chromium !== null) {
    const parts = PARTS.filter(hasSources);
    headline('Build');
    if ((await build(['--if-stale', ...parts]).catch(complain)) === 0) {
      // At most two at a time, because these start whole processes and measure them.
      await ring('Doors', doors, Math.min(2, CORES), PROCESS_LIMIT_MS, sum);
      if (chromium !== null) {
        process.env['REPLUG_CHROMIUM'] = chromium;
        await ring('Browser', browser, 1, PROCESS_LIMIT_MS, sum);
      }
    } else {
      console.error('The build failed, so the rings that need it could not be run.');
      sum.failed += 1;
    }
  }
  if (browser.length > 0 && chromium === null) {
    notRun.push({
      ring: `Browser (${BROWSER})`,
      why: 'Chromium was not found',
      remedy: 'install Chromium (Debian: apt-get install chromium) or set REPLUG_CHROMIUM to its path',
    });
  }

  const isChosen = (folder: string): boolean =>
    fs.existsSync(path.join(ROOT, folder, 'run.ts')) &&
    (chosen.length === 0 || chosen.some((one) => isIn(folder, one) || isIn(one, folder)));
  if (isChosen(BUS)) await scenarioRing('USB bus in user space', BUS, sum, notRun);
  // one computer that is emulated, and programs that wait for each other: they leave a core free, so these go side by side
  const wine = isChosen(WPD) ? scenarioRing('Windows’ driver, under Wine', WPD, sum, notRun) : Promise.resolve();
  if (isChosen(LAB)) {
    if (onPath('qemu-system-x86_64') === null) {
      notRun.push({
        ring: `USB lab (${LAB})`,
        why: 'QEMU was not found',
        remedy: 'install QEMU (Debian: apt-get install qemu-system-x86)',
      });
    } else {
      await Promise.all([wine, scenarioRing('USB lab', LAB, sum, notRun, wine)]);
    }
  }
  await wine;

  if (sum.passed + sum.failed + sum.skipped === 0 && notRun.length === 0) {
    console.error('No tests were found.');
    sum.failed += 1;
  }
  if (notRun.length > 0) {
    const everythingMustRun = process.env['CI'] === 'true';
    if (everythingMustRun) sum.failed += notRun.length;
    printFrame(notRun, everythingMustRun);
  }
  for (const file of unsteady) console.log(`\nUNSTEADY: ${file} failed once and passed alone. Look into it.`);
  console.log(`\n${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
  return sum.failed > 0 ? 1 : 0;
}

async function ring(
  name: string,
  files: readonly string[],
  concurrency: number,
  limitMs: number,
  sum: Sum,
  mayRunAgain = process.env['CI'] === 'true',
): Promise<void> {
  if (files.length === 0) return;
  headline(name);
  const hangs: string[] = [];
  const { stream, stop } = limitedRun({
    files: files.map((file) => path.join(ROOT, file)),
    concurrency,
    cwd: ROOT,
    limitMs,
    onHang: (words) => {
      hangs.push(words);
      console.error(`HANGS: ${words}`);
    },
  });
  const found: Sum = { passed: 0, failed: 0, skipped: 0 };
  const failed = new Set<string>();
  let counted = false;
  stream.on('test:fail', ({ file }) => {
    if (file !== undefined) failed.add(path.relative(ROOT, file).split(path.sep).join('/'));
  });
  stream.on('test:summary', ({ file, counts }) => {
    // Each file reports its own sum too; the one without a name is that of the whole ring.
    if (file !== undefined) return;
    counted = true;
    found.passed += counts.passed;
    found.failed += counts.tests - counts.passed - counts.skipped - counts.todo;
    found.skipped += counts.skipped + counts.todo;
  });
  for await (const text of stream.compose(new spec())) process.stdout.write(text as string);
  stop();
  // repeated at the end of a long ring, where people look
  for (const words of hangs) console.error(`HANGS: ${words}`);
  if (hangs.length > 0 && found.failed === 0) found.failed += 1;
  if (!counted) {
    console.error(`${name}: the test runner ended without a result.`);
    found.failed += 1;
  }
  if (mayRunAgain && found.failed > 0 && counted && hangs.length === 0 && failed.size <= MOST_AGAIN - unsteady.length) {
    const again: Sum = { passed: 0, failed: 0, skipped: 0 };
    await ring(`${name}, once more`, [...failed], 1, limitMs, again, false);
    if (again.failed === 0 && again.passed > 0) {
      unsteady.push(...failed);
      found.passed += found.failed;
      found.failed = 0;
    }
  }
  sum.passed += found.passed;
  sum.failed += found.failed;
  sum.skipped += found.skipped;
}

/**
 * A ring that is a program of its own, which must end with a line "N passed, N failed". What it prints is held back until
 * `before` has ended, so that rings side by side are read one after the other.
 */
async function scenarioRing(
  name: string,
  folder: string,
  sum: Sum,
  notRun: NotRun[],
  before: Promise<void> = Promise.resolve(),
): Promise<void> {
  let output = '';
  let isPrinted = false;
  const printed = before.then(() => {
    headline(name);
    process.stdout.write(output);
    isPrinted = true;
  });
  const child = spawn(process.execPath, [path.join(ROOT, folder, 'run.ts')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (isPrinted) process.stdout.write(text);
    output += text;
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  });
  await printed;
  const lastLine = output.trimEnd().split('\n').at(-1) ?? '';
  if (code === CANNOT_RUN_HERE) {
    notRun.push({ ring: `${name} (${folder})`, why: lastLine, remedy: 'see CONTRIBUTING.md' });
    return;
  }
  const counts = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(lastLine);
  sum.passed += Number(counts?.[1] ?? 0);
  sum.skipped += Number(counts?.[3] ?? 0);
  // A crash without a sum, and a failure missing from the sum, count as failures.
  sum.failed += Math.max(Number(counts?.[2] ?? 0), code !== 0 || counts === null ? 1 : 0);
}

function testFilesIn(folder: string): string[] {
  const absolute = path.join(ROOT, folder);
  if (!fs.existsSync(absolute)) return [];
  return fs
    .readdirSync(absolute, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name.split(path.sep).join('/')}`)
    .sort();
}

function isIn(file: string, folderOrFile: string): boolean {
  return file === folderOrFile || file.startsWith(`${folderOrFile}/`);
}

function findChromium(): string | null {
  const told = process.env['REPLUG_CHROMIUM'];
  if (told !== undefined && told !== '') return fs.existsSync(told) ? told : null;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const found = onPath(name);
    if (found !== null) return found;
  }
  return null;
}

function onPath(program: string): string | null {
  const finder = process.platform === 'win32' ? 'where' : 'which';
  const { status, stdout } = spawnSync(finder, [program], { encoding: 'utf8' });
  return status === 0 ? (stdout.split(/\r?\n/)[0] ?? null) : null;
}

/** What this machine lacks to run other programs against the drive, and to mount it. */
function lackingForDav(): Omit<NotRun, 'ring'> | undefined {
  const absent = Object.entries(DAV_CLIENTS).filter(([program]) => onPath(program) === null);
  if (absent.length > 0)
    return {
      why: `${absent.map(([program]) => program).join(', ')} not found`,
      remedy: `install them (Debian: apt-get install ${absent.map(([, name]) => name).join(' ')})`,
    };
  if (process.getuid?.() !== 0 || !fs.existsSync('/dev/fuse'))
    return { why: 'davfs2 mounts as root and with /dev/fuse only', remedy: 'run as root: npm test -- tests/dav' };
  return undefined;
}

function headline(text: string): void {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}`);
}

function complain(error: unknown): number {
  console.error(error);
  return 1;
}

function printFrame(notRun: readonly NotRun[], isFailure: boolean): void {
  const lines = [
    isFailure ? 'NOT RUN, AND CI MUST RUN EVERYTHING:' : 'NOT EVERYTHING WAS RUN:',
    ...notRun.flatMap(({ ring: name, why, remedy }) => [
      '',
      `${name}: NOT RUN`,
      `  why:    ${why}`,
      `  remedy: ${remedy}`,
    ]),
  ];
  const width = Math.max(...lines.map((line) => line.length));
  console.log(`\n┏${'━'.repeat(width + 2)}┓`);
  for (const line of lines) console.log(`┃ ${line.padEnd(width)} ┃`);
  console.log(`┗${'━'.repeat(width + 2)}┛`);
}
