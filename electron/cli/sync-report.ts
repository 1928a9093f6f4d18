import type { Device } from '../../shared/domain.ts';
import { describeProblem } from '../../shared/errors.ts';
import { formatBytes, formatDuration } from '../../shared/format.ts';
import { skippedWords } from '../../shared/skipped-names.ts';
import type { SyncAction, SyncActivity, SyncPair, SyncPreview, SyncRun } from '../../shared/sync.ts';
import { commas, enumerated, percentage } from '../../shared/words/locale.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';
import type { Replug } from '../compose.ts';
import type { CommandContext } from './command-context.ts';
import { awaitedText, barText, progressOf } from './progress.ts';
import { columns, printable } from './text.ts';

/** What `replug sync run` tells of a plan and of its run, to a person and with `--json`. */

/** Lines told to a person one by one; `--json` tells all. */
const TOLD = 50;
const PROGRESS_MS = 500;

/** What a run is waiting for. */
export function waitWords(
  { for: what, name }: Extract<SyncActivity, { readonly kind: 'waiting' }>,
  pair: Pick<SyncPair, 'device' | 'deviceName'>,
  devices: readonly Device[],
): string {
  const device = printable(pair.deviceName);
  switch (what) {
    case 'plug':
      return awaitedText(pair, devices);
    case 'unlock':
      return terminalWords.wait.unlock({ device });
    case 'storage':
      return terminalWords.wait.storage({ storage: printable(name), device });
  }
}

/** Where a pair copies to, as a person reads it. */
export const targetOf = (pair: SyncPair): string =>
  pair.direction === 'to-computer' ? pair.local : `${pair.storageName}:${pair.phone}`;

/** What a run leaves alone, in one line; empty where there is nothing to tell. */
export function leftAloneText(preview: SyncPreview, ran?: SyncRun): string {
  const parts = enumerated([
    [preview.leftOut, commonWords.sync.plan.filtered],
    [preview.edited, commonWords.sync.plan.edited],
    [ran?.filesKept ?? 0, terminalWords.sync.kept],
  ]);
  return parts.length === 0 ? '' : `${commas(parts)}.`;
}

/** Draws the bar of a pair’s transfers, and with `--json` tells their progress twice a second. Returns what ends it. */
export function showProgress({ output }: CommandContext, replug: Replug, pair: SyncPair): () => void {
  let last = 0;
  const stopTransfers = replug.engine.watch('transfers', undefined, ({ transfers }) => {
    const views = transfers.filter(
      (view) => view.finishedAt === undefined && replug.engine.transferRow(view.id)?.sources.kind === 'items',
    );
    if (views.length === 0) return;
    output.bar(() => barText(views, replug.engine.devices));
    const now = performance.now();
    if (now - last < PROGRESS_MS) return;
    last = now;
    for (const view of views) output.event('progress', { pair: pair.id, ...progressOf(view) });
  });
  return () => {
    stopTransfers();
    output.endBar();
  };
}

/** Tells what a run would do: its actions, of which a person sees 50, then the sums and what holds it up. */
export function tellPlan(
  context: CommandContext,
  pair: SyncPair,
  preview: SyncPreview,
  actions: readonly SyncAction[],
): void {
  const { output } = context;
  output.event('plan', { ...preview });
  const told = output.json ? actions : actions.slice(0, TOLD);
  for (const action of told) tellAction(context, pair, action);
  if (told.length < actions.length)
    output.say(`  ${terminalWords.sync.moreActions({ count: actions.length - told.length })}`);
  for (const problem of preview.problems) output.problem(problem);
  const plan = commonWords.sync.plan;
  const { timeEstimate } = preview;
  const parts = [
    plan.copy({ count: preview.copy.files, size: formatBytes(preview.copy.bytes) }),
    ...(timeEstimate === undefined ? [] : [plan.time({ time: formatDuration(timeEstimate) })]),
    ...enumerated([
      [preview.rename, plan.rename],
      [preview.delete.files, plan.delete],
      [preview.skip, commonWords.result.skipped],
      [preview.adopted, commonWords.result.alreadyThere],
    ]),
    plan.unchanged({ count: preview.unchanged }),
  ];
  output.say(terminalWords.sync.planned({ plan: commas(parts) }));
  const also = leftAloneText(preview);
  if (also !== '') output.say(also);
  const { hold } = preview.copy;
  if (hold.kind === 'ask')
    output.say(
      terminalWords.sync.missing({
        missing: hold.missing,
        known: hold.known,
        target: printable(targetOf(pair)),
      }),
    );
  const held = heldText(preview);
  if (held !== undefined) output.say(held);
}

/** Tells one action of a plan. */
export function tellAction({ output }: CommandContext, pair: SyncPair, action: SyncAction): void {
  const { kind: what, ...fields } = action;
  output.event('action', { pair: pair.id, action: what, ...fields });
  const words = terminalWords.sync;
  switch (action.kind) {
    case 'copy':
      return output.say(
        line(words.copy, `${printable(action.path)} (${formatBytes(action.size)}, ${whyText(action.why)})`),
      );
    case 'skip':
      return output.say(line(words.skip, `${printable(action.path)}: ${skippedWords(action.why)}`));
    case 'rename':
      return output.say(line(words.rename, `${printable(action.from)} → ${printable(action.path)}`));
    case 'delete':
      return output.say(line(words.delete, `${printable(action.target)} (${formatBytes(action.size)})`));
  }
}

/** What is done, in a column as wide as the longest of these words in the language, then with what. */
function line(what: string, rest: string): string {
  const { copy, skip, rename, delete: remove, failed } = terminalWords.sync;
  const width = Math.max(...[copy, skip, rename, remove, failed].map(columns));
  return `  ${what}${' '.repeat(Math.max(0, width - columns(what)))}  ${rest}`;
}

function whyText(why: Extract<SyncAction, { readonly kind: 'copy' }>['why']): string {
  const words = commonWords.sync.why;
  return words[why];
}

/** Why deletions were not done; `undefined` where nothing held them up. */
export function heldText({ delete: deletion }: SyncPreview): string | undefined {
  switch (deletion.hold.kind) {
    case 'none':
      return undefined;
    case 'ask':
      return terminalWords.sync.held({
        count: deletion.files,
        share: percentage(Math.round(deletion.hold.share * 100)),
      });
    case 'never':
      return commonWords.sync.plan[deletion.hold.why];
  }
}

/** Tells the files that failed, of which a person sees 20. */
export function tellFailures({ output }: CommandContext, replug: Replug, pair: SyncPair, run: SyncRun): void {
  if (run.filesFailed === 0) return;
  const { files, total } = replug.sync.files(pair.id, {
    status: 'failed',
    offset: 0,
    limit: output.json ? Infinity : 20,
  });
  for (const { path, problem } of files) {
    if (problem === undefined) continue;
    if (output.json) output.problem({ ...problem, subject: path });
    else output.say(line(terminalWords.sync.failed, `${printable(path)}: ${printable(describeProblem(problem).what)}`));
  }
  if (total > files.length) output.say(`  ${terminalWords.say.moreFailed({ count: total - files.length })}`);
}
