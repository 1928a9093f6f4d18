import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sample } from './sample.ts';

/** Which small files of a transfer are read back. */

const none = (): Promise<void> => Promise.resolve();
const chosen = (sample: Sample, files: number, retried: readonly number[] = []): readonly number[] =>
  Array.from({ length: files }, (_, sequence) => sequence).filter((sequence) =>
    sample.includes({ sequence }, retried.includes(sequence)),
  );

test('whatever the seed and the number, a sixteenth is read back, with the first and the last', () => {
  for (let seed = 0; seed < 40; seed += 1)
    for (let files = 1; files <= 200; files += 1) {
      const found = chosen(new Sample(`t${seed}`, files - 1, false, none), files);
      assert.equal(found[0], 0);
      assert.equal(found.at(-1), files - 1);
      assert.ok(found.length * 16 >= files, `${found.length} of ${files}`);
      assert.ok(found.length <= Math.ceil(files / 16) + 2, `${found.length} of ${files}`);
      const gaps = found.map((sequence, index) => sequence - (found[index - 1] ?? 0));
      assert.ok(Math.max(...gaps) < 32, 'one of each sixteen that follow each other');
    }
});

test('a sixteenth is reached however often the program starts anew in between', () => {
  for (let seed = 0; seed < 40; seed += 1) {
    let read = 0;
    let files = 0;
    for (const run of [1, 5, 17, 31, 16, 2, 33]) {
      read += chosen(new Sample(`t${seed}`, undefined, false, none), run).length;
      files += run;
      assert.ok(read * 16 >= files, `${read} of ${files}`);
    }
  }
});

test('one seed makes one choice, another seed another', () => {
  const of = (seed: string): string => chosen(new Sample(seed, undefined, false, none), 320).join();
  assert.equal(of('a'), of('a'));
  assert.notEqual(of('a'), of('b'));
});

test('what met a retry is read back, and after a difference everything', async () => {
  let told = 0;
  const sample = new Sample('s', undefined, false, () => {
    told += 1;
    return Promise.resolve();
  });
  const retried = [5, 6, 7, 20, 21];
  const found = chosen(sample, 40, retried);
  for (const sequence of retried) assert.ok(found.includes(sequence));
  await sample.widen();
  await sample.widen();
  assert.equal(told, 1);
  assert.equal(chosen(sample, 40).length, 40);
  assert.equal(chosen(new Sample('s', undefined, true, none), 40).length, 40);
});
