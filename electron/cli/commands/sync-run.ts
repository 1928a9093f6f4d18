import { isAnonymous } from '../../../shared/domain.ts';
import type { SyncPair, SyncPreview, SyncRun } from '../../../shared/sync.ts';
import type { Replug } from '../../compose.ts';
import { problemOf } from '../../../shared/errors.ts';
import { Exit, exitOf, type ExitStatus } from '../exit.ts';
import { identify, identifyStorages } from '../identity.ts';
import { readyDevice, withReplug, type CommandContext } from '../command-context.ts';
import { deletedIn, type MissingCopies } from '../../sync/index.ts';
import type { SyncCommand } from '../sync-arguments.ts';
import { describe, findPair, runText } from '../sync-pairs.ts';
import {
  heldText,
  leftAloneText,
  showProgress,
  targetOf,
  tellAction,
  tellFailures,
  tellPlan,
  waitWords,
} from '../sync-report.ts';
import { printable } from '../text.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';
import { askYesNo } from '../questions.ts';

/** `replug sync run`: one pair, or all of the phone; `--dry-run` only tells what would be done. */

type Run = Extract<SyncCommand, { readonly action: 'run' }>;

interface PairResult {
  readonly pair: SyncPair;
  readonly exit: ExitStatus;
  readonly preview: SyncPreview | undefined;
  readonly run: SyncRun | undefined;
}

/** Runs pairs one after the other; answers the worst of their exit statuses. */
export async function syncRun(context: CommandContext, command: Run): Promise<ExitStatus> {
  const { output, interruption } = context;
  return withReplug(context, { phones: true }, async (replug) => {
    const pairs = replug.sync.pairs();
    const named = command.pair === undefined ? undefined : findPair(pairs, command.pair);
    if (pairs.length === 0) {
      output.say(terminalWords.sync.noPairs);
      return finish(context, command, []);
    }
    // a pair runs with its own phone only, whatever else is plugged in
    const isUnknown = named === undefined || isAnonymous(named.device);
    // by its key: what a phone says is its serial number need not be what it is known by
    const wanted = isUnknown ? undefined : { phone: named.device, name: named.deviceName };
    const device = await readyDevice(context, replug, wanted);
    if (isUnknown) await identify(context, replug, device.key, { thisPhone: command.thisPhone, key: named?.device });
    await identifyStorages(context, replug, device.key);
    // whose they are may just have been said
    const chosen =
      named !== undefined && !isUnknown
        ? [named]
        : replug.sync
            .pairs()
            .filter((pair) => pair.device === device.key && (named === undefined || pair.id === named.id));
    if (chosen.length === 0) {
      output.say(terminalWords.sync.noPairWith({ device: printable(device.name) }));
      // it may have one: which phone this is has not been said
      if (isAnonymous(device.key)) return finish(context, command, [], Exit.noPhone);
    }
    interruption.hold();
    const outcomes: PairResult[] = [];
    for (const pair of chosen) {
      if (interruption.signal.aborted) break;
      outcomes.push(
        command.dryRun ? await dryRun(context, replug, pair) : await runOne(context, replug, pair, command),
      );
    }
    return finish(context, command, outcomes);
  });
}

async function dryRun(context: CommandContext, replug: Replug, pair: SyncPair): Promise<PairResult> {
  const { output, interruption } = context;
  output.say(describe(pair));
  try {
    const { preview, actions } = await replug.sync.preview(pair.id, { signal: interruption.signal });
    tellPlan(context, pair, preview, actions);
    return { pair, exit: exitOfPreview(preview), preview, run: undefined };
  } catch (error) {
    if (interruption.signal.aborted) return { pair, exit: Exit.interrupted, preview: undefined, run: undefined };
    // the other pairs are told of as well, as a run goes on with them
    const problem = problemOf(error, 'sync');
    output.problem(problem);
    return { pair, exit: exitOf(problem.kind), preview: undefined, run: undefined };
  }
}

async function runOne(context: CommandContext, replug: Replug, pair: SyncPair, command: Run): Promise<PairResult> {
  const { output, interruption, waitMs } = context;
  output.say(describe(pair));
  const stop = showProgress(context, replug, pair);
  let shown: ReadonlySet<string> = new Set();
  let shownMissing: boolean | MissingCopies = false;
  const once = (confirmed: Confirmed): ReturnType<Replug['sync']['run']> =>
    replug.sync.run(pair.id, {
      waitMs,
      signal: interruption.signal,
      ...confirmed,
      onActivity: (activity) => {
        if (activity.kind === 'waiting') output.bar(() => waitWords(activity, pair, replug.engine.devices));
        if (activity.kind === 'scanning') {
          const { folders, files } = activity;
          output.bar(() => terminalWords.sync.scanning({ folders, files }));
        }
      },
      onPlan: (preview, actions, missing) => {
        shownMissing = missing;
        output.event('plan', { ...preview });
        // what will be deleted is said before it is
        const deletions = preview.delete.files > 0 ? actions().filter(({ kind }) => kind === 'delete') : [];
        for (const action of deletions) tellAction(context, pair, action);
        shown = deletedIn(deletions);
      },
    });
  try {
    const confirmed: Confirmed = { confirmDeletions: command.yes, confirmMissing: command.copyAgain };
    let { run: ran, preview } = await once(confirmed);
    const missing = preview?.copy.hold;
    if (missing?.kind === 'ask' && !command.copyAgain) {
      const question = terminalWords.ask.missing({
        missing: missing.missing,
        known: missing.known,
        target: printable(targetOf(pair)),
      });
      if (await saysYes(context, question)) {
        confirmed.confirmMissing = shownMissing;
        ({ run: ran, preview } = await once(confirmed));
      }
    }
    if (preview?.delete.hold.kind === 'ask' && !command.yes && ran.state === 'done') {
      const question = terminalWords.ask.deleteMany({ count: preview.delete.files });
      if (await saysYes(context, question))
        ({ run: ran, preview } = await once({ ...confirmed, confirmDeletions: shown }));
    }
    output.endBar();
    if (ran.problem !== undefined && ran.state !== 'stopped') output.problem(ran.problem);
    tellFailures(context, replug, pair, ran);
    output.event('run', { ...ran });
    output.say(runText(ran));
    const also = preview === undefined ? '' : leftAloneText(preview, ran);
    if (also !== '') output.say(also);
    const held = preview === undefined ? undefined : heldText(preview);
    if (held !== undefined && !(preview?.delete.hold.kind === 'ask' && ran.filesDeleted > 0)) output.say(held);
    return { pair, exit: exitOfRun(ran, preview), preview, run: ran };
  } finally {
    stop();
  }
}

interface Confirmed {
  confirmDeletions: boolean | ReadonlySet<string>;
  confirmMissing: boolean | MissingCopies;
}

/** Asks at a terminal; nobody there is a no. */
async function saysYes({ output }: CommandContext, question: string): Promise<boolean> {
  if (!output.terminal.isInteractive) return false;
  return (await askYesNo(output, question)) === true;
}

function exitOfRun(run: SyncRun, preview: SyncPreview | undefined): ExitStatus {
  switch (run.state) {
    case 'running':
    case 'interrupted':
    case 'stopped':
      return Exit.interrupted;
    case 'failed':
      return run.problem !== undefined && run.filesFailed === 0 && preview === undefined
        ? exitOf(run.problem.kind)
        : Exit.failed;
    case 'done':
      // what was announced and not done is no success
      return run.problem !== undefined ||
        run.filesKept > 0 ||
        (preview !== undefined && preview.delete.hold.kind !== 'none' && run.filesDeleted === 0)
        ? Exit.failed
        : Exit.done;
  }
}

const exitOfPreview = (preview: SyncPreview): ExitStatus =>
  preview.problems.length > 0 || preview.copy.hold.kind === 'ask' ? Exit.failed : Exit.done;

/** Interrupted comes first: it can be resumed. */
const WORST: readonly ExitStatus[] = [Exit.interrupted, Exit.noPhone, Exit.failed];

function finish(
  { output, interruption }: CommandContext,
  command: Run,
  outcomes: readonly PairResult[],
  otherwise: ExitStatus = Exit.done,
): ExitStatus {
  const exit =
    WORST.find((status) => outcomes.some((outcome) => outcome.exit === status)) ??
    (interruption.signal.aborted ? Exit.interrupted : otherwise);
  const sum = (of: (run: SyncRun) => number): number =>
    outcomes.reduce((total, { run: ran }) => total + (ran === undefined ? 0 : of(ran)), 0);
  output.result(exit, {
    dryRun: command.dryRun,
    pairs: outcomes.map(({ pair, preview, run: ran }) => ({ id: pair.id, name: pair.name, preview, run: ran })),
    filesMoved: sum((ran) => ran.filesMoved),
    bytesMoved: sum((ran) => ran.bytesMoved),
    transactions: command.dryRun
      ? outcomes.reduce((total, { preview }) => total + (preview?.transactions ?? 0), 0)
      : sum((ran) => ran.transactions),
    filesUnchanged: sum((ran) => ran.filesUnchanged),
    filesRenamed: sum((ran) => ran.filesRenamed),
    filesDeleted: sum((ran) => ran.filesDeleted),
    filesKept: sum((ran) => ran.filesKept),
    filesLeftOut: outcomes.reduce((total, { preview }) => total + (preview?.leftOut ?? 0), 0),
    filesSkipped: sum((ran) => ran.filesSkipped),
    filesFailed: sum((ran) => ran.filesFailed),
  });
  return exit;
}
