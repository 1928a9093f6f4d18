import type { Instant } from '../../../shared/domain.ts';
import type { Problem } from '../../../shared/errors.ts';
import type { AnswerChoice, ItemStateName, Outcome, Question, WaitingFor } from '../../../shared/snapshots.ts';

/**
 * The life of one item: one file or folder on its way.
 *
 *   queued → preparing → moving → confirming → done
 *              ↓  ↑         ↓          ↓
 *            asking      stopping → paused | cancelled
 *              ↓
 *           waiting (for the phone, an unlock, the source, space, a time) → preparing
 *
 * `transition` is pure and total: an input that a state does not know changes nothing.
 */
export type ItemState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'preparing' }
  | { readonly kind: 'asking'; readonly question: Question }
  | { readonly kind: 'moving' }
  | { readonly kind: 'confirming' }
  /** A running transaction is never dropped: it ends at the next chunk boundary, then this becomes `next`. */
  | { readonly kind: 'stopping'; readonly next: 'paused' | 'cancelled' }
  | { readonly kind: 'waiting'; readonly for: WaitingFor; readonly since: Instant }
  | { readonly kind: 'paused' }
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'cancelled' };

/** What the machine decides upon: the state and the bytes that the other side has confirmed. */
export interface ItemCore {
  readonly state: ItemState;
  /** Bytes, at most `size`. */
  readonly confirmed: number;
  readonly size: number;
}

export type Input =
  /** The lane took the item. */
  | { readonly kind: 'taken' }
  /** The other side was looked at: the move starts at `offset`. */
  | { readonly kind: 'prepared'; readonly offset: number }
  | { readonly kind: 'asked'; readonly question: Question }
  | { readonly kind: 'answered'; readonly choice: AnswerChoice }
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
  /** The chunk on the wire has ended after `pause` or `cancel`. */
  | { readonly kind: 'stopped' }
  /** The user says go on. */
  | { readonly kind: 'resume' }
  /** What was waited for is there. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'retry' }
  /** The app was started: whatever was active is not any more. */
  | { readonly kind: 'restarted'; readonly at: Instant };

export type Effect =
  /** Look at both sides: name, clash, space, how much is already there. */
  | { readonly kind: 'prepare' }
  | { readonly kind: 'move' }
  | { readonly kind: 'confirm' }
  /** Remove what was made for this item and will not be finished: temporary, checkpoints. */
  | { readonly kind: 'discard' };

export interface Step {
  readonly state: ItemState;
  readonly confirmed: number;
  readonly effects: readonly Effect[];
}

const CANCELLED: ItemState = { kind: 'cancelled' };

export function transition(item: ItemCore, input: Input): Step {
  const { state, confirmed, size } = item;
  const same: Step = { state, confirmed, effects: [] };
  const to = (next: ItemState, effects: readonly Effect[] = [], bytes = confirmed): Step => ({
    state: next,
    confirmed: bytes,
    effects,
  });
  const cancelled = (): Step => to(CANCELLED, [{ kind: 'discard' }]);
  const stopped = (next: 'paused' | 'cancelled'): Step => (next === 'paused' ? to({ kind: 'paused' }) : cancelled());

  switch (state.kind) {
    case 'queued':
      if (input.kind === 'taken') return to({ kind: 'preparing' }, [{ kind: 'prepare' }]);
      if (input.kind === 'pause') return to({ kind: 'paused' });
      if (input.kind === 'cancel') return cancelled();
      return same;

    case 'preparing':
      switch (input.kind) {
        // an item that was answered or whose wait is over is already `preparing` when the lane takes it
        case 'taken':
          return to(state, [{ kind: 'prepare' }]);
        case 'prepared':
          return input.offset >= 0 && input.offset <= size
            ? to({ kind: 'moving' }, [{ kind: 'move' }], input.offset)
            : same;
        case 'asked':
          return to({ kind: 'asking', question: input.question });
        case 'settled':
          return to({ kind: 'done', outcome: input.outcome });
        case 'waitFor':
          return to({ kind: 'waiting', for: input.for, since: input.at });
        case 'failed':
          return to({ kind: 'failed', problem: input.problem });
        case 'pause':
          return to({ kind: 'paused' });
        case 'cancel':
          return cancelled();
        case 'restarted':
          return to({ kind: 'waiting', for: { kind: 'phone' }, since: input.at });
        default:
          return same;
      }

    case 'asking':
      if (input.kind === 'cancel') return cancelled();
      if (input.kind !== 'answered') return same;
      if (input.choice === 'cancel') return cancelled();
      if (input.choice === 'skip')
        return to({ kind: 'done', outcome: { kind: 'skipped', why: 'you chose to skip it' } });
      return to({ kind: 'preparing' });

    case 'moving':
      switch (input.kind) {
        case 'chunkConfirmed':
          // never backwards, never beyond the end: a phone that confirms more than was sent is not believed
          return input.upTo >= confirmed && input.upTo <= size ? to(state, [], input.upTo) : same;
        case 'mismatched':
          return input.from >= 0 && input.from <= confirmed ? to(state, [], input.from) : same;
        case 'allMoved':
          return confirmed === size ? to({ kind: 'confirming' }, [{ kind: 'confirm' }]) : same;
        case 'waitFor':
          return to({ kind: 'waiting', for: input.for, since: input.at });
        case 'failed':
          return to({ kind: 'failed', problem: input.problem });
        case 'pause':
          return to({ kind: 'stopping', next: 'paused' });
        case 'cancel':
          return to({ kind: 'stopping', next: 'cancelled' });
        case 'restarted':
          return to({ kind: 'waiting', for: { kind: 'phone' }, since: input.at });
        default:
          return same;
      }

    case 'confirming':
      switch (input.kind) {
        case 'verified':
          return to({ kind: 'done', outcome: input.outcome });
        case 'mismatched':
          return input.from >= 0 && input.from <= confirmed
            ? to({ kind: 'moving' }, [{ kind: 'move' }], input.from)
            : same;
        case 'waitFor':
          return to({ kind: 'waiting', for: input.for, since: input.at });
        case 'failed':
          return to({ kind: 'failed', problem: input.problem });
        // a full verification of a large file takes as long as the transfer: it can be stopped like one
        case 'pause':
          return to({ kind: 'stopping', next: 'paused' });
        case 'cancel':
          return to({ kind: 'stopping', next: 'cancelled' });
        case 'restarted':
          return to({ kind: 'waiting', for: { kind: 'phone' }, since: input.at });
        default:
          return same;
      }

    case 'stopping':
      switch (input.kind) {
        case 'chunkConfirmed':
          return input.upTo >= confirmed && input.upTo <= size ? to(state, [], input.upTo) : same;
        case 'mismatched':
          return input.from >= 0 && input.from <= confirmed ? to(state, [], input.from) : same;
        // the end came before the stop did: what is complete is not undone
        case 'verified':
          return to({ kind: 'done', outcome: input.outcome });
        case 'stopped':
        case 'waitFor':
        case 'failed':
        case 'restarted':
          return stopped(state.next);
        case 'cancel':
          return to({ kind: 'stopping', next: 'cancelled' });
        case 'resume':
          return state.next === 'paused' ? to({ kind: 'moving' }) : same;
        default:
          return same;
      }

    case 'waiting':
      switch (input.kind) {
        case 'ready':
        case 'resume':
          return to({ kind: 'preparing' });
        case 'waitFor':
          return to({ kind: 'waiting', for: input.for, since: state.since });
        case 'pause':
          return to({ kind: 'paused' });
        case 'cancel':
          return cancelled();
        case 'restarted':
          return state.for.kind === 'source' ? same : to({ kind: 'waiting', for: { kind: 'phone' }, since: input.at });
        default:
          return same;
      }

    case 'paused':
      if (input.kind === 'resume') return to({ kind: 'queued' });
      if (input.kind === 'cancel') return cancelled();
      return same;

    case 'failed':
      if (input.kind === 'retry') return to({ kind: 'queued' });
      return same;

    case 'done':
    case 'cancelled':
      return same;
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
