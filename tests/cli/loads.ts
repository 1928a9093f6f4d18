import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/**
 * Loaded before the program by `--import`: notes in the file `REPLUG_TEST_LOADS` what the program loads, as
 * `{ files, builtins }`. `files` are addresses; `builtins` are all of Node's own modules in the process, those that
 * others of them load included.
 */
const note = process.env['REPLUG_TEST_LOADS'];
const files: string[] = [];
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith('file:')) files.push(url);
    return next(url, context);
  },
});
process.on('exit', () => {
  if (note === undefined) return;
  const all = (process as { readonly moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
  const builtins = all.flatMap((line) =>
    line.startsWith('NativeModule ') ? [line.slice('NativeModule '.length)] : [],
  );
  writeFileSync(note, JSON.stringify({ files, builtins }));
});
