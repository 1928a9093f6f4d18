import {
  contentsChecked,
  summarizeTransfer,
  originalWords,
  verifiedWords,
  type Original,
} from '../../shared/transfer-summary.ts';
import type { Device, TransferId } from '../../shared/domain.ts';
import { describeProblem, type Problem } from '../../shared/errors.ts';
import { formatBytes } from '../../shared/format.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import type { Replug } from '../compose.ts';
import type { ItemRow } from '../engine/model/transfer-store.ts';
import { Exit, type ExitStatus } from './exit.ts';
import { waitingText } from './progress.ts';
import type { CommandContext } from './command-context.ts';
import { printable } from './text.ts';
import { commas, enumerated } from '../../shared/words/locale.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** What became of transfers, for the person and for `--json`, and the exit status it means. */

const PAGE = 1000;
/** Failures told to a person one by one; the rest is counted. */
const TOLD = 20;

/**
 * Tells how the transfers ended, and answers the exit status: the worst of theirs, `failed` also where originals of a
 * move were kept.
 */
export function report(
  context: CommandContext,
  replug: Replug,
  ids: readonly TransferId[],
  /** What an interruption counts as: without a phone ever seen, it is that no phone was there. */
  whenInterrupted: ExitStatus = Exit.interrupted,
  /** What it counts as that all of it was done: where not everything could be looked at, something may be missing. */
  whenDone: ExitStatus = Exit.done,
): ExitStatus {
  const { output } = context;
  const views = ids.map((id) => replug.engine.view(id));
  let failed = 0;
  let hasBadNames = false;
  let kept = 0;
  const deleted = new Map<TransferId, number>();
  for (const row of rows(replug, ids)) {
    const original = originalOf(row);
    if (original?.deleted === true) deleted.set(row.transfer, (deleted.get(row.transfer) ?? 0) + 1);
    if (original?.deleted === false) {
      kept += 1;
      if (kept <= TOLD)
        output.say(
          terminalWords.say.copiedBut({ name: printable(row.name), original: printable(originalWords(original)) }),
        );
    }
    if (row.state.kind !== 'failed') continue;
    failed += 1;
    const { kind } = row.state.problem;
    hasBadNames ||= kind === 'bad-name' || kind === 'local-bad-name';
    if (output.json || failed <= TOLD) output.problem({ subject: row.name, ...row.state.problem });
  }
  if (failed > TOLD) output.say(terminalWords.say.moreFailed({ count: failed - TOLD }));
  if (hasBadNames) output.say(terminalWords.say.namesLegal);
  if (kept > TOLD) output.say(terminalWords.say.moreKept({ count: kept - TOLD }));
  const ended = exitOfAll(views);
  const worst = ended === Exit.done && kept > 0 ? Exit.failed : ended;
  const exit = worst === Exit.interrupted ? whenInterrupted : worst === Exit.done ? whenDone : worst;
  for (const view of views) summary(context, view, deleted.get(view.id) ?? 0, replug.engine.devices);
  const sum = (of: (view: TransferView) => number): number => views.reduce((total, view) => total + of(view), 0);
  output.result(
    exit,
    {
      transfers: views.map((view) => ({
        id: view.id,
        direction: view.direction,
        title: view.title,
        destination: view.destination,
        state: view.state,
        waitingFor: view.waitingFor,
      })),
      bytesTotal: sum((view) => view.bytesTotal),
      bytesConfirmed: sum((view) => view.bytesConfirmed),
      bytesMoved: sum((view) => view.run.bytesMoved),
      bytesResent: sum((view) => view.run.bytesResent),
      bytesMovedInAll: sum((view) => view.bytesMoved),
      bytesResentInAll: sum((view) => view.bytesResent),
      // nothing counts as moved that was not verified
      verified: ended === Exit.done,
    },
    fileLines(replug, ids),
  );
  return exit;
}

/** Unfinished comes first: what can go on is not given up. */
function exitOfAll(views: readonly TransferView[]): ExitStatus {
  const left = ({ counts }: TransferView): number => counts.total - counts.done - counts.failed - counts.cancelled;
  if (views.some((view) => left(view) > 0 || view.finishedAt === undefined)) return Exit.interrupted;
  return views.some((view) => view.counts.failed + view.counts.cancelled > 0) ? Exit.failed : Exit.done;
}

function summary({ output }: CommandContext, view: TransferView, deleted: number, devices: readonly Device[]): void {
  const { counts } = view;
  const where = view.direction === 'upload' ? `${view.deviceName}, ${view.destination}` : view.destination;
  const left = counts.total - counts.done - counts.failed - counts.cancelled;
  const words = commonWords.result;
  const say = terminalWords.say;
  const arrived = summarizeTransfer(counts.moved, counts.alreadyThere);
  const verified = verifiedWords(counts.verified ?? NOTHING_VERIFIED);
  const parts = [
    ...(arrived === undefined ? [] : [arrived]),
    ...enumerated([
      [deleted, say.originalsDeleted],
      [counts.alreadyThere.files, words.alreadyThere],
      [counts.skipped, words.skipped],
      [counts.failed, words.failed],
      [counts.cancelled, words.cancelled],
      [left, say.left],
    ]),
    ...(verified === undefined ? [] : [verified]),
    ...(view.bytesResent > 0 ? [say.sentTwice({ size: formatBytes(view.bytesResent) })] : []),
  ];
  const told = {
    title: printable(view.title),
    target: printable(where),
    results: parts.length === 0 ? words.nothingToCopy : commas(parts),
  };
  const isConfirmed = counts.moved.files > 0 || view.bytesConfirmed > 0;
  output.say(isConfirmed ? say.summarySize({ ...told, size: formatBytes(view.bytesConfirmed) }) : say.summary(told));
  if (left === 0 && view.finishedAt !== undefined) return;
  const waiting = waitingText(view, devices);
  output.say(waiting === undefined ? say.resumeHint : `${waiting} ${say.resumeHint}`);
}

const NOTHING_VERIFIED = { size: 0, sampled: 0, full: 0 };

const originalOf = ({ state }: ItemRow): Original | undefined =>
  state.kind === 'done' && state.outcome.kind === 'moved' ? state.outcome.original : undefined;

function errorOf(problem: Problem | undefined): object | undefined {
  if (problem === undefined) return undefined;
  const { what, remedy } = describeProblem(problem);
  return { ...problem, message: what, remedy };
}

function fileLine(row: ItemRow): object {
  const { state } = row;
  const base = {
    path: row.name,
    kind: row.kind,
    local: row.local,
    phone: row.phone,
    size: row.size,
    savedAs: row.savedAs,
  };
  switch (state.kind) {
    case 'done':
      switch (state.outcome.kind) {
        case 'moved': {
          const { verification, original } = state.outcome;
          const { level, sha256, chunkDigest } = verification;
          return {
            ...base,
            status: 'done',
            verified: level,
            checked: {
              size: true,
              contents: contentsChecked(verification, row),
              bytesCompared: verification.bytesCompared,
            },
            sha256: sha256 ?? row.sha256,
            chunkDigest: chunkDigest ?? row.chunkDigest,
            originalDeleted: original?.deleted,
            error: errorOf(original?.problem),
          };
        }
        case 'already-there':
          return { ...base, status: 'already-there', verified: null };
        case 'skipped':
          return { ...base, status: 'skipped', verified: null, why: state.outcome.why };
      }
      break;
    case 'failed':
      return { ...base, status: 'failed', verified: null, confirmed: row.confirmed, error: errorOf(state.problem) };
    case 'cancelled':
      return { ...base, status: 'cancelled', verified: null };
    default:
      return { ...base, status: 'unfinished', state: state.kind, verified: null, confirmed: row.confirmed };
  }
}

function* fileLines(replug: Replug, ids: readonly TransferId[]): Generator<object> {
  for (const row of rows(replug, ids)) yield fileLine(row);
}

function* rows(replug: Replug, ids: readonly TransferId[]): Generator<ItemRow> {
  for (const id of ids)
    for (let offset = 0; ; offset += PAGE) {
      const { items } = replug.store.items(id, { offset, limit: PAGE });
      yield* items;
      if (items.length < PAGE) break;
    }
}
