import { formatTagOf, type Spoken } from './languages.ts';
import { setLocale } from './locale.ts';

/** Loads a room's words; the returned function puts them in place. */
export type LoadWords = (language: Spoken) => Promise<() => void>;

let latest = 0;

/**
 * Changes the language of this process: loads the words of these rooms, then puts all of them in place at once, so that
 * nothing is ever shown in two languages. `tags` are the person's own language tags, for their region's numbers and
 * dates; `isolates`: whether names are set apart from the sentence around them. Of two calls at once the later one wins.
 */
export async function speak(
  language: Spoken,
  tags: readonly string[],
  rooms: readonly LoadWords[],
  { isolates = true }: { readonly isolates?: boolean } = {},
): Promise<void> {
  const mine = ++latest;
  const place = await Promise.all(rooms.map((load) => load(language)));
  if (mine !== latest) return;
  setLocale(language, formatTagOf(language, tags), isolates);
  for (const one of place) one();
}
