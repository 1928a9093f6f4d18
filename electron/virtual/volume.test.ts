import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Planted } from './objects.ts';
import { volume } from './volume.ts';

/** Every entry below, as lines. */
function linesOf(entry: Planted, path = ''): string[] {
  const at = `${path}/${entry.name}`;
  if (entry.directory !== true) return [`${at} ${entry.size}`];
  return [`${at}/`, ...(entry.children?.() ?? []).flatMap((child) => linesOf(child, at))];
}
const filesOf = (lines: readonly string[]): readonly string[] => lines.filter((line) => !line.endsWith('/'));

test('a volume is the same each time it is made and listed', () => {
  const one = volume('big', 3_000);
  const lines = linesOf(one);
  assert.deepEqual(linesOf(one), lines);
  assert.deepEqual(linesOf(volume('big', 3_000)), lines);
  assert.notDeepEqual(linesOf(volume('big', 3_000, '/', 2)), lines);
});

test('it has exactly so many files, in folders of at most 40 entries, no two of one name', () => {
  for (const count of [0, 1, 40, 41, 1_000, 1_001, 25_001]) {
    const lines = linesOf(volume('big', count));
    assert.equal(filesOf(lines).length, count);
    assert.equal(new Set(lines.map((line) => line.replace(/ \d+$/, ''))).size, lines.length);
  }
  const widths: number[] = [];
  const walk = (entry: Planted): void => {
    const children = entry.children?.() ?? [];
    widths.push(children.length);
    for (const child of children) if (child.directory === true) walk(child);
  };
  walk(volume('big', 25_001));
  assert.ok(Math.max(...widths) <= 40, `${Math.max(...widths)} entries in one folder`);
});
