import type { ErrorsWords } from './words/made/types.ts';

/** Sentences as data: the key of one in `words/en/errors.json` and what it is given, so that it is told in any language. */

/** What a sentence takes: `names` are a list here, which each language tells in its quotes with its commas. */
type Given<Takes> = { readonly [Name in keyof Takes]: Name extends 'names' ? readonly string[] : Takes[Name] };

type Sentence<Words> = {
  [Key in keyof Words]: Words[Key] extends (a: infer Takes) => string
    ? { readonly id: Key; readonly with: Given<Takes> }
    : { readonly id: Key; readonly with?: undefined };
}[keyof Words];

/** What went wrong: a key of `fault` in words/en/errors.json. */
export type Fault = Sentence<ErrorsWords['fault']>;
/** What to do: a key of `advice` in words/en/errors.json. */
export type Advice = Sentence<ErrorsWords['advice']>;

/** The sentence; `undefined` for a key of another version of the program, read from its database. */
export function toldSentence(
  words: object,
  sentence: Fault | Advice | undefined,
  { quoted, several }: Pick<ErrorsWords, 'quoted' | 'several'>,
): string | undefined {
  if (sentence === undefined) return undefined;
  const found = (words as Readonly<Record<string, string | ((given: unknown) => string)>>)[sentence.id];
  if (typeof found !== 'function') return found;
  const names = (all: readonly string[]): string =>
    all
      .map((name) => quoted({ name }))
      .reduce((before, name) => (before === '' ? name : several({ names: before, name })), '');
  const given = Object.entries<unknown>(sentence.with ?? {}).map(([name, value]) => [
    name,
    Array.isArray(value) ? names(value as readonly string[]) : value,
  ]);
  return found(Object.fromEntries(given));
}
