// The window is mirrored where lines run from right to left: its style sheets name the beginning and end of a line,
// not left and right. What follows the pointer is measured from the left everywhere, and says so.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const RENDERER = path.resolve(import.meta.dirname, '../../renderer');
const PHYSICAL =
  /(?:^|[\s;{])(?:left|right|(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[a-z-]*|border-(?:top|bottom)-(?:left|right)-radius)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)|translateX\((?!calc\([^;]*var\(--along\))|translate\(-?\d+[a-z%]+\s*[,)]|transform-origin:\s*(?:left|right)/u;
const FOUR = /(?:^|[\s;{])(?:margin|padding|inset)\s*:\s*\S+ (\S+) \S+ ([^\s;]+);/u;

function physical(line: string): boolean {
  const [, right, left] = FOUR.exec(line) ?? [];
  return (PHYSICAL.test(line) && !line.includes('measured from the left')) || right !== left;
}

test('style sheets name the beginning and the end of a line, not left and right', () => {
  const found: string[] = [];
  for (const name of fs.readdirSync(RENDERER, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.css'))
      for (const [index, line] of fs.readFileSync(path.join(RENDERER, name), 'utf8').split('\n').entries())
        if (physical(line)) found.push(`renderer/${name}:${index + 1}: ${line.trim()}`);
  assert.deepEqual(found, []);
});

test('what is not mirrored is found', () => {
  for (const line of [
    '  left: 0;',
    '  margin-right: 4px;',
    '  border-left: 1px solid;',
    '  border-top-left-radius: 4px;',
    '  text-align: right;',
    '  float: left;',
    '  padding: 1px 2px 3px 4px;',
    '  transform: translateX(12px);',
    '  transform: translate(-50%, -50%);',
    '  transform-origin: left;',
  ])
    assert.ok(physical(line), line);
  for (const line of [
    '  inset-inline-start: 0;',
    '  text-align: end;',
    '  padding: 1px 2px 3px 2px;',
    '  transform: translateX(calc(12px * var(--along)));',
    '  transform: translateY(4px);',
    '  --line-start: left;',
  ])
    assert.ok(!physical(line), line);
});
