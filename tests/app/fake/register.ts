/**
 * Loaded before the built program (`node --import`): imports of `electron` get the stand-in, and a test can query it.
 */
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const stand = pathToFileURL(path.join(import.meta.dirname, 'electron.ts')).href;

registerHooks({
  resolve: (name, context, next) =>
    name === 'electron' ? { url: stand, format: 'module-typescript', shortCircuit: true } : next(name, context),
});

if (process.env['FAKE_PACKAGED'] === '1')
  Object.assign(process, { resourcesPath: path.join(process.env['FAKE_FOLDER'] ?? '', 'resources') });

const fake = await import('./electron.ts');

interface Question {
  readonly id: number;
  readonly source: string;
  readonly argument: unknown;
}

process.on('message', ({ id, source, argument }: Question) => {
  // the test's own function, sent as source text, so that it can inspect the stand-in from inside
  const look = (0, eval)(`(${source})`) as (electron: typeof fake, argument: unknown) => unknown;
  Promise.resolve()
    .then(() => look(fake, argument))
    .then(
      (value) => process.send?.({ kind: 'answer', id, value }),
      (error: unknown) => process.send?.({ kind: 'answer', id, error: String(error) }),
    );
});
// if the test dies, the program must not stay behind
process.on('disconnect', () => process.exit(2));
