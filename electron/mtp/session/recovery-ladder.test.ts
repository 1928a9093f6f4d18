import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LADDER, LADDER_START, nextStep, toCancel, type LadderPosition } from './recovery-ladder.ts';

describe('the recovery ladder', () => {
  const path = (running: boolean): readonly string[] => {
    const steps: string[] = [];
    let position: LadderPosition = LADDER_START;
    for (let index = 0; index < LADDER.length + 3; index += 1) {
      const next = nextStep(position, running);
      position = next.position;
      const { action } = next.step;
      steps.push(
        action.kind === 'wait'
          ? `wait ${action.milliseconds}`
          : action.kind === 'open'
            ? ['open', ...action.before].join(' after ')
            : action.kind,
      );
      if (action.kind === 'ask-user') break;
    }
    return steps;
  };
  test('leaves the phone in peace between attempts, resets late, asks last', () => {
    assert.deepEqual(path(false), [
      'wait 2000',
      'open',
      'wait 1000',
      'open',
      'wait 2000',
      'open',
      'wait 4000',
      'open',
      'wait 8000',
      'open after clear-halts',
      'wait 2000',
      'reset',
      'wait 4000',
      'open',
      'wait 8000',
      'open',
      'ask-user',
    ]);
  });
  test('cancels only what is known to be running', () => {
    assert.ok(path(true).includes('open after cancel'));
    assert.ok(!path(false).includes('open after cancel'));
  });
  test('goes straight to Cancel for a phone that is still sending, never back down', () => {
    const { step } = nextStep(toCancel(LADDER_START), true);
    assert.deepEqual(step.action, { kind: 'open', before: ['cancel'] });
    assert.equal(toCancel({ next: LADDER.length - 1 }).next, LADDER.length - 1);
  });
  test('stays at the top', () => {
    const top = nextStep({ next: LADDER.length - 1 }, false);
    assert.equal(top.step.action.kind, 'ask-user');
    assert.equal(nextStep(top.position, false).step.action.kind, 'ask-user');
    assert.equal(nextStep({ next: 99 }, false).step.action.kind, 'ask-user');
  });
});
