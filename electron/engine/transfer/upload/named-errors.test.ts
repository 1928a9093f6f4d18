import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail, isPhoneError } from '../../../../shared/errors.ts';
import { temporaryName } from '../../devices/temporary-name.ts';
import type { ItemRun } from '../../model/item-run.ts';
import { named } from './named-errors.ts';

const run = { row: { name: 'holiday/film.mkv' } } as ItemRun;
const subjectOf = (subject: string | undefined): Promise<string | undefined> =>
  named(run, () => Promise.reject(fail('refused', 'SendObjectInfo', '', { subject }))).then(
    () => assert.fail('it rejects'),
    (error: unknown) => (isPhoneError(error) ? error.problem.subject : assert.fail(String(error))),
  );

test('an error about a temporary names the file that a person knows', async () => {
  assert.equal(await subjectOf(temporaryName('film.mkv', 'a1b2')), 'holiday/film.mkv');
});
test('an error about anything else keeps its subject', async () => {
  assert.equal(await subjectOf('SD card'), 'SD card');
  assert.equal(await subjectOf(undefined), undefined);
});
