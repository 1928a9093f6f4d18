import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Kernel } from './kernel.ts';

export interface Boot {
  readonly kernel: Kernel;
  readonly initramfs: string;
  /** The folder the guest sees as `/lab`. */
  readonly share: string;
  /** Shell script run as root in the guest. */
  readonly script: string;
  readonly limitMs: number;
  readonly onConsole: (text: string) => void;
}

/** What the folders of sockets in the temporary folder begin with; the owner's process id follows. */
export const SOCKETS = 'replug-usb-lab-';

/** The emulator ended before the script did: a crash of its own, which says nothing about what ran inside. */
export class MachineStopped extends Error {
  override readonly name = 'MachineStopped';
}

/** Boots the machine, runs `script` in it and waits for its end. Gives the script's exit status; throws when there is none. */
export async function boot(options: Boot): Promise<number> {
  const { kernel, share } = options;
  await writeFile(path.join(share, 'start'), options.script);
  // Unix sockets have short paths.
  const sockets = await mkdtemp(path.join(tmpdir(), `${SOCKETS}${process.pid}-`));
  const qmp = path.join(sockets, 'qmp');
  // A runner that is killed takes the machine along: left alone it would go on for minutes and write into its share.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...machine(options, qmp)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(signal ?? `status ${code ?? '?'}`);
    });
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  const onExit = (): void => {
    kill();
    rmSync(sockets, { recursive: true, force: true });
  };
  // Before the share is cleared, which was there first: nothing may write into it any more.
  process.prependOnceListener('exit', onExit);
  child.stdout.setEncoding('utf8').on('data', options.onConsole);
  child.stderr.setEncoding('utf8').on('data', options.onConsole);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, options.limitMs);
  const stopMonitor = serveMonitor(share, qmp);
  let ended: string;
  try {
    ended = await end;
  } finally {
    clearTimeout(timer);
    stopMonitor();
    process.off('exit', onExit);
    await rm(sockets, { recursive: true, force: true });
  }
  if (late) throw new Error(`the machine was not done after ${options.limitMs / 1000} s`);
  const status = await readFile(path.join(share, 'status'), 'utf8').catch(() => undefined);
  if (status === undefined)
    throw new MachineStopped(`the machine stopped before its script was done (${kernel.release}, ${ended})`);
  return Number(status);
}

/** Emulated (TCG) on purpose: `/dev/kvm` may exist and still not run a guest. */
const machine = (options: Boot, qmp: string): readonly string[] => [
  '-nodefaults',
  '-no-reboot',
  '-display',
  'none',
  '-accel',
  'tcg,thread=multi',
  '-cpu',
  'max',
  '-smp',
  '2',
  '-m',
  '4096',
  '-kernel',
  options.kernel.image,
  '-initrd',
  options.initramfs,
  '-append',
  'console=ttyS0 panic=-1 quiet loglevel=4',
  '-serial',
  'stdio',
  '-qmp',
  `unix:${qmp},server=on,wait=off`,
  '-virtfs',
  'local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap',
  '-virtfs',
  `local,path=${options.share},mount_tag=lab,security_model=none,multidevs=remap`,
  // Not xHCI: QEMU's MTP device never wakes that one after a NAK, so a read posted before there is data hangs there.
  '-device',
  'usb-ehci,id=ehci',
];

/**
 * The guest asks for monitor commands by leaving `monitor-N.json` in the share; the answer is `monitor-N.answer`.
 * So a scenario can pull the plug of a device that the machine itself emulates.
 */
function serveMonitor(share: string, socket: string): () => void {
  let stopped = false;
  const look = async (): Promise<void> => {
    while (!stopped) {
      for (const name of await readdir(share).catch((): string[] => [])) {
        if (!/^monitor-\d+\.json$/u.test(name)) continue;
        const file = path.join(share, name);
        const command: unknown = JSON.parse(await readFile(file, 'utf8'));
        await rm(file);
        const answer = await monitor(socket, command).catch((error: unknown) => ({ error: { desc: String(error) } }));
        const answerFile = path.join(share, name.replace('.json', '.answer'));
        await writeFile(`${answerFile}.new`, JSON.stringify(answer));
        await rename(`${answerFile}.new`, answerFile);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  void look();
  return () => {
    stopped = true;
  };
}

/** One command over QMP. */
function monitor(socket: string, command: unknown): Promise<unknown> {
  if (!existsSync(socket)) return Promise.reject(new Error('no monitor'));
  return new Promise((resolve, reject) => {
    const connection = createConnection(socket);
    let text = '';
    let answers = 0;
    connection.setEncoding('utf8');
    connection.once('error', reject);
    connection.on('data', (chunk: string) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const message = JSON.parse(line) as { QMP?: unknown; return?: unknown; error?: unknown };
        if (message.QMP !== undefined) connection.write(`${JSON.stringify({ execute: 'qmp_capabilities' })}\n`);
        else if (message.return !== undefined || message.error !== undefined) {
          answers += 1;
          if (answers === 1) connection.write(`${JSON.stringify(command)}\n`);
          else {
            connection.end();
            resolve(message);
          }
        }
      }
    });
  });
}
