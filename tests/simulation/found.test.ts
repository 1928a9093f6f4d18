import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { lines } from './many.ts';

/** Lives that went wrong once, each made as small as it goes. They are kept as scripts: what a seed means may change. */

const FOUND = join(import.meta.dirname, 'found');
const NAMES = readdirSync(FOUND);

const stories = new Map<string, readonly string[]>();

// in one process: to load the program takes longer than to live all of them
before(
  () =>
    lines(['scripts', ...NAMES.map((name) => join(FOUND, name))], (line) => {
      const { file, story } = JSON.parse(line) as { readonly file: string; readonly story: readonly string[] };
      stories.set(basename(file), story);
    }),
  { timeout: 180_000 },
);

for (const name of NAMES)
  test(`a life that went wrong once: ${name.replace('.json', '').replaceAll('-', ' ')}`, () => {
    const story = stories.get(name) ?? [];
    assert.match(story[0] ?? '', /^A computer /, 'it was lived');
    const end = story.filter((line) => /^[a-z-]+: /.test(line));
    assert.deepEqual(end, [], story.join('\n'));
  });
