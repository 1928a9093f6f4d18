// The rule about words for people, executed on small files that exist only here: a sentence or a label written into a
// front end must fail, wherever it stands; what is no language must not.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const ROOT = path.resolve(import.meta.dirname, '../..');
const eslint = new ESLint({ cwd: ROOT, overrideConfig: [tseslint.configs.disableTypeChecked] });

async function complaints(file: string, code: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(code, { filePath: path.join(ROOT, file) });
  assert.ok(result, 'the file was linted');
  for (const message of result.messages) assert.ok(!message.fatal, message.message);
  return result.messages.filter(({ ruleId }) => ruleId === 'replug/no-literal-words').map(({ message }) => message);
}

const VIEW = 'renderer/views/x.tsx';
const MODEL = 'renderer/view-models/x.ts';
const CLI = 'electron/cli/x.ts';
const APP = 'electron/app/x.ts';
const FORBIDDEN: readonly (readonly [file: string, code: string])[] = [
  [VIEW, `export const a = <p>Connect a phone</p>;`],
  [VIEW, `export const a = <p>Stop</p>;`],
  [VIEW, `export const a = <p>{b ? 'Stop' : c}</p>;`],
  [VIEW, `export const a = <p>{b ?? 'Stop'}</p>;`],
  [VIEW, `export const a = <p>{\`Pause \${b}\`}</p>;`],
  [VIEW, `export const a = <p title="Details" />;`],
  [VIEW, `export const a = <B label={\`Pause \${b}\`} />;`],
  [VIEW, `export const a = <B aria-label={b ? 'Open' : c} />;`],
  [VIEW, `say('There is nothing to undo.');`],
  [VIEW, `const items = [{ label: 'Paste', run }];`],
  [MODEL, `export const words = { text: 'Waiting', tone: 'quiet' };`],
  [MODEL, `export const words = () => 'A name cannot be empty.';`],
  [MODEL, `export const words = (count: number) => \`\${count} files copied\`;`],
  [MODEL, `export const words = (name: string) => \`“\${name}”\`;`],
  ['renderer/stores/x.ts', `done(\`Renamed to \${name}\`, step);`],
  ['renderer/parts/x.tsx', `export const a = <summary>Details</summary>;`],
  [CLI, `output.say('Nothing was deleted.');`],
  [CLI, `throw new UsageError('A local path is empty.');`],
  [CLI, `throw new RangeError(\`--port needs a number, not \${value}.\`);`],
  [CLI, `output.say(\`\${left} still to do\`);`],
  [APP, `const menu = { label: 'Show Log', click };`],
  [APP, `dialog.showErrorBox('Replug cannot start', text);`],
  [APP, `return { title: 'Unlock', body };`],
];
const ALLOWED: readonly (readonly [file: string, code: string])[] = [
  [VIEW, `export const a = <p className="quiet ends" role="status" data-tone="bad">{windowWords.act.stop}</p>;`],
  [VIEW, `export const a = <input type="search" placeholder="/DCIM/Camera" />;`],
  [VIEW, `export const a = <g transform={\`translate(\${x} \${y})\`} />;`],
  [VIEW, `export const a = <summary>SHA-256</summary>;`],
  [VIEW, `import { a } from './some file.ts'; if (event.key === 'ArrowUp') document.querySelector('a, button');`],
  [VIEW, `switch (press.key) { case 'Enter': break; default: }`],
  [MODEL, `export const isOne = (text: string) => text === 'x y';`],
  [MODEL, `export type A = 'Two words' | 'other words';`],
  [MODEL, `throw new Error('this never happens here');`],
  [CLI, `throw fail('internal', 'load the library', 'an errno of the system');`],
  [CLI, `log(\`a message from \${frame} was refused\`);`],
  [APP, `this.#log.write('the start failed: no window');`],
  ['electron/cli/x.test.ts', `say('A whole sentence.');`],
  ['electron/engine/x.ts', `export const a = 'Words of the engine are no words for people.';`],
];

for (const [file, code] of FORBIDDEN)
  test(`refused in ${file}: ${code}`, async () => {
    assert.equal((await complaints(file, code)).length, 1);
  });
for (const [file, code] of ALLOWED)
  test(`allowed in ${file}: ${code}`, async () => {
    assert.deepEqual(await complaints(file, code), []);
  });
