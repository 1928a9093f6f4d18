import assert from 'node:assert/strict';
import { test } from 'node:test';
import { caseFrom, caseOf, lineOf, MEDDLINGS, SCENARIOS, simpler } from './case.ts';
import { Ledger } from './ledger.ts';
import { PLANTS, planted } from './plant.ts';

const MANY = Array.from({ length: 2_000 }, (_, seed) => caseOf(seed));

test('a seed always gives the same case, a line describes it fully, and the seeds cover everything', () => {
  assert.equal(lineOf(caseOf(7)), lineOf(caseOf(7)));
  for (const one of MANY) assert.deepEqual(caseFrom(lineOf(one)), one);
  assert.deepEqual(new Set(MANY.map(({ scenario }) => scenario)), new Set(SCENARIOS));
  assert.deepEqual(new Set(MANY.map(({ meddling }) => meddling)), new Set(MEDDLINGS));
  assert.ok(new Set(MANY.map(lineOf)).size > 1_900);
  for (const bad of ['', 'upload', 'upload skip cancel=0 nonsense', 'upload skip files=1 large=0 write=1 explode=0'])
    assert.throws(() => caseFrom(bad), RangeError, bad);
});

test('shrinking ends, and each step is a case that a line can describe', () => {
  for (const one of MANY.slice(0, 200)) {
    let [at, steps] = [one, 0];
    for (let next = simpler(at)[0]; next !== undefined; next = simpler(at)[0]) {
      assert.deepEqual(caseFrom(lineOf(next)), next);
      assert.ok(next.which < next.files && next.large <= next.files);
      at = next;
      steps += 1;
    }
    assert.ok(steps < 40, lineOf(one));
  }
});

test('the ledger reports lost contents and contents nobody wrote, and never creates one twice', () => {
  const ledger = new Ledger();
  assert.notDeepEqual(ledger.bytes(100), ledger.bytes(100));
  assert.deepEqual(
    ledger.strange([
      new Map([
        ['a', 'unknown'],
        ['b.replug-1', 'unknown'],
      ]),
    ]),
    ['a'],
  );
  assert.deepEqual(ledger.lost([new Map()]), []);
});

test('every fault can still be planted', () => {
  for (const one of Object.values(PLANTS)) assert.ok(planted(one).includes(one.to), one.fault);
});
