import fs from 'node:fs/promises';
import path from 'node:path';
import { localPath, type TransferId, type TransferOptions } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { Replug } from '../../compose.ts';
import type { EnqueueRequest } from '../../engine/api.ts';
import { UsageError, type Command, type Moving } from '../arguments.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { follow } from '../follow.ts';
import { placeOf } from '../phone-path.ts';
import type { Answering } from '../questions.ts';
import { report } from '../result.ts';
import { readyDevice, withReplug, type Session } from '../session.ts';
import { printable } from '../text.ts';

type CommandOf<N extends Command['name']> = Extract<Command, { readonly name: N }>;

export async function push(session: Session, { sources, to, moving }: CommandOf<'push'>): Promise<ExitStatus> {
  const answering = answeringOf(session, moving);
  const paths = sources.map((source) => localPath(path.resolve(source)));
  const there = await Promise.all(
    paths.map((one) =>
      fs.lstat(one).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (!there.includes(true)) {
    // nothing to do: no transfer is begun for it
    for (const one of paths)
      session.output.problem({ kind: 'source-missing', operation: 'push', detail: 'ENOENT', subject: one });
    session.output.result(Exit.failed, { files: [], bytesMoved: 0, bytesResent: 0, verified: false });
    return Exit.failed;
  }
  return withReplug(session, { queue: true, phones: true }, async (replug) => {
    const device = await readyDevice(session, replug);
    const place = placeOf(device, to);
    return move(
      session,
      replug,
      { direction: 'upload', sources: paths, to: place, options: optionsOf(moving, answering) },
      answering,
    );
  });
}

export async function pull(session: Session, { sources, to, moving }: CommandOf<'pull'>): Promise<ExitStatus> {
  const answering = answeringOf(session, moving);
  const folder = localPath(path.resolve(to));
  return withReplug(session, { queue: true, phones: true }, async (replug) => {
    const device = await readyDevice(session, replug);
    const places = sources.map((source) => placeOf(device, source));
    await makeLocalFolder(folder);
    return move(
      session,
      replug,
      { direction: 'download', sources: places, to: folder, options: optionsOf(moving, answering) },
      answering,
    );
  });
}

/** Goes on with everything unfinished, on whichever phones are there. */
export async function resume(session: Session): Promise<ExitStatus> {
  const { output, globals } = session;
  return withReplug(session, { queue: true, phones: true }, async (replug) => {
    const { engine } = replug;
    const unfinished = engine.transfers().filter((view) => view.finishedAt === undefined);
    if (unfinished.length === 0) {
      output.say('There is nothing to resume.');
      output.result(Exit.done, { transfers: [], files: [], bytesMoved: 0, bytesResent: 0, verified: true });
      return Exit.done;
    }
    const device = globals.phone === undefined ? undefined : await readyDevice(session, replug);
    const wanted = unfinished.filter((view) => device === undefined || view.device === device.key);
    const keys = new Set(wanted.map((view) => view.device));
    let sawPhone = false;
    const stop = engine.watch('devices', undefined, ({ devices }) => {
      sawPhone ||= devices.some((one) => keys.has(one.key) && one.state.kind === 'ready');
    });
    const ids = wanted.map((view) => view.id);
    for (const view of wanted) {
      await engine.execute('resume', { transfer: view.id });
      announce(session, replug, view.id, true);
    }
    await follow(session, replug, ids, answeringOf(session, undefined));
    stop();
    return report(session, replug, ids, sawPhone ? Exit.interrupted : Exit.noPhone);
  });
}

async function move(
  session: Session,
  replug: Replug,
  request: EnqueueRequest,
  answering: Answering,
): Promise<ExitStatus> {
  const { transfer, continued } = await replug.engine.enqueue(request);
  announce(session, replug, transfer, continued);
  await follow(session, replug, [transfer], answering);
  return report(session, replug, [transfer]);
}

function announce({ output }: Session, replug: Replug, id: TransferId, continued: boolean): void {
  const view = replug.engine.view(id);
  output.event('transfer', {
    id,
    direction: view.direction,
    title: view.title,
    phone: view.deviceName,
    storage: view.storageName,
    destination: view.destination,
    continued,
  });
  if (continued) output.say(`Going on with “${printable(view.title)}”.`);
}

function answeringOf({ output }: Session, moving: Moving | undefined): Answering {
  const { isInteractive } = output.terminal;
  if (!isInteractive && (moving?.onClash === 'ask' || moving?.onName === 'ask'))
    throw new UsageError('“ask” needs a terminal to ask at.');
  return {
    isInteractive,
    onClash: moving?.onClash ?? (isInteractive ? 'ask' : 'skip'),
    onName: moving?.onName ?? (isInteractive ? 'ask' : 'fail'),
  };
}

function optionsOf(moving: Moving, { onClash, onName }: Answering): Partial<TransferOptions> {
  return {
    onClash,
    onName,
    move: moving.move,
    ...(moving.verify === undefined ? {} : { verify: moving.verify }),
    ...(moving.large === undefined ? {} : { large: moving.large }),
  };
}

async function makeLocalFolder(folder: string): Promise<void> {
  try {
    await fs.mkdir(folder, { recursive: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw fail(
        'bad-request',
        'mkdir',
        `“${folder}” is a file, not a folder.`,
        { fix: 'Name a folder to save in.' },
        error,
      );
    const kind =
      code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'local-read-only'
        : code === 'ENOSPC'
          ? 'local-full'
          : 'local-io';
    throw fail(kind, 'mkdir', code, { subject: folder }, error);
  }
}
