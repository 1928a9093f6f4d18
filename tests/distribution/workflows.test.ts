import assert from 'node:assert/strict';
import fs from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/packing/configuration.ts';
import { load } from '../../scripts/packing/yaml.ts';

// The parser is written for bundlers, and imports JSON without saying so.
const hooks = registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
hooks.deregister();

const FOLDER = path.join(ROOT, '.github/workflows');
const names = fs.readdirSync(FOLDER);
const textOf = (name: string): string => fs.readFileSync(path.join(FOLDER, name), 'utf8');

/** What GitHub's own parser says about a workflow; empty if it would take it. */
async function complaints(name: string, content: string): Promise<readonly string[]> {
  const parsed = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  const said = parsed.context.errors.getErrors().map(({ message }) => message);
  if (parsed.value === undefined) return said;
  const template = await convertWorkflowTemplate(parsed.context, parsed.value);
  return [...said, ...(template.errors ?? []).map(({ Message }) => Message)];
}

const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};

/** Scripts and files a workflow names that are not there. */
const absent = (text: string): readonly string[] => [
  ...[...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name).filter((name) => !(name in scripts)),
  ...[...text.matchAll(/uses: \.\/(\S+)/g)]
    .map(([, file = '']) => file)
    .filter((file) => !fs.existsSync(path.join(ROOT, file))),
];

for (const name of names)
  test(`${name}: GitHub’s own parser takes it, and what it runs is there`, async () => {
    assert.deepEqual(await complaints(name, textOf(name)), []);
    assert.deepEqual(absent(textOf(name)), []);
  });

test('a broken workflow is found', async () => {
  const good = textOf('release.yml');
  for (const [from, to] of [
    ['runs-on:', 'run-on:'],
    ['${{ github.ref_name }}', '${{ github.ref_name'],
    ['needs: [everything, package]', 'needs: [everything, packages]'],
    ['permissions:\n  contents: read', 'permissions:\n  contents: reed'],
  ] as const) {
    assert.ok(good.includes(from), from);
    assert.notDeepEqual(await complaints('release.yml', good.replace(from, to)), [], to);
  }
  assert.deepEqual(absent('npm run distt'), ['distt']);
});

test('only drafts are made, and only the job that makes them may write', () => {
  const all = names.map(textOf).join('\n');
  for (const [line] of all.matchAll(/gh release create .*/g)) assert.match(line, /--draft/);
  assert.doesNotMatch(all, /publish: ?(?:always|onTag)|--publish (?!never)/);
  for (const name of names) {
    const { permissions, jobs } = load(textOf(name)) as {
      permissions: unknown;
      jobs: Readonly<Record<string, { permissions?: Readonly<Record<string, string>> }>>;
    };
    assert.deepEqual(permissions, { contents: 'read' }, name);
    for (const [job, { permissions: more = {} }] of Object.entries(jobs))
      if (more['contents'] === 'write') assert.equal(`${name} ${job}`, 'release.yml draft');
  }
});

test('a release needs all tests and all packages, and has digests, a list of parts and provenance', () => {
  const { jobs } = load(textOf('release.yml')) as {
    jobs: { draft: { needs: string[]; permissions: object; steps: { run?: string; uses?: string }[] } };
  };
  assert.deepEqual(jobs.draft.needs, ['everything', 'package']);
  const steps = jobs.draft.steps.map(({ run, uses }) => run ?? uses ?? '').join('\n');
  const order = [
    'npm run channels',
    'release notes',
    'npm sbom',
    'sha256sum',
    'attest-build-provenance',
    'gh release create',
  ];
  const places = order.map((one) => steps.indexOf(one));
  assert.ok(!places.includes(-1), steps);
  assert.deepEqual(
    places,
    places.toSorted((one, other) => one - other),
    'digests cover everything that came before',
  );
});
