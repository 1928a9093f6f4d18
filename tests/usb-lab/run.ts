/**
 * The USB lab, from outside: `node tests/usb-lab/run.ts [--list] [scenario…]`. Fetches and builds what is missing,
 * boots one machine, runs the scenarios in it, prints each result and leaves logs in `artifacts/usb-lab`. Ends with 1
 * when any scenario failed. See docs/usb-lab.md.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SCENARIOS } from './scenarios/index.ts';
import { boot } from './machine/boot.ts';
import { buildInitramfs } from './machine/initramfs.ts';
import { run } from './machine/command.ts';
import { fetchKernel } from './machine/kernel.ts';
import { ARTIFACTS, CACHE, ROOT } from './machine/paths.ts';
import { writePlain } from './machine/plain.ts';

/** It took 18 minutes on two busy cores, and takes less on idle ones. */
const WHOLE_LIMIT_MS = 25 * 60_000;
/** Ends with this where the machine lacks something: `npm test` then says which ring was not run. */
const CANNOT_RUN_HERE = 77;
/** Program, and the Debian package that has it. */
const NEEDED: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  umtprd: 'umtp-responder',
  cpio: 'cpio',
  depmod: 'kmod',
  modprobe: 'kmod',
  busybox: 'busybox-static',
  'apt-get': 'apt',
  'mtp-detect': 'mtp-tools',
  'aft-mtp-cli': 'android-file-transfer',
  chromium: 'chromium',
};

const present = (program: string): boolean =>
  [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'].some((folder) =>
    existsSync(path.join(folder, program)),
  );

async function main(given: readonly string[]): Promise<number> {
  // `--command TEXT`: instead of scenarios, a shell command inside the machine, its output shown whole.
  const at = given.indexOf('--command');
  const command = at < 0 ? undefined : given[at + 1];
  const args = at < 0 ? given : given.toSpliced(at, 2);
  if (args.includes('--list')) {
    for (const scenario of SCENARIOS) console.log(`${scenario.name.padEnd(28)} ${scenario.what}`);
    return 0;
  }
  const unknown = args.filter((name) => !SCENARIOS.some((scenario) => matches(scenario.name, name)));
  if (unknown.length > 0) {
    console.error(`no scenario is called ${unknown.join(', ')}; --list shows them`);
    return 2;
  }
  const missing = Object.keys(NEEDED).filter((program) => !present(program));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => NEEDED[program]))].join(' ');
    console.log(`not found: ${missing.join(', ')} (on Debian: apt-get install ${packages})`);
    return CANNOT_RUN_HERE;
  }
  const names = SCENARIOS.map((scenario) => scenario.name).filter(
    (name) => args.length === 0 || args.some((one) => matches(name, one)),
  );
  const planned = names.length;
  const started = Date.now();
  await run(process.execPath, [path.join(ROOT, 'scripts/run.js'), 'build', '--if-stale', 'renderer', 'cli']);
  process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  await mkdir(CACHE, { recursive: true });
  const kernel = await fetchKernel();
  const initramfs = await buildInitramfs(kernel);
  await rm(ARTIFACTS, { recursive: true, force: true });
  await mkdir(ARTIFACTS, { recursive: true });
  // Under the cache, not /tmp: the guest has a /tmp of its own.
  const share = await mkdtemp(path.join(CACHE, 'share-'));
  const qemuPhone = path.join(share, 'qemu-phone');
  await mkdir(qemuPhone);
  await mkdir(path.join(share, 'artifacts'));
  await writePlain(path.join(share, 'plain'));
  const hidden = [ROOT, path.dirname(await realpath(process.execPath))].filter((one) => /^\/(?:tmp|run)\//u.test(one));
  await writeFile(path.join(share, 'visible'), hidden.map((one) => `${one}\n`).join(''));
  let log = '';
  let line = '';
  try {
    const status = await boot({
      kernel,
      initramfs,
      share,
      qemuPhone,
      script: await script(kernel.udev, share, names, command),
      limitMs: WHOLE_LIMIT_MS - (Date.now() - started),
      onConsole: (text) => {
        log += text;
        if (command !== undefined) process.stdout.write(text);
        line += text;
        const lines = line.split('\n');
        line = lines.pop() ?? '';
        for (const one of lines) {
          const said = /^lab: (.*?)\r?$/u.exec(one)?.[1];
          if (said !== undefined) console.log(said);
        }
      },
    });
    console.log(`usb lab: ended with ${status} after ${Math.round((Date.now() - started) / 1000)} s`);
    if (command !== undefined) return status;
    const results = await readFile(path.join(share, 'artifacts/results.json'), 'utf8').catch(() => '[]');
    const passed = (JSON.parse(results) as readonly { readonly passed: boolean }[]).filter((one) => one.passed).length;
    const failed = Math.max(planned - passed, status === 0 ? 0 : 1);
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    console.error(`usb lab: ${error instanceof Error ? error.message : String(error)}`);
    console.error(log.split('\n').slice(-40).join('\n'));
    console.log(`0 passed, ${planned} failed`);
    return 1;
  } finally {
    await writeFile(path.join(ARTIFACTS, 'console.log'), log);
    await cp(path.join(share, 'artifacts'), ARTIFACTS, { recursive: true }).catch(() => undefined);
    await rm(share, { recursive: true, force: true });
  }
}

/** A name stands for itself and, ending in `/`, for all that begin with it: `cable/`. */
const matches = (scenario: string, wanted: string): boolean =>
  scenario === wanted || (wanted.endsWith('/') && scenario.startsWith(wanted));

async function script(
  udev: string,
  share: string,
  names: readonly string[],
  command: string | undefined,
): Promise<string> {
  const node = await realpath(process.execPath);
  const version = await readFile('/etc/debian_version', 'utf8').catch(() => 'unknown');
  await writeFile(
    path.join(share, 'plan.json'),
    JSON.stringify({ names, udev, outside: share, node, debian: version.trim() }),
  );
  return `cd '${ROOT}'
export HOME=/tmp/home LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p $HOME
${command ?? `exec '${node}' '${share}/plain/tests/usb-lab/guest/main.js'`}
`;
}

// `stripTypeScriptTypes` is marked experimental; it says so once.
process.removeAllListeners('warning');
process.exitCode = await main(process.argv.slice(2));
