import type { Instant } from '../../../shared/domain.ts';
import type { Problem } from '../../../shared/errors.ts';
import type { AnswerChoice, ItemStateName, Outcome, Question, WaitingFor } from '../../../shared/snapshots.ts';

/**
 * The life of one item: one file or folder on its way.
 *
 *   queued → preparing → moving → confirming → done
 *     ↑          ↓  ↓        ↓         ↓
 *     ├─── asking  stopping (from any of the three) → paused | cancelled
 *     └─── waiting (for the phone, an unlock, the source, space, a time)
 *
 * A move whose copy is whole while its original may still be there is `done` and can be taken up again: its copy is
 * proved again, then the original goes. So is a copy of which only the size was compared, when another one of its
 * transfer turns out to differ; and one that was skipped by a rule which is another one now.
 *
 * `transition` is pure and total: an input that a state does not know changes nothing. While a lane works on the item
 * (`preparing`, `moving`, `confirming`, `stopping`), an input that carries an end is never ignored.
 */
export type ItemState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'preparing' }
  | { readonly kind: 'asking'; readonly question: Question }
  | { readonly kind: 'moving' }
  | { readonly kind: 'confirming' }
  /**
   * A running transaction is never dropped: it ends at the next chunk boundary, then this becomes `next`. Taken back
   * before that, it is `from` again.
   */
  | { readonly kind: 'stopping'; readonly next: 'paused' | 'cancelled'; readonly from: ActiveStateName }
  | { readonly kind: 'waiting'; readonly for: WaitingFor; readonly since: Instant }
  | { readonly kind: 'paused' }
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'cancelled' };

/** States in which a lane works on the item and nobody wants it to stop. */
export type ActiveStateName = 'preparing' | 'moving' | 'confirming';

/** What the machine decides upon: the state and the bytes that the other side has confirmed. */
export interface ItemCore {
  readonly state: ItemState;
  /** Bytes, at most `size`. */
  readonly confirmed: number;
  readonly size: number;
}

/** Everything that can happen to an item. Offsets are in bytes from the start of the file. */
export type Input =
  /** The lane took the item. */
  | { readonly kind: 'taken' }
  /** The other side was looked at: the move starts at `offset`. */
  | { readonly kind: 'prepared'; readonly offset: number }
  | { readonly kind: 'asked'; readonly question: Question }
  | { readonly kind: 'answered'; readonly choice: AnswerChoice }
  /** The rule under which the question came, or by which it was skipped, is another one now. */
  | { readonly kind: 'otherRule' }
  /** Nothing to move. */
  | { readonly kind: 'settled'; readonly outcome: Outcome }
  /** The other side confirmed everything before `upTo`. */
  | { readonly kind: 'chunkConfirmed'; readonly upTo: number }
  | { readonly kind: 'allMoved' }
  | { readonly kind: 'verified'; readonly outcome: Outcome }
  /** A check found that nothing after `from` can be trusted. */
  | { readonly kind: 'mismatched'; readonly from: number }
  | { readonly kind: 'waitFor'; readonly for: WaitingFor; readonly at: Instant }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'pause' }
  | { readonly kind: 'cancel' }
  /** The lane let go: the chunk on the wire has ended after `pause` or `cancel`. */
  | { readonly kind: 'stopped' }
  /** The user says go on. */
  | { readonly kind: 'resume' }
  /** What was waited for is there. */
  | { readonly kind: 'ready' }
  /** The missing source was found at another place, which is noted with this input. */
  | { readonly kind: 'located' }
  | { readonly kind: 'retry' }
  /** The copy of a move is done, its original may still be there for a reason that has passed: it is taken up again. */
  | { readonly kind: 'originalLeft'; readonly at: Instant }
  /** The copy was compared by its size alone, and another one of its transfer differs from its source. */
  | { readonly kind: 'doubted' }
  /** The app was started: whatever was active is not any more. */
  | { readonly kind: 'restarted'; readonly at: Instant };

/** What has to be done after a transition; the state machine itself does nothing. */
export type Effect =
  /** Look at both sides: name, conflict, space, how much is already there. */
  | { readonly kind: 'prepare' }
  | { readonly kind: 'move' }
  | { readonly kind: 'confirm' }
  /** Remove what was made for this item and will not be finished: temporary, checkpoints. */
  | { readonly kind: 'discard' };

/** The answer of `transition`. */
export interface Step {
  readonly state: ItemState;
  /** Bytes. */
  readonly confirmed: number;
  readonly effects: readonly Effect[];
}

const QUEUED: ItemState = { kind: 'queued' };
const PAUSED: ItemState = { kind: 'paused' };
const CANCELLED: ItemState = { kind: 'cancelled' };
const DISCARD: readonly Effect[] = [{ kind: 'discard' }];

/** The next state, what of the bytes is still confirmed, and what is to be done now. Throws nothing. */
export function transition(item: ItemCore, input: Input): Step {
  const { state } = item;
  switch (state.kind) {
    case 'queued':
      return whileQueued(item, input);
    case 'preparing':
    case 'moving':
    case 'confirming':
      return whileActive(item, state.kind, input);
    case 'stopping':
      return whileStopping(item, state, input);
    case 'asking':
      return whileAsking(item, input);
    case 'waiting':
      return whileWaiting(item, state, input);
    case 'paused':
      if (input.kind === 'resume') return to(item, QUEUED);
      if (input.kind === 'cancel') return to(item, CANCELLED, DISCARD);
      return to(item, state);
    case 'failed':
      if (input.kind === 'retry') return to(item, QUEUED);
      // a failed item may have kept its part, for another try: giving it up takes that too
      if (input.kind === 'cancel') return to(item, CANCELLED, DISCARD);
      return to(item, state);
    case 'done':
      if (input.kind === 'doubted' && state.outcome.kind === 'moved' && state.outcome.verification.level === 'size')
        return to(item, QUEUED);
      if (input.kind === 'otherRule' && isSkippedByRule(state.outcome)) return to(item, QUEUED);
      return input.kind === 'originalLeft' && isOriginalLeft(state.outcome)
        ? to(item, { kind: 'waiting', for: { kind: 'phone' }, since: input.at })
        : to(item, state);
    case 'cancelled':
      return to(item, state);
  }
}

/** What keeps an original only for a while: another try, with the phone and both disks there, may end the move. */
const PASSES: ReadonlySet<Problem['kind']> = new Set([
  'disconnected',
  'locked',
  'silent',
  'confused',
  'storage-missing',
  'busy',
  'stale',
  'source-missing',
  'local-missing',
  'local-busy',
  'store',
]);

/** Whether a copy is done and its original is still to go: the program ended before, or what kept it passes. */
export function isOriginalLeft(outcome: Outcome): boolean {
  if (outcome.kind !== 'moved' || outcome.original === undefined || outcome.original.deleted) return false;
  const { problem } = outcome.original;
  return problem === undefined || PASSES.has(problem.kind);
}

/** Whether it was left out since something had its name, and not because a person said so or for what it is. */
export const isSkippedByRule = (outcome: Outcome): boolean =>
  outcome.kind === 'skipped' && (outcome.why === 'on-phone' || outcome.why === 'on-computer');

/** States in which no lane owns the item, so that many can be changed at once. */
export type IdleStateName = Exclude<ItemStateName, ActiveStateName | 'stopping' | 'done' | 'cancelled'>;
/** The idle states as values, for queries and for changes of many items. */
export const IDLE_STATES: readonly IdleStateName[] = ['queued', 'waiting', 'asking', 'paused', 'failed'];

const ANY_IDLE: Readonly<Record<IdleStateName, ItemState>> = {
  queued: QUEUED,
  waiting: { kind: 'waiting', for: { kind: 'phone' }, since: 0 },
  asking: { kind: 'asking', question: { kind: 'name', name: '', legal: '' } },
  paused: PAUSED,
  failed: { kind: 'failed', problem: { kind: 'internal', operation: '', detail: '' } },
};

/**
 * What follows for every item of an idle state, whatever it waits for, asks or failed of; nothing where the input
 * changes none of them.
 */
export function transitionOfAll(
  state: IdleStateName,
  input: Extract<Input, { kind: 'pause' | 'cancel' | 'retry' }> | { readonly kind: 'resume' },
): ItemState | undefined {
  // whether a wait goes on at a resume depends on what it is for
  if (state === 'waiting' && input.kind === 'resume') return undefined;
  const from = ANY_IDLE[state];
  const next = transition({ state: from, confirmed: 0, size: 0 }, input).state;
  return next === from ? undefined : next;
}

const to = (
  { confirmed }: ItemCore,
  state: ItemState,
  effects: readonly Effect[] = [],
  bytes: number = confirmed,
): Step => ({ state, confirmed: bytes, effects });

function whileQueued(item: ItemCore, input: Input): Step {
  switch (input.kind) {
    case 'taken':
      return to(item, { kind: 'preparing' }, [{ kind: 'prepare' }]);
    case 'pause':
      return to(item, PAUSED);
    case 'cancel':
      return to(item, CANCELLED, DISCARD);
    default:
      return to(item, item.state);
  }
}

/** A lane works on it: `active` says at which step. */
function whileActive(item: ItemCore, active: ActiveStateName, input: Input): Step {
  const step = progress(item, active, input);
  if (step !== undefined)
    return to(item, step.active === active ? item.state : { kind: step.active }, step.effects, step.confirmed);
  switch (input.kind) {
    // a crash left it here; whoever takes it begins anew
    case 'taken':
      return active === 'preparing' ? to(item, item.state, [{ kind: 'prepare' }]) : to(item, item.state);
    case 'asked':
      return to(item, { kind: 'asking', question: input.question });
    case 'settled':
    case 'verified':
      return to(item, { kind: 'done', outcome: input.outcome });
    case 'failed':
      return to(item, { kind: 'failed', problem: input.problem });
    case 'waitFor':
      return to(item, { kind: 'waiting', for: input.for, since: input.at });
    // a full verification of a large file takes as long as the transfer: it can be stopped like one
    case 'pause':
      return to(item, { kind: 'stopping', next: 'paused', from: active });
    case 'cancel':
      return to(item, { kind: 'stopping', next: 'cancelled', from: active });
    // the pause was taken back when the lane had let go already: it is taken again, from the beginning
    case 'stopped':
      return to(item, QUEUED);
    case 'restarted':
      return to(item, { kind: 'waiting', for: { kind: 'phone' }, since: input.at });
    default:
      return to(item, item.state);
  }
}

function whileStopping(item: ItemCore, state: Extract<ItemState, { kind: 'stopping' }>, input: Input): Step {
  const { next, from } = state;
  // what the lane still finds out is not lost: taken back, the item goes on from there
  const step = progress(item, from, input);
  if (step !== undefined) return to(item, { ...state, from: step.active }, [], step.confirmed);
  switch (input.kind) {
    // the end came before the stop did: what is complete is not undone
    case 'settled':
    case 'verified':
      return to(item, { kind: 'done', outcome: input.outcome });
    case 'failed':
      return next === 'cancelled' ? to(item, CANCELLED, DISCARD) : to(item, { kind: 'failed', problem: input.problem });
    // a question is asked again when the item is taken again
    case 'asked':
    case 'waitFor':
    case 'stopped':
    case 'restarted':
      return next === 'cancelled' ? to(item, CANCELLED, DISCARD) : to(item, PAUSED);
    case 'cancel':
      return to(item, { ...state, next: 'cancelled' });
    case 'resume':
      return next === 'paused' ? to(item, { kind: from }) : to(item, state);
    default:
      return to(item, state);
  }
}

interface Progress {
  readonly active: ActiveStateName;
  readonly confirmed: number;
  readonly effects: readonly Effect[];
}

/** How far the lane has come, or nothing where the input says nothing about that or is not to be believed. */
function progress({ confirmed, size }: ItemCore, active: ActiveStateName, input: Input): Progress | undefined {
  switch (input.kind) {
    case 'prepared':
      if (active !== 'preparing' || input.offset < 0 || input.offset > size) return undefined;
      return { active: 'moving', confirmed: input.offset, effects: [{ kind: 'move' }] };
    case 'chunkConfirmed':
      // never backwards, never beyond the end: a phone that confirms more than was sent is not believed
      if (active !== 'moving' || input.upTo < confirmed || input.upTo > size) return undefined;
      return { active, confirmed: input.upTo, effects: [] };
    case 'allMoved':
      if (active !== 'moving' || confirmed !== size) return undefined;
      return { active: 'confirming', confirmed, effects: [{ kind: 'confirm' }] };
    case 'mismatched': {
      if (active === 'preparing') return undefined;
      const kept = Math.max(0, Math.min(input.from, confirmed));
      return { active: 'moving', confirmed: kept, effects: active === 'confirming' ? [{ kind: 'move' }] : [] };
    }
    default:
      return undefined;
  }
}

function whileAsking(item: ItemCore, input: Input): Step {
  if (input.kind === 'cancel') return to(item, CANCELLED, DISCARD);
  if (input.kind === 'otherRule') return to(item, QUEUED);
  if (input.kind !== 'answered') return to(item, item.state);
  if (input.choice === 'cancel') return to(item, CANCELLED, DISCARD);
  // it may be complete and ask only since something has come under its name: what it made goes
  if (input.choice === 'skip') return to(item, { kind: 'done', outcome: { kind: 'skipped', why: 'chosen' } }, DISCARD);
  return to(item, QUEUED);
}

function whileWaiting(item: ItemCore, state: Extract<ItemState, { kind: 'waiting' }>, input: Input): Step {
  switch (input.kind) {
    case 'ready':
      return to(item, QUEUED);
    // a file that is not there is not there for being asked again; it is looked for anyway
    case 'resume':
      return state.for.kind === 'source' ? to(item, state) : to(item, QUEUED);
    case 'located':
      return state.for.kind === 'source' ? to(item, QUEUED) : to(item, state);
    case 'waitFor':
      return to(item, { kind: 'waiting', for: input.for, since: state.since });
    case 'pause':
      return to(item, PAUSED);
    case 'cancel':
      return to(item, CANCELLED, DISCARD);
    case 'restarted':
      return state.for.kind === 'source'
        ? to(item, state)
        : to(item, { kind: 'waiting', for: { kind: 'phone' }, since: input.at });
    default:
      return to(item, state);
  }
}

/** Every state's name, for stores and counters. */
export const ITEM_STATES: readonly ItemStateName[] = [
  'queued',
  'preparing',
  'asking',
  'moving',
  'confirming',
  'stopping',
  'waiting',
  'paused',
  'done',
  'failed',
  'cancelled',
];
