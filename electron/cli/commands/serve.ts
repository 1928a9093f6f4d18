import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Replug } from '../../compose.ts';
import type { SpoolUse } from '../../web/index.ts';
import type { Command } from '../arguments.ts';
import { closeDrive } from '../close-drive.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { aborted, withReplug, type CommandContext } from '../command-context.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';

/** Replug's window in a browser of this computer. */
export async function serve(
  context: CommandContext,
  wanted: Extract<Command, { readonly name: 'serve' }>,
): Promise<ExitStatus> {
  return withReplug(context, { phones: true, autoContinue: true }, (replug) => serveWindow(replug, context, wanted));
}

/** Serves the window of a Replug that is started, until it is interrupted; then the engine is stopped. */
export async function serveWindow(
  replug: Replug,
  { output, interruption }: Pick<CommandContext, 'output' | 'interruption'>,
  { port, open }: Pick<Extract<Command, { readonly name: 'serve' }>, 'port' | 'open'>,
): Promise<ExitStatus> {
  const [
    { startLoopbackHost, rendererFolder, TabFiles },
    { BridgeHost },
    { ShownDrive, offersDrive, showDriveCommand },
  ] = await Promise.all([
    import('../../web/index.ts'),
    import('../../engine/bridge-host.ts'),
    import('../../dav/index.ts'),
  ]);
  const drive = new ShownDrive({ engine: replug.engine, log: (line) => output.log(line) });
  const { opening } = replug.engine;
  const tabs = new TabFiles();
  const host = await startLoopbackHost({
    bridge: new BridgeHost({
      engine: replug.engine,
      streams: replug.streams,
      commands: replug.hostCommands({ host: 'loopback', drops: 'streams', canShowDrive: offersDrive() }, (shared) => ({
        showDrive: showDriveCommand(drive),
        openCopy: async ({ copy, how }) => {
          if (how !== 'open') return shared.openCopy({ copy, how });
          const one = opening.openable(copy);
          if (one.isProgram) return shared.openCopy({ copy, how });
          return { address: tabs.grant(one), shown: false };
        },
      })),
    }),
    files: async (pathname) => opening.lookedAt(pathname) ?? (await tabs.find(pathname)),
    pages: rendererFolder(),
    spool: { folder: path.join(replug.folder, 'spool'), uses: () => localSources(replug) },
    port,
    log: (line) => output.log(line),
  });
  interruption.hold();
  const stopNotices = replug.engine.onNotice((notice) => {
    if (notice.kind === 'transfer-finished') void host.sweep().catch((error: unknown) => output.log(String(error)));
  });
  output.event('serving', { url: host.url, port: host.port });
  output.say(terminalWords.say.serving({ url: host.url }));
  if (open) openBrowser(host.ticket(), (line) => output.say(line));
  await aborted(interruption.signal);
  output.say(terminalWords.say.stoppingPlain);
  await closeDrive(drive, output);
  stopNotices();
  await replug.engine.stop();
  await host.close();
  output.result(Exit.done);
  return Exit.done;
}

/** Dropped files are kept while a transfer of them can go on, or be tried again. */
const localSources = ({ store }: Replug): readonly SpoolUse[] =>
  store.transfers().flatMap((row) => {
    if (row.sources.kind !== 'local') return [];
    const needed = row.finishedAt === undefined || store.counts(row.id).byState.failed > 0;
    return row.sources.paths.map((path) => ({ path, needed }));
  });

function openBrowser(url: string, say: (line: string) => void): void {
  const [program, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['rundll32.exe', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => say(terminalWords.say.noBrowser));
  child.unref();
}
