import { firstSpoken, languageOf, LANGUAGES, type Spoken } from '../../shared/words/languages.ts';
import { loadCommonWords } from '../../shared/words/made/common.ts';
import { loadDoctorWords } from '../../shared/words/made/doctor.ts';
import { loadErrorsWords } from '../../shared/words/made/errors.ts';
import { loadTerminalWords } from '../../shared/words/made/terminal.ts';
import { speak } from '../../shared/words/speak.ts';

/** Which language the terminal program speaks. */

/**
 * Language tags in the person's order: what the environment says as POSIX reads it (`LC_ALL` before `LC_MESSAGES`
 * before `LANG`), and where it says nothing, what the system says. `C` and `POSIX` mean English.
 */
export function environmentTags(
  env: Readonly<Record<string, string | undefined>>,
  systemTag: () => string,
): readonly string[] {
  const said = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value !== undefined && value !== '');
  if (said === undefined) return [systemTag()];
  return /^(c|posix)([.@]|$)/iu.test(said) ? [] : [tagOf(said)];
}

/** `de_CH.UTF-8` as a language tag. */
const tagOf = (locale: string): string => locale.replace(/[.@].*$/u, '').replaceAll('_', '-');

/** What `--language` names on this command line, before anything else of it is understood. */
function languageArgument(args: readonly string[]): string | undefined {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  const at = options.findLastIndex((one) => one === '--language' || one.startsWith('--language='));
  const found = options[at];
  if (found === undefined) return undefined;
  return found === '--language' ? options[at + 1] : found.slice('--language='.length);
}

/** The language that `--language` names; `undefined` if there is none of that name. */
export const languageNamed = (name: string): Spoken | undefined => languageOf(name);

/** The names that `--language` knows. */
export const KNOWN_LANGUAGES = LANGUAGES.join(', ');

/**
 * Chooses the language of this process. What programs read (`--json`) is always English. Names are not set apart by
 * isolates here: `printable` takes out of them what would turn letters round, and terminals show isolates as signs.
 */
export async function chooseLanguage(args: readonly string[], tags: readonly string[]): Promise<void> {
  const named = languageArgument(args);
  const wanted = args.includes('--json')
    ? 'en'
    : ((named === undefined ? undefined : languageOf(named)) ?? firstSpoken(tags));
  if (wanted === 'en') return;
  await speak(wanted, tags, [loadErrorsWords, loadCommonWords, loadDoctorWords, loadTerminalWords], {
    isolates: false,
  });
}
