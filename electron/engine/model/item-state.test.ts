import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isEnded } from '../../../shared/snapshots.ts';
import {
  IDLE_STATES,
  ITEM_STATES,
  transition,
  transitionOfAll,
  type Effect,
  type Input,
  type ItemCore,
  type ItemState,
} from './item-state.ts';

/** The machine by its properties: what must hold of it whatever comes, not a second copy of its switch. */

const SIZE = 100;
const RUNS = { numRuns: 3_000, seed: 20261127 };

const MOVED = {
  kind: 'moved',
  verification: { level: 'sampled', bytesCompared: 0, sha256: undefined, chunkDigest: undefined },
} as const;
const THERE = { kind: 'already-there' } as const;
const PROBLEM = { kind: 'refused', operation: 'x', detail: '' } as const;
const QUESTION = { kind: 'name', name: 'a:b', legal: 'a_b' } as const;

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true });
const anyNumber = fc.integer({ min: -10, max: SIZE + 20 });
const anyWait = fc.constantFrom<Extract<ItemState, { kind: 'waiting' }>['for']>(
  { kind: 'phone' },
  { kind: 'unlock' },
  { kind: 'source' },
  { kind: 'time', until: 7 },
  { kind: 'space', needed: 9, where: 'phone' },
);

/** What comes from outside at any moment. */
const OUTSIDE: readonly Input[] = [
  { kind: 'pause' },
  { kind: 'resume' },
  { kind: 'cancel' },
  { kind: 'retry' },
  { kind: 'ready' },
  { kind: 'located' },
  { kind: 'answered', choice: 'replace' },
  { kind: 'answered', choice: 'skip' },
  { kind: 'answered', choice: 'cancel' },
  { kind: 'otherRule' },
  { kind: 'restarted', at: 9 },
  { kind: 'originalLeft', at: 9 },
  { kind: 'doubted' },
];
/** What ends an item, from whoever works on it. */
const ENDS: readonly Input[] = [
  { kind: 'settled', outcome: THERE },
  { kind: 'verified', outcome: MOVED },
  { kind: 'failed', problem: PROBLEM },
];
const anyInput: fc.Arbitrary<Input> = fc.oneof(
  fc.constantFrom<Input>(
    ...OUTSIDE,
    ...ENDS,
    { kind: 'taken' },
    { kind: 'asked', question: QUESTION },
    { kind: 'allMoved' },
    { kind: 'stopped' },
  ),
  record({ kind: fc.constant('waitFor' as const), for: anyWait, at: fc.constant(5) }),
  record({ kind: fc.constant('chunkConfirmed' as const), upTo: anyNumber }),
  record({ kind: fc.constant('prepared' as const), offset: anyNumber }),
  record({ kind: fc.constant('mismatched' as const), from: anyNumber }),
);

const active = fc.constantFrom<'preparing' | 'moving' | 'confirming'>('preparing', 'moving', 'confirming');
const anyActive: fc.Arbitrary<ItemState> = fc.oneof(
  record({ kind: active }),
  record({ kind: fc.constant('stopping' as const), next: fc.constantFrom('paused', 'cancelled'), from: active }),
);
const anyState: fc.Arbitrary<ItemState> = fc.oneof(
  anyActive,
  fc.constantFrom<ItemState>(
    { kind: 'queued' },
    { kind: 'asking', question: QUESTION },
    { kind: 'paused' },
    { kind: 'done', outcome: MOVED },
    { kind: 'failed', problem: PROBLEM },
    { kind: 'cancelled' },
  ),
  record({ kind: fc.constant('waiting' as const), for: anyWait, since: fc.constant(1) }),
);
const cores = (state: fc.Arbitrary<ItemState>): fc.Arbitrary<ItemCore> =>
  record({ state, confirmed: fc.integer({ min: 0, max: SIZE }), size: fc.constant(SIZE) }).map((core) =>
    // what is being confirmed has been confirmed to its last byte
    core.state.kind === 'confirming' || (core.state.kind === 'stopping' && core.state.from === 'confirming')
      ? { ...core, confirmed: SIZE }
      : core,
  );

const step = (item: ItemCore, input: Input): ItemCore & { readonly effects: readonly Effect[] } => ({
  ...item,
  ...transition(item, input),
});

/** A lane whose every effect succeeds. Answers the item when nothing is left to do for it. */
function work(start: ItemCore): ItemCore {
  let item = step(start, { kind: 'taken' });
  for (let left = 20; left > 0; left -= 1) {
    const [effect] = item.effects;
    if (effect === undefined) return item;
    if (effect.kind === 'prepare') item = step(item, { kind: 'prepared', offset: item.confirmed });
    else if (effect.kind === 'move')
      item = step(step(item, { kind: 'chunkConfirmed', upTo: SIZE }), { kind: 'allMoved' });
    else if (effect.kind === 'confirm') item = step(item, { kind: 'verified', outcome: MOVED });
    else return item;
  }
  return assert.fail('it never comes to an end');
}

/** What the lane does when it lets go, and what is waited for being there. */
function letGo(item: ItemCore): ItemCore {
  let core = item;
  if (['preparing', 'moving', 'confirming', 'stopping'].includes(core.state.kind))
    core = step(core, { kind: 'stopped' });
  if (core.state.kind === 'asking') core = step(core, { kind: 'answered', choice: 'replace' });
  if (core.state.kind === 'waiting') core = step(core, { kind: 'ready' });
  if (core.state.kind === 'failed') core = step(core, { kind: 'retry' });
  return core;
}

test('from any state, after a pause and whatever came, resume leads to the end whenever the effects succeed', () => {
  const kept = anyInput.filter(
    (input) => input.kind !== 'cancel' && !(input.kind === 'answered' && input.choice === 'cancel'),
  );
  const start = cores(anyState).filter(
    ({ state }) => state.kind !== 'cancelled' && !(state.kind === 'stopping' && state.next === 'cancelled'),
  );
  fc.assert(
    fc.property(start, fc.array(kept, { maxLength: 12 }), (first, inputs) => {
      let item: ItemCore = step(first, { kind: 'pause' });
      for (const input of inputs) item = step(item, input);
      item = letGo(step(item, { kind: 'resume' }));
      if (item.state.kind === 'paused') item = step(item, { kind: 'resume' });
      const end = isEnded(item.state.kind) ? item : work(item);
      assert.equal(end.state.kind, 'done');
      if (end.state.kind === 'done' && end.state.outcome.kind === 'moved' && !isEnded(item.state.kind))
        assert.equal(end.confirmed, SIZE);
    }),
    RUNS,
  );
});

test('a stop taken back is as if it had never been, at any step of the work', () => {
  fc.assert(
    fc.property(cores(record({ kind: active }) as fc.Arbitrary<ItemState>), anyInput, (item, input) => {
      const back = step(step(item, { kind: 'pause' }), { kind: 'resume' });
      assert.deepEqual(back.state, item.state);
      // also when the lane said something in between, but for having let go
      if (['stopped', 'waitFor', 'asked', 'restarted', 'pause', 'cancel', 'resume', 'taken'].includes(input.kind))
        return;
      const between = step(step(step(item, { kind: 'pause' }), input), { kind: 'resume' });
      const without = step(item, input);
      assert.deepEqual([between.state, between.confirmed], [without.state, without.confirmed]);
    }),
    RUNS,
  );
});

test('whatever carries an end is never ignored while a lane works on the item', () => {
  fc.assert(
    fc.property(cores(anyActive), fc.constantFrom(...ENDS), (item, end) => {
      const { state } = step(item, end);
      assert.ok(isEnded(state.kind));
      const isCancelling = item.state.kind === 'stopping' && item.state.next === 'cancelled';
      // what is complete is not undone; what failed while it was cancelled is cancelled
      if (end.kind !== 'failed') assert.equal(state.kind, 'done');
      else assert.equal(state.kind, isCancelling ? 'cancelled' : 'failed');
    }),
    RUNS,
  );
});

test('a lane that lets go leaves nothing active behind', () => {
  fc.assert(
    fc.property(cores(anyActive), (item) => {
      const { state } = step(item, { kind: 'stopped' });
      const expected = item.state.kind === 'stopping' ? item.state.next : 'queued';
      assert.equal(state.kind, expected);
      const restarted = step(item, { kind: 'restarted', at: 3 }).state.kind;
      assert.equal(restarted, item.state.kind === 'stopping' ? item.state.next : 'waiting');
    }),
    RUNS,
  );
});

test('once cancelled, nothing brings an item back, and what was made of it is discarded', () => {
  fc.assert(
    fc.property(cores(anyState), fc.array(anyInput, { maxLength: 20 }), (first, inputs) => {
      let item = step(first, { kind: 'cancel' });
      let discarded = item.effects.some(({ kind }) => kind === 'discard');
      for (const input of [...inputs, { kind: 'stopped' } as const]) {
        item = step(item, input);
        discarded ||= item.effects.some(({ kind }) => kind === 'discard');
      }
      assert.ok(isEnded(item.state.kind));
      if (first.state.kind === 'done' || first.state.kind === 'cancelled') assert.deepEqual(item.state, first.state);
      if (item.state.kind === 'cancelled' && first.state.kind !== 'cancelled') assert.ok(discarded);
      assert.notEqual(item.state.kind, 'failed');
    }),
    RUNS,
  );
});

test('no sequence of inputs loses or invents confirmed bytes', () => {
  fc.assert(
    fc.property(fc.array(anyInput, { maxLength: 60 }), (inputs) => {
      let item: ItemCore = { state: { kind: 'queued' }, confirmed: 0, size: SIZE };
      for (const input of inputs) {
        const next = transition(item, input);
        assert.ok(next.confirmed >= 0 && next.confirmed <= SIZE);
        // grows by nothing but a confirmed chunk or what was found on the other side; shrinks by a mismatch or the latter
        if (next.confirmed > item.confirmed) assert.ok(input.kind === 'chunkConfirmed' || input.kind === 'prepared');
        if (next.confirmed < item.confirmed) assert.ok(input.kind === 'mismatched' || input.kind === 'prepared');
        if (next.state.kind === 'confirming' && item.state.kind === 'moving') assert.equal(next.confirmed, SIZE);
        item = { ...item, ...next };
      }
    }),
    RUNS,
  );
});

test('an input that changes nothing gives the very same state back: whoever feeds the machine tells by that', () => {
  fc.assert(
    fc.property(cores(anyState), anyInput, (item, input) => {
      const next = transition(item, input);
      assert.ok(ITEM_STATES.includes(next.state.kind));
      if (next.state.kind === item.state.kind && !['stopping', 'waiting'].includes(next.state.kind))
        assert.equal(next.state, item.state);
    }),
    RUNS,
  );
});

test('what is said to all items of an idle state at once is what each of them would become', () => {
  const said = fc.constantFrom('pause', 'cancel', 'retry', 'resume');
  fc.assert(
    fc.property(cores(anyState), said, (item, kind) => {
      const { state } = item;
      const idle = IDLE_STATES.find((name) => name === state.kind);
      if (idle === undefined || (idle === 'waiting' && kind === 'resume')) return;
      assert.deepEqual(transitionOfAll(idle, { kind }) ?? state, step(item, { kind }).state);
    }),
    RUNS,
  );
});

describe('by name', () => {
  test('a copy is doubted only if nothing but its size was compared', () => {
    for (const level of ['size', 'sampled', 'full'] as const) {
      const verification = { level, bytesCompared: 0, sha256: undefined, chunkDigest: undefined };
      const done = { kind: 'done', outcome: { kind: 'moved', verification } } as const;
      const after = step({ state: done, confirmed: 100, size: 100 }, { kind: 'doubted' });
      assert.equal(after.state.kind, level === 'size' ? 'queued' : 'done');
    }
    const skipped = { kind: 'done', outcome: { kind: 'skipped', why: '' } } as const;
    assert.equal(step({ state: skipped, confirmed: 0, size: 100 }, { kind: 'doubted' }).state, skipped);
  });
  test('what was skipped is decided again under another rule, unless a person or its name said so', () => {
    for (const why of ['on-phone', 'on-computer', 'chosen', 'unfinished']) {
      const skipped = { kind: 'done', outcome: { kind: 'skipped', why } } as const;
      const after = step({ state: skipped, confirmed: 0, size: 100 }, { kind: 'otherRule' });
      assert.equal(after.state.kind, why.startsWith('on-') ? 'queued' : 'done');
    }
  });
  const at = (state: ItemState, input: Input, confirmed = 50): ItemCore =>
    step({ state, confirmed, size: SIZE }, input);

  test('what was asked for the source goes on only when it is there or was located', () => {
    const missing: ItemState = { kind: 'waiting', for: { kind: 'source' }, since: 1 };
    assert.equal(at(missing, { kind: 'resume' }).state.kind, 'waiting');
    assert.equal(at(missing, { kind: 'located' }).state.kind, 'queued');
    assert.equal(at(missing, { kind: 'ready' }).state.kind, 'queued');
    assert.equal(at({ kind: 'waiting', for: { kind: 'phone' }, since: 1 }, { kind: 'located' }).state.kind, 'waiting');
    for (const kind of ['cancelled', 'paused', 'queued'] as const)
      assert.equal(at({ kind }, { kind: 'located' }).state.kind, kind);
  });

  test('all moved is believed only when every byte was confirmed', () => {
    assert.equal(at({ kind: 'moving' }, { kind: 'allMoved' }, 99).state.kind, 'moving');
    assert.equal(at({ kind: 'moving' }, { kind: 'allMoved' }, 100).state.kind, 'confirming');
  });

  test('a wait that is renewed has begun when it first began', () => {
    const waiting: ItemState = { kind: 'waiting', for: { kind: 'phone' }, since: 1 };
    const again = at(waiting, { kind: 'waitFor', for: { kind: 'unlock' }, at: 9 });
    assert.deepEqual(again.state, { kind: 'waiting', for: { kind: 'unlock' }, since: 1 });
  });

  test('skipping by answer is an end with its reason, cancelling by answer discards', () => {
    const asking: ItemState = { kind: 'asking', question: QUESTION };
    const skipped = transition({ state: asking, confirmed: 0, size: 1 }, { kind: 'answered', choice: 'skip' });
    assert.equal(skipped.state.kind, 'done');
    assert.deepEqual(skipped.effects, [{ kind: 'discard' }], 'a complete copy may ask as well');
    assert.equal(at(asking, { kind: 'answered', choice: 'keep-both' }).state.kind, 'queued');
    assert.deepEqual(transition({ state: asking, confirmed: 0, size: 1 }, { kind: 'answered', choice: 'cancel' }), {
      state: { kind: 'cancelled' },
      confirmed: 0,
      effects: [{ kind: 'discard' }],
    });
  });
});
