import { bytesOf, percent } from '../../../shared/format.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { waitingText } from '../progress.ts';
import { withReplug, type CommandContext } from '../command-context.ts';
import { printable, table } from '../text.ts';
import { percentage } from '../../../shared/words/locale.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';

/**
 * `replug queue`: the transfers and how far they are. Where another Replug is at work on this database, what it has
 * stored is shown; nothing is locked, and nothing of it is disturbed.
 */
export async function queue(context: CommandContext): Promise<ExitStatus> {
  const { defaultDatabase, readQueue } = await import('../../compose.ts');
  const views =
    (await readQueue(context.globals.db ?? defaultDatabase())) ??
    (await withReplug(context, { phones: false }, (replug) => Promise.resolve(replug.engine.transfers())));
  show(context, views);
  return Exit.done;
}

function show({ output }: CommandContext, views: readonly TransferView[]): void {
  for (const view of views) output.event('transfer', { ...view });
  if (views.length === 0) output.say(terminalWords.say.noTransfers);
  output.say(
    table(
      views.map((view) => [
        view.id,
        view.direction === 'upload' ? 'push' : 'pull',
        terminalWords.state[view.state],
        percentage(shareOf(view)),
        terminalWords.queue.items({ done: view.counts.done, all: view.counts.total }),
        bytesOf(view.bytesConfirmed, view.bytesTotal),
        terminalWords.queue.route({
          title: printable(view.title),
          target: printable(view.direction === 'upload' ? `${view.deviceName}:${view.destination}` : view.destination),
        }),
        view.state === 'waiting' ? (waitingText(view, []) ?? '') : '',
      ]),
      [3],
    ),
  );
  output.result(Exit.done, { transfers: views.length });
}

/** Without any bytes (folders, empty files) the items are what there is to count. */
const shareOf = ({ bytesConfirmed, bytesTotal, counts }: TransferView): number =>
  bytesTotal > 0 ? percent(bytesConfirmed, bytesTotal) : percent(counts.done, counts.total);
