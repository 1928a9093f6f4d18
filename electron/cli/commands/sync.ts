import path from 'node:path';
import { localPath, type Device } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import { bytesOf, formatBytes } from '../../../shared/format.ts';
import { nextRun, nextRunWords } from '../../../shared/sync-next.ts';
import type { Replug } from '../../compose.ts';
import type { NewPair, SyncReader } from '../../sync/index.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { placeOf } from '../phone-path.ts';
import { readyDevice, withReplug, type CommandContext } from '../command-context.ts';
import type { PairWish, SyncCommand } from '../sync-arguments.ts';
import { describe, findPair, runText } from '../sync-pairs.ts';
import { dateText, printable, table } from '../text.ts';
import { commas, enumerated } from '../../../shared/words/locale.ts';
import { commonWords } from '../../../shared/words/made/common.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';

/** `replug sync`: pairs, their status and the record of their files. Running them: `sync-run.ts`. */

type Of<A extends SyncCommand['action']> = Extract<SyncCommand, { readonly action: A }>;

/** Carries out a `replug sync` line. */
export async function sync(context: CommandContext, command: SyncCommand): Promise<ExitStatus> {
  switch (command.action) {
    case 'add':
    case 'add-ready':
      return add(context, command);
    case 'list':
    case 'status':
      return list(context, command.action);
    case 'history':
      return history(context, command);
    case 'files':
      return files(context, command);
    case 'remove':
      return remove(context, command);
    case 'reset':
    case 'skip':
      return mark(context, command);
    case 'run':
      return (await import('./sync-run.ts')).syncRun(context, command);
  }
}

async function add(context: CommandContext, command: Of<'add'> | Of<'add-ready'>): Promise<ExitStatus> {
  const { output } = context;
  return withReplug(context, { phones: true }, async (replug) => {
    const device = await readyDevice(context, replug);
    const pair = replug.sync.addPair(
      command.action === 'add'
        ? {
            ...wished(command.wish),
            place: placeOf(device, command.phone),
            local: localPath(path.resolve(command.local)),
            direction: command.wish.direction ?? 'to-computer',
          }
        : await presetPair(replug, device, command),
    );
    await replug.sync.noted(pair.id);
    output.event('pair', { ...pair });
    output.say(`${describe(pair)}\n${terminalWords.sync.added({ id: pair.id })}`);
    output.result(Exit.done, { pair: pair.id });
    return Exit.done;
  });
}

async function presetPair(replug: Replug, device: Device, { kind, local, wish }: Of<'add-ready'>): Promise<NewPair> {
  const ready = (await replug.sync.presets(device)).find((one) => one.kind === kind);
  if (ready === undefined) throw fail('internal', 'sync', kind);
  const { filters } = wish;
  return {
    layout: ready.layout,
    removed: ready.removed,
    name: commonWords.ready[ready.kind],
    ...wished(wish),
    place: placeOf(device, { storage: undefined, path: ready.phone, text: ready.phone }),
    local: local === undefined ? ready.local : localPath(path.resolve(local)),
    direction: wish.direction ?? ready.direction,
    filters: {
      include: [...ready.filters.include, ...filters.include],
      exclude: [...ready.filters.exclude, ...filters.exclude],
      kinds: filters.kinds.length > 0 ? filters.kinds : ready.filters.kinds,
      newerThan: filters.newerThan,
      largerThan: filters.largerThan,
    },
  };
}

const wished = ({
  name,
  filters,
  deletions,
  deletionLimit,
  conflicts,
  removed,
  verify,
  layout,
  automatic,
}: PairWish) => ({
  filters,
  automatic,
  ...(name === undefined ? {} : { name }),
  ...(deletions === undefined ? {} : { deletions }),
  ...(deletionLimit === undefined ? {} : { deletionLimit }),
  ...(conflicts === undefined ? {} : { conflicts }),
  ...(removed === undefined ? {} : { removed }),
  ...(verify === undefined ? {} : { verify }),
  ...(layout === undefined ? {} : { layout }),
});

/** Reads without the lock, so that it answers while a run writes, in this program or another. */
async function reading<T>({ globals }: CommandContext, body: (reader: SyncReader | undefined) => T): Promise<T> {
  const { defaultDatabase, readSync } = await import('../../compose.ts');
  const reader = await readSync(globals.db ?? defaultDatabase());
  try {
    return body(reader);
  } finally {
    reader?.close();
  }
}

async function list(context: CommandContext, how: 'list' | 'status'): Promise<ExitStatus> {
  const { output } = context;
  return reading(context, (reader) => {
    const pairs = reader?.pairs() ?? [];
    for (const pair of pairs) {
      const counts = reader?.counts(pair.id);
      const lastRun = reader?.runs(pair.id, { offset: 0, limit: 1 })[0];
      const progress = lastRun?.transfer === undefined ? undefined : reader?.progress(lastRun.transfer);
      const next = nextRun(pair, lastRun);
      output.event('pair', { ...pair, lastRun, next, ...(how === 'status' ? { counts, progress } : {}) });
      output.say(`${pair.id}  ${describe(pair)}`);
      const nextText = terminalWords.sync.next({ when: printable(nextRunWords(next, pair.deviceName)) });
      if (how === 'list' || counts === undefined) {
        output.say(`          ${runText(lastRun)} ${nextText}`);
        continue;
      }
      const words = terminalWords.sync;
      const states = [
        words.synced({ count: counts.synced }),
        ...enumerated([
          [counts.pending, words.pending],
          [counts.failed, commonWords.result.failed],
          [counts.skipped, words.skipped],
        ]),
      ];
      output.say(`          ${commas(states)}. ${runText(lastRun)}`);
      output.say(`          ${nextText}`);
      if (lastRun?.state === 'running' && progress !== undefined)
        output.say(
          `          ${(progress.paused ? words.progressPaused : words.progress)({
            done: progress.filesDone,
            all: progress.filesTotal,
            bytes: bytesOf(progress.bytesConfirmed, progress.bytesTotal),
          })}`,
        );
    }
    if (pairs.length === 0) output.say(terminalWords.sync.noPairs);
    output.result(Exit.done, { pairs: pairs.length });
    return Exit.done;
  });
}

async function history(context: CommandContext, command: Of<'history'>): Promise<ExitStatus> {
  const { output } = context;
  return reading(context, (reader) => {
    const pair = findPair(reader?.pairs() ?? [], command.pair);
    const runs = reader?.runs(pair.id, { offset: 0, limit: 1000 }) ?? [];
    for (const run of runs) {
      output.event('run', { ...run });
      output.say(runText(run));
    }
    output.result(Exit.done, { pair: pair.id, runs: runs.length });
    return Exit.done;
  });
}

async function files(context: CommandContext, { pair: wanted, search, status }: Of<'files'>): Promise<ExitStatus> {
  const { output } = context;
  return reading(context, (reader) => {
    const pair = findPair(reader?.pairs() ?? [], wanted);
    const found = reader?.files(pair.id, { search, status, offset: 0, limit: output.json ? Infinity : 1000 });
    for (const row of found?.files ?? []) output.event('file', { ...row });
    output.say(
      table(
        (found?.files ?? []).map((row) => [
          commonWords.sync.status[row.status],
          formatBytes(row.size),
          dateText(row.modified),
          printable(row.path),
        ]),
        [1],
      ),
    );
    if (found !== undefined && found.total > found.files.length)
      output.say(terminalWords.sync.more({ count: found.total - found.files.length }));
    output.result(Exit.done, { pair: pair.id, files: found?.total ?? 0 });
    return Exit.done;
  });
}

async function remove(context: CommandContext, command: Of<'remove'>): Promise<ExitStatus> {
  const { output } = context;
  return withReplug(context, { phones: false }, async (replug) => {
    const pair = findPair(replug.sync.pairs(), command.pair);
    await replug.sync.removePair(pair.id);
    output.say(terminalWords.sync.removed({ name: printable(pair.name) }));
    output.result(Exit.done, { pair: pair.id });
    return Exit.done;
  });
}

async function mark(
  context: CommandContext,
  { action, pair: wanted, paths }: Of<'reset' | 'skip'>,
): Promise<ExitStatus> {
  const { output } = context;
  return withReplug(context, { phones: false }, async (replug) => {
    const pair = findPair(replug.sync.pairs(), wanted);
    const changed = replug.sync.mark(
      pair.id,
      action === 'skip' ? 'skipped' : 'pending',
      paths.length === 0 ? undefined : paths,
    );
    output.say(
      action === 'skip'
        ? terminalWords.sync.excluded({ count: changed })
        : terminalWords.sync.reset({ count: changed }),
    );
    const exit = changed < paths.length ? Exit.failed : Exit.done;
    if (exit === Exit.failed) output.say(terminalWords.sync.unknown({ count: paths.length - changed }));
    output.result(exit, { pair: pair.id, files: changed });
    return exit;
  });
}
