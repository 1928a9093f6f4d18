import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ItemStateName } from '../../../shared/snapshots.ts';
import { transition, type Input, type ItemCore, type ItemState } from './item-state.ts';

const MOVED: Extract<Input, { kind: 'verified' }> = {
  kind: 'verified',
  outcome: {
    kind: 'moved',
    verification: { level: 'size', bytesCompared: 0, sha256: undefined, chunkDigest: undefined },
  },
};
const PROBLEM = { kind: 'refused', operation: 'x', detail: '' } as const;
const QUESTION = { kind: 'name', name: 'a:b', legal: 'a_b' } as const;

const STATES: Readonly<Record<ItemStateName, ItemState>> = {
  queued: { kind: 'queued' },
  preparing: { kind: 'preparing' },
  asking: { kind: 'asking', question: QUESTION },
  moving: { kind: 'moving' },
  confirming: { kind: 'confirming' },
  stopping: { kind: 'stopping', next: 'paused' },
  waiting: { kind: 'waiting', for: { kind: 'phone' }, since: 1 },
  paused: { kind: 'paused' },
  done: { kind: 'done', outcome: MOVED.outcome },
  failed: { kind: 'failed', problem: PROBLEM },
  cancelled: { kind: 'cancelled' },
};

const INPUTS: Readonly<Record<Input['kind'], Input>> = {
  taken: { kind: 'taken' },
  prepared: { kind: 'prepared', offset: 40 },
  asked: { kind: 'asked', question: QUESTION },
  answered: { kind: 'answered', choice: 'replace' },
  settled: { kind: 'settled', outcome: { kind: 'skipped', why: 'x' } },
  chunkConfirmed: { kind: 'chunkConfirmed', upTo: 80 },
  allMoved: { kind: 'allMoved' },
  verified: MOVED,
  mismatched: { kind: 'mismatched', from: 10 },
  waitFor: { kind: 'waitFor', for: { kind: 'unlock' }, at: 5 },
  failed: { kind: 'failed', problem: PROBLEM },
  pause: { kind: 'pause' },
  cancel: { kind: 'cancel' },
  stopped: { kind: 'stopped' },
  resume: { kind: 'resume' },
  ready: { kind: 'ready' },
  retry: { kind: 'retry' },
  restarted: { kind: 'restarted', at: 9 },
};

/** The whole machine as a table: what is not listed changes nothing. */
const TABLE: Readonly<Record<ItemStateName, Partial<Record<Input['kind'], ItemStateName>>>> = {
  queued: { taken: 'preparing', pause: 'paused', cancel: 'cancelled' },
  preparing: {
    taken: 'preparing',
    prepared: 'moving',
    asked: 'asking',
    settled: 'done',
    waitFor: 'waiting',
    failed: 'failed',
    pause: 'paused',
    cancel: 'cancelled',
    restarted: 'waiting',
  },
  asking: { answered: 'preparing', cancel: 'cancelled' },
  moving: {
    chunkConfirmed: 'moving',
    mismatched: 'moving',
    waitFor: 'waiting',
    failed: 'failed',
    pause: 'stopping',
    cancel: 'stopping',
    restarted: 'waiting',
  },
  confirming: {
    verified: 'done',
    mismatched: 'moving',
    waitFor: 'waiting',
    failed: 'failed',
    pause: 'stopping',
    cancel: 'stopping',
    restarted: 'waiting',
  },
  stopping: {
    chunkConfirmed: 'stopping',
    mismatched: 'stopping',
    verified: 'done',
    stopped: 'paused',
    waitFor: 'paused',
    failed: 'paused',
    restarted: 'paused',
    cancel: 'stopping',
    resume: 'moving',
  },
  waiting: {
    ready: 'preparing',
    resume: 'preparing',
    waitFor: 'waiting',
    pause: 'paused',
    cancel: 'cancelled',
    restarted: 'waiting',
  },
  paused: { resume: 'queued', cancel: 'cancelled' },
  done: {},
  failed: { retry: 'queued' },
  cancelled: {},
};

describe('transition: every state with every input', () => {
  for (const [name, state] of Object.entries(STATES))
    for (const [inputName, input] of Object.entries(INPUTS)) {
      const expected = TABLE[name as ItemStateName][inputName as Input['kind']];
      test(`${name} + ${inputName} → ${expected ?? 'nothing'}`, () => {
        const step = transition({ state, confirmed: 50, size: 100 }, input);
        if (expected === undefined) assert.deepEqual(step, { state, confirmed: 50, effects: [] });
        else assert.equal(step.state.kind, expected);
      });
    }
});

test('all moved is believed only when every byte was confirmed', () => {
  assert.equal(transition({ state: STATES.moving, confirmed: 99, size: 100 }, INPUTS.allMoved).state.kind, 'moving');
  assert.equal(
    transition({ state: STATES.moving, confirmed: 100, size: 100 }, INPUTS.allMoved).state.kind,
    'confirming',
  );
});

test('a stop with a cancel behind it cancels, and discards what was made', () => {
  const stopping: ItemState = { kind: 'stopping', next: 'cancelled' };
  const step = transition({ state: stopping, confirmed: 5, size: 10 }, { kind: 'stopped' });
  assert.deepEqual(step, { state: { kind: 'cancelled' }, confirmed: 5, effects: [{ kind: 'discard' }] });
});

const anyInput: fc.Arbitrary<Input> = fc.oneof(
  fc.constantFrom(...Object.values(INPUTS)),
  fc.record({ kind: fc.constant('chunkConfirmed' as const), upTo: fc.integer({ min: -10, max: 120 }) }),
  fc.record({ kind: fc.constant('prepared' as const), offset: fc.integer({ min: -10, max: 120 }) }),
  fc.record({ kind: fc.constant('mismatched' as const), from: fc.integer({ min: -10, max: 120 }) }),
);

test('no sequence of inputs loses or invents confirmed bytes', () => {
  fc.assert(
    fc.property(fc.array(anyInput, { maxLength: 60 }), (inputs) => {
      let item: ItemCore = { state: { kind: 'queued' }, confirmed: 0, size: 100 };
      for (const input of inputs) {
        const { state, confirmed } = transition(item, input);
        assert.ok(confirmed >= 0 && confirmed <= item.size);
        // grows by nothing but a confirmed chunk or what was found on the other side; shrinks by a mismatch or the latter
        if (confirmed > item.confirmed) assert.ok(input.kind === 'chunkConfirmed' || input.kind === 'prepared');
        if (confirmed < item.confirmed) assert.ok(input.kind === 'mismatched' || input.kind === 'prepared');
        if (state.kind === 'confirming' && item.state.kind !== 'confirming') assert.equal(confirmed, item.size);
        if (state.kind === 'done' && state.outcome.kind === 'moved')
          assert.ok(['confirming', 'stopping', 'done'].includes(item.state.kind));
        item = { ...item, state, confirmed };
      }
    }),
    { numRuns: 2000, seed: 20261120 },
  );
});
