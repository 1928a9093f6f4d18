import { setFlagsFromString } from 'node:v8';
import type { TransferId } from '../../shared/domain.ts';
import { describeProblem } from '../../shared/errors.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import type { Replug } from '../compose.ts';
import { answerFor, askPerson, type Answering } from './questions.ts';
import { barText, progressOf, waitingText } from './progress.ts';
import { ObstacleLines } from './device-problems.ts';
import type { CommandContext } from './command-context.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** Items from which on a queue is long, and bytes from which on a file makes little garbage for its size. */
const LONG_QUEUE = 2000;
const LARGE_FILE = 64 * 1024 * 1024;
const needsMemory = ({ counts, bytesTotal }: TransferView): boolean =>
  counts.total > LONG_QUEUE || bytesTotal > counts.total * LARGE_FILE;
/**
 * V8's young generation grows to 32 MB while a long queue is planned, whose objects live just long enough for that, and is
 * not given back. From the start it would cost 14 ms, and small files a tenth more processor time (docs/performance.md).
 */
const keepYoungSmall = (): void => {
  setFlagsFromString('--semi-space-growth-factor=1');
};

/** A line of progress at most so often; the engine sends at most ten a second. */
const PROGRESS_MS = 500;

/**
 * Stays with transfers until each has ended or cannot go on: shows progress, puts questions. Ctrl-C ends it early;
 * the engine then finishes what is on the wire.
 */
export async function follow(
  context: CommandContext,
  replug: Replug,
  ids: readonly TransferId[],
  answering: Answering,
): Promise<void> {
  const { output, interruption, waitMs } = context;
  const { engine } = replug;
  const lines = new ObstacleLines(output);
  const states = new Map<TransferId, string>();
  let lastProgress = 0;
  let asking: Promise<void> | undefined;
  interruption.hold();

  const show = (views: readonly TransferView[]): void => {
    if (views.some(needsMemory)) keepYoungSmall();
    const { devices } = engine;
    const waitedFor = views.filter(({ waitingFor }) => waitingFor?.kind === 'phone').map(({ device }) => device);
    const kept = lines.tell(devices.filter(({ key }) => waitedFor.includes(key)));
    if (!output.terminal.isTerminal) for (const text of kept) output.say(text);
    for (const view of views) {
      const state = view.state === 'waiting' ? `waiting ${view.waitingFor?.kind ?? ''}` : view.state;
      if (states.get(view.id) === state) continue;
      states.set(view.id, state);
      output.event('state', { transfer: view.id, state: view.state, waitingFor: view.waitingFor });
      const words = waitingText(view, devices);
      if (words !== undefined && !kept.includes(words) && !output.terminal.isTerminal) output.say(words);
    }
    const now = performance.now();
    if (asking === undefined) output.bar(() => barText(views, devices));
    const isOver = views.every((view) => view.finishedAt !== undefined);
    if (now - lastProgress < PROGRESS_MS && !isOver) return;
    lastProgress = now;
    for (const view of views) progressEvent(context, view);
  };

  const put = (views: readonly TransferView[]): void => {
    const item = views.flatMap((view) => view.questions)[0];
    if (asking !== undefined || item?.question === undefined || interruption.signal.aborted) return;
    const { id } = item.question;
    asking = (answering.isInteractive ? askPerson(output, item) : Promise.resolve(answerFor(item, answering)))
      .then((answer) => engine.execute('answer', { transfer: item.transfer, item: item.id, question: id, ...answer }))
      // it may have been answered or cancelled meanwhile, or ask something else: what stands comes again
      .catch((error: unknown) => output.log(String(error)))
      .finally(() => {
        asking = undefined;
        setImmediate(() => put(present()));
      });
  };
  const present = (): readonly TransferView[] => ids.map((id) => engine.view(id));

  let troubled: string | undefined;
  const stop = engine.watch('transfers', undefined, ({ transfers, problem }) => {
    if (problem !== undefined && problem.detail !== troubled) {
      const { what, remedy } = describeProblem(problem);
      output.say(`${what} ${remedy}`);
    }
    troubled = problem?.detail;
    const views = transfers.filter((view) => ids.includes(view.id));
    show(views);
    put(views);
  });
  try {
    await Promise.all(ids.map((id) => engine.settled(id, { waitMs, signal: interruption.signal })));
  } finally {
    stop();
  }
  // what has ended is stored; to let go of the phone takes a moment more
  const ended = present();
  if (ended.every(({ finishedAt }) => finishedAt !== undefined)) show(ended);
  if (interruption.signal.aborted) output.say(terminalWords.say.stopping);
  // the windows on the wire end and everything is stored before anything is said about it
  await engine.stop();
  show(present());
  output.endBar();
}

function progressEvent({ output }: CommandContext, view: TransferView): void {
  output.event('progress', { ...progressOf(view), current: view.currentItem });
}
