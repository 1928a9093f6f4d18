import { say } from './notices.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Undo for renames and moves on the phone. Deletions cannot be undone, because phones have no trash. */
interface Step {
  /** What the notice says once it is undone. */
  readonly undone: () => string;
  readonly undo: () => Promise<boolean>;
}

const steps: Step[] = [];

/** Tells what was done and offers to undo it; the last 20 steps are kept. */
export function done(what: string, step: Step): void {
  steps.push(step);
  if (steps.length > 20) steps.shift();
  say(what, { label: windowWords.act.undo, run: () => void undoStep(step) });
}

/** Undoes the newest step, or says that there is none. */
export const undoLast = (): void => {
  const step = steps.at(-1);
  if (step === undefined) say(windowWords.notice.nothingToUndo);
  else void undoStep(step);
};

async function undoStep(step: Step): Promise<void> {
  const at = steps.indexOf(step);
  if (at === -1) return;
  steps.splice(at, 1);
  if (await step.undo()) say(step.undone());
}
