import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/**
 * Loaded before the program by `--import`: notes in the file `REPLUG_TEST_LOADS` what the program loads, as
 * `{ files, builtins, formatters }`. `files` are addresses; `builtins` are all of Node's own modules in the process,
 * those that others of them load included; `formatters` are the names of what was made of `Intl`.
 */
const note = process.env['REPLUG_TEST_LOADS'];
const files: string[] = [];
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith('file:')) files.push(url);
    return next(url, context);
  },
});
const formatters: string[] = [];
for (const name of ['Collator', 'DateTimeFormat', 'ListFormat', 'NumberFormat', 'PluralRules', 'Segmenter'] as const)
  Reflect.set(
    Intl,
    name,
    new Proxy(Intl[name], {
      construct: (target, words: unknown[]) => {
        formatters.push(name);
        return Reflect.construct(target, words) as object;
      },
    }),
  );
process.on('exit', () => {
  if (note === undefined) return;
  const all = (process as { readonly moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
  const builtins = all.flatMap((line) =>
    line.startsWith('NativeModule ') ? [line.slice('NativeModule '.length)] : [],
  );
  writeFileSync(note, JSON.stringify({ files, builtins, formatters }));
});
