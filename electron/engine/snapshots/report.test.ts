import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportLine } from '../../../shared/snapshots.ts';
import { reportText } from './report.ts';

const line = (name: string): ReportLine => ({
  name,
  kind: 'file',
  size: 3,
  result: 'moved',
  detail: '',
  verified: 'sampled',
  sha256: undefined,
});

for (const count of [0, 1, 3, 400, 401, 1_200])
  test(`a report of ${count} lines is the same in pieces as in one`, async () => {
    const lines = Array.from({ length: count }, (_, index) => line(`f${index}`));
    assert.equal(await reportText(lines, 'json'), `${JSON.stringify(lines, undefined, 2)}\n`);
    const rows = lines.map(({ name }) => `${name},file,3,moved,sampled,,`);
    const csv = ['name,kind,bytes,result,verified,sha256,detail', ...rows].join('\r\n');
    assert.equal(await reportText(lines, 'csv'), `${csv}\r\n`);
  });

test('a name that begins like a formula is text, one with a comma is quoted', async () => {
  const text = await reportText([line('=1+1'), line('a,"b"')], 'csv');
  assert.deepEqual(text.split('\r\n').slice(1, 3), [
    `'=1+1,file,3,moved,sampled,,`,
    `"a,""b""",file,3,moved,sampled,,`,
  ]);
});
