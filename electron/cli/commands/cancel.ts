import { isBeingOpened } from '../../../shared/domain.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import type { Replug } from '../../compose.ts';
import { UsageError } from '../option-values.ts';
import { Exit, type ExitStatus } from '../exit.ts';
import { withReplug, type CommandContext } from '../command-context.ts';
import { printable } from '../text.ts';
import { terminalWords } from '../../../shared/words/made/terminal.ts';

/** How long the temporaries on a phone that is there may take to go. What is left goes when it is next seen. */
const TIDY_MS = 10_000;

/**
 * `replug cancel ID`: cancels a transfer and removes its leftovers where the phone is there; one that failed is taken off
 * the list. Throws `UsageError` for one that has ended otherwise and left nothing.
 */
export async function cancel(context: CommandContext, id: string): Promise<ExitStatus> {
  const { output } = context;
  return withReplug(context, { phones: true }, async (replug) => {
    const view = find(replug.engine.transfers(), id);
    const hasParts = replug.store.withTemporary(view.id).length > 0;
    const isFailed = view.finishedAt !== undefined && view.counts.failed > 0;
    if (view.finishedAt !== undefined && !hasParts && !isFailed)
      throw new UsageError(terminalWords.usage.ended({ id: view.id }));
    await replug.engine.execute('cancel', { transfer: view.id });
    // `resume` would try again what failed
    if (isFailed) await replug.engine.execute('remove', { transfer: view.id });
    await tidied(replug, view);
    const left = toBeRemoved(replug, view);
    output.say(terminalWords.say.cancelled({ title: printable(view.title) }));
    if (left > 0) output.say(terminalWords.say.leftovers({ device: printable(view.deviceName) }));
    output.result(Exit.done, { transfer: view.id, leftovers: left });
    return Exit.done;
  });
}

const toBeRemoved = ({ store }: Replug, { device }: TransferView): number =>
  store.leftovers(device).filter(({ proof }) => proof?.kind !== 'half-moved').length;

function find(views: readonly TransferView[], id: string): TransferView {
  const found = views.filter((view) => view.id.startsWith(id));
  const [only, ...others] = found;
  if (only === undefined || id === '') throw new UsageError(terminalWords.usage.noTransfer({ id }));
  if (others.length > 0)
    throw new UsageError(terminalWords.usage.severalTransfers({ id, ids: found.map((view) => view.id).join(', ') }));
  return only;
}

/** Waits until what the transfer made on a phone that is there is gone. */
async function tidied(replug: Replug, view: TransferView): Promise<void> {
  const { engine } = replug;
  const deadline = Date.now() + TIDY_MS;
  const isComing = (): boolean =>
    engine.devices.some(
      (device) => isBeingOpened(device) || (device.key === view.device && device.state.kind === 'ready'),
    );
  while (toBeRemoved(replug, view) > 0 && isComing() && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50));
}
