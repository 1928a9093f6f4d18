import type { RecoveryStep } from '../../../shared/domain.ts';

/**
 * The recovery ladder (field notes §2.4) as data: what is tried, in which order and with which pauses, when a phone is
 * there but does not answer. Pure; the engine's `DeviceConnection` does what each step says, and a step that brings an answer
 * ends it. Steps 2 to 4 (drain, OpenSession) are inside every `open`.
 */

/** What one step does. */
export type LadderAction =
  /** The interface is let go and nothing is sent: hammering makes it worse. */
  | { readonly kind: 'wait'; readonly milliseconds: number }
  /** `bus.open`, then `openPhone` with these preparations. */
  | { readonly kind: 'open'; readonly before: readonly ('cancel' | 'clear-halts')[] }
  /** `bus.open`, then `transport.reset()`: the device may come back as a new one. */
  | { readonly kind: 'reset' }
  /** Nothing else helps: unplug and plug in again. Hotplug goes on from there. */
  | { readonly kind: 'ask-user' };

/** One step of the ladder. */
export interface LadderStep {
  readonly name: RecoveryStep;
  readonly action: LadderAction;
  /** Taken only when an operation is known to be still running on the phone: Cancel wedges an idle one (field notes §0.3). */
  readonly onlyWhileRunning?: true;
}

const wait = (milliseconds: number): LadderStep => ({
  name: 'wait',
  action: { kind: 'wait', milliseconds },
});
const OPEN: LadderStep = { name: 'open', action: { kind: 'open', before: [] } };

/** What is tried, in this order. */
export const LADDER: readonly LadderStep[] = [
  wait(2_000),
  OPEN,
  wait(1_000),
  OPEN,
  wait(2_000),
  OPEN,
  wait(4_000),
  OPEN,
  wait(8_000),
  { name: 'stop', action: { kind: 'open', before: ['cancel'] }, onlyWhileRunning: true },
  { name: 'clear', action: { kind: 'open', before: ['clear-halts'] } },
  wait(2_000),
  { name: 'reset', action: { kind: 'reset' } },
  wait(4_000),
  OPEN,
  wait(8_000),
  OPEN,
  { name: 'ask', action: { kind: 'ask-user' } },
];

/** How far up the ladder a recovery is: the index of the next step. */
export interface LadderPosition {
  readonly next: number;
}
/** Nothing was tried yet. */
export const LADDER_START: LadderPosition = { next: 0 };

/** On to Cancel, for a phone that is still sending: another look only reads more of the same (§2.4, step 2). Never down. */
export const toCancel = ({ next }: LadderPosition): LadderPosition => ({
  next: Math.max(
    next,
    LADDER.findIndex(({ onlyWhileRunning }) => onlyWhileRunning),
  ),
});

/**
 * The next step, and the position after it. At the top it stays: the last step is given again and again. `running` says
 * whether an operation was on the wire when the phone fell silent (its data phase had begun and no answer came).
 */
export function nextStep(
  position: LadderPosition,
  running: boolean,
): { readonly step: LadderStep; readonly position: LadderPosition } {
  for (let index = position.next; index < LADDER.length; index += 1) {
    const step = LADDER[index];
    if (step === undefined || (step.onlyWhileRunning === true && !running)) continue;
    return { step, position: { next: Math.min(index + 1, LADDER.length - 1) } };
  }
  return { step: LADDER[LADDER.length - 1] ?? OPEN, position: { next: LADDER.length - 1 } };
}
