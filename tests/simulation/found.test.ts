import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lines } from './many.ts';

/** Lives that went wrong once, each made as small as it goes. They are kept as scripts: what a seed means may change. */

const FOUND = join(import.meta.dirname, 'found');

for (const name of readdirSync(FOUND))
  test(
    `a life that went wrong once: ${name.replace('.json', '').replaceAll('-', ' ')}`,
    { timeout: 60_000 },
    async () => {
      const story: string[] = [];
      await lines(['script', join(FOUND, name)], (line) => story.push(line));
      assert.match(story[0] ?? '', /^A computer /, 'it was lived');
      const end = story.filter((line) => /^[a-z-]+: /.test(line));
      assert.deepEqual(end, [], story.join('\n'));
    },
  );
