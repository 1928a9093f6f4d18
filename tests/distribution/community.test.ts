import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/packing/configuration.ts';
import { load } from '../../scripts/packing/yaml.ts';

/** What GitHub reads from a repository and says nothing about when it is wrong: it shows no form, or asks nobody. */

const FORMS = path.join(ROOT, '.github/ISSUE_TEMPLATE');

interface Field {
  readonly type: string;
  readonly id?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What GitHub's rules for issue forms ask for ("Syntax for GitHub's form schema"). */
function complaints(form: unknown): readonly string[] {
  const problems: string[] = [];
  const { name, description, body } = form as { name?: unknown; description?: unknown; body?: readonly Field[] };
  if (typeof name !== 'string' || typeof description !== 'string') problems.push('name and description are needed');
  if (!Array.isArray(body) || body.length === 0) return [...problems, 'there is no body'];
  const fields = body as readonly Field[];
  if (fields.every(({ type }) => type === 'markdown')) problems.push('nothing can be filled in');
  const ids = fields.flatMap(({ id }) => id ?? []);
  if (new Set(ids).size !== ids.length) problems.push('two fields have one id');
  for (const { type, id, attributes } of fields) {
    if (!['markdown', 'input', 'textarea', 'dropdown', 'checkboxes', 'upload'].includes(type)) {
      problems.push(`there is no field of type ${type}`);
      continue;
    }
    if (type === 'markdown' ? typeof attributes['value'] !== 'string' : typeof attributes['label'] !== 'string')
      problems.push(`${id ?? type} says nothing`);
    if (id !== undefined && !/^[\w-]+$/.test(id)) problems.push(`${id} cannot be an id`);
    if (['dropdown', 'checkboxes'].includes(type) && !Array.isArray(attributes['options']))
      problems.push(`${id ?? type} has nothing to choose`);
  }
  return problems;
}

for (const file of fs.readdirSync(FORMS).filter((name) => name !== 'config.yml'))
  test(`issue form ${file} is one that GitHub shows`, () => {
    assert.deepEqual(complaints(load(fs.readFileSync(path.join(FORMS, file), 'utf8'))), []);
  });

test('a broken form is found', () => {
  const good = load(fs.readFileSync(path.join(FORMS, '1-phone.yml'), 'utf8')) as { body: Field[] };
  assert.match(complaints({ ...good, name: undefined }).join(), /name/);
  assert.match(complaints({ ...good, body: [] }).join(), /no body/);
  assert.match(complaints({ ...good, body: [...good.body, ...good.body] }).join(), /one id/);
  assert.match(complaints({ ...good, body: [{ type: 'text', attributes: {} }] }).join(), /no field of type text/);
});

test('a phone report asks for the file that the program writes', () => {
  const form = fs.readFileSync(path.join(FORMS, '1-phone.yml'), 'utf8');
  assert.match(form, /doctor --report/);
});

test('dependency updates: every ecosystem that is used here, and none twice', () => {
  const { version, updates } = load(fs.readFileSync(path.join(ROOT, '.github/dependabot.yml'), 'utf8')) as {
    version: number;
    updates: readonly { 'package-ecosystem': string; directory: string; schedule: { interval: string } }[];
  };
  assert.equal(version, 2);
  assert.deepEqual(updates.map((one) => one['package-ecosystem']).sort(), ['github-actions', 'npm']);
  for (const { directory, schedule } of updates) {
    assert.equal(directory, '/');
    assert.match(schedule.interval, /^(?:daily|weekly|monthly)$/);
  }
});

test('whoever finds a hole is told how to say so in private', () => {
  const text = fs.readFileSync(path.join(ROOT, 'SECURITY.md'), 'utf8');
  assert.match(text, /Report a vulnerability/);
  assert.match(fs.readFileSync(path.join(FORMS, 'config.yml'), 'utf8'), /SECURITY\.md/);
});

test('every path in CODEOWNERS exists', () => {
  const lines = fs.readFileSync(path.join(ROOT, '.github/CODEOWNERS'), 'utf8').split('\n');
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
  assert.ok(rules.length > 0);
  for (const rule of rules) {
    const [pattern = '', ...owners] = rule.split(/\s+/);
    assert.ok(owners.length > 0 && owners.every((owner) => /^@[\w-]+(?:\/[\w-]+)?$/.test(owner)), rule);
    if (pattern !== '*') assert.ok(fs.existsSync(path.join(ROOT, pattern)), pattern);
  }
});
