// `npm start`: the app in an Electron window if Electron is available, otherwise the same app in the browser.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { isFresh, run as build, type Part } from './build.ts';
import { follow } from './follow.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const CACHE = path.join(ROOT, '.cache');
/**
 * Exists if Electron's installer has failed recently; trying again at each start would only slow every start down.
 */
const FAILED_BEFORE = path.join(CACHE, 'electron-could-not-be-had');
const ASK_AGAIN_AFTER_MS = 60 * 60 * 1000;
/** The download may take any time while bytes arrive; after this long without any it is aborted. */
const SILENCE_LIMIT_MS = 20_000;
/** A window that cannot open (missing library, forbidden sandbox) fails within this time. */
const STILLBORN_MS = 5_000;

const USAGE = `Usage: npm start -- [--browser] [options of "replug serve", such as --virtual DIR]
  --browser   open in the browser even where Electron is installed`;

export async function run(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  const rest = args.filter((arg) => arg !== '--browser');
  const obstacle = args.includes('--browser') ? '' : await whyNoElectron();
  const parts: readonly Part[] = obstacle === null ? ['main', 'preload', 'renderer'] : ['renderer', 'cli'];
  if (!parts.every(isFresh)) {
    console.log('Building Replug …');
    const failed = await build(['--if-stale', ...parts]);
    if (failed !== 0) return failed;
  }
  if (obstacle === null) {
    const startedAt = Date.now();
    const code = await follow(spawn(electronPath(), [ROOT, ...rest], { stdio: 'inherit' }));
    if (code === 0 || Date.now() - startedAt > STILLBORN_MS) return code;
    return openInBrowser(`Electron's window could not be opened (it ended with status ${code})`, rest);
  }
  return openInBrowser(obstacle, rest);
}

async function openInBrowser(obstacle: string, args: readonly string[]): Promise<number> {
  if (obstacle !== '') console.log(`${obstacle}, so Replug opens in your browser instead.`);
  if (!isFresh('cli')) {
    const failed = await build(['--if-stale', 'renderer', 'cli']);
    if (failed !== 0) return failed;
  }
  const cli = path.join(ROOT, 'out/cli/replug.js');
  return follow(spawn(process.execPath, [cli, 'serve', '--open', ...args], { stdio: 'inherit' }));
}

/** The reason as half a sentence, or null if Electron can be started. */
async function whyNoElectron(): Promise<string | null> {
  if (process.platform === 'linux') {
    if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return 'There is no display here';
    // Chromium's sandbox does not work for root, and Replug does not run without it.
    if (process.getuid?.() === 0) return 'Electron does not open windows for root';
  }
  if (isElectronInstalled()) return null;
  const failedAt = fs.statSync(FAILED_BEFORE, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Date.now() - failedAt > ASK_AGAIN_AFTER_MS && (await installElectron())) return null;
  return "Electron's runtime is not installed here";
}

function electronFolder(): string {
  return path.dirname(createRequire(import.meta.url).resolve('electron/package.json'));
}

function electronPath(): string {
  const folder = electronFolder();
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(folder, 'dist');
  return path.join(dist, fs.readFileSync(path.join(folder, 'path.txt'), 'utf8'));
}

function isElectronInstalled(): boolean {
  try {
    return fs.existsSync(electronPath());
  } catch {
    return false;
  }
}

/** Runs Electron's own installer, which `npm ci` does not. It handles mirrors, proxies, checksums and its cache. */
async function installElectron(): Promise<boolean> {
  console.log("Looking for Electron's runtime (once) …");
  fs.mkdirSync(CACHE, { recursive: true });
  const partial = fs.mkdtempSync(path.join(CACHE, 'electron-'));
  try {
    const child = spawn(process.execPath, [path.join(electronFolder(), 'install.js')], {
      stdio: 'ignore',
      // The installer downloads into the temporary folder; with our own folder we can see whether bytes arrive.
      env: { ...process.env, TMPDIR: partial, TEMP: partial, TMP: partial },
    });
    let size = 0;
    let lastNews = Date.now();
    const watch = setInterval(() => {
      const now = sizeOf(partial) + sizeOf(path.join(electronFolder(), 'dist'));
      if (now !== size) lastNews = Date.now();
      size = now;
      if (Date.now() - lastNews > SILENCE_LIMIT_MS) child.kill('SIGKILL');
    }, 500);
    await follow(child).finally(() => clearInterval(watch));
  } finally {
    fs.rmSync(partial, { recursive: true, force: true });
  }
  if (isElectronInstalled()) return true;
  fs.writeFileSync(FAILED_BEFORE, '');
  return false;
}

function sizeOf(folder: string): number {
  if (!fs.existsSync(folder)) return 0;
  let sum = 0;
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    sum += fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return sum;
}
