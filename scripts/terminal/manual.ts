import { COMMAND_NAMES, DESCRIBED, GLOBAL_OPTIONS, type OptionDescription } from '../../electron/cli/description.ts';
import { terminalEnglish } from '../../shared/words/made/terminal.ts';

/**
 * The manual, replug(1), in mdoc: the same description as `replug --help`, in English. `date` is that of the release.
 * It must be read while English is shown.
 */
export function manual(date: Date): string {
  const words = terminalEnglish.help;
  const day = `${MONTHS[date.getUTCMonth()] ?? ''} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  return [
    `.Dd ${day}`,
    '.Dt REPLUG 1',
    '.Os',
    '.Sh NAME',
    '.Nm replug',
    `.Nd ${words.man}`,
    '.Sh SYNOPSIS',
    '.Nm',
    '.Op Ar OPTION ...',
    '.Ar COMMAND',
    '.Op Ar ARGUMENT ...',
    '.Sh DESCRIPTION',
    ...text(words.intro),
    '.Pp',
    ...text(words.path),
    '.Pp',
    'Where Replug is installed with its window (deb, rpm, AppImage),',
    '.Nm',
    'without a command opens the window; files named instead of a command are sent',
    'from there.',
    '.Sh COMMANDS',
    '.Bl -tag -width Ds',
    ...COMMAND_NAMES.flatMap((name) => {
      const { forms, options } = DESCRIBED[name];
      return [
        ...forms.flatMap(({ form, what }) => [`.It ${macros(form)}`, ...text(sentence(what()))]),
        ...(options.length === 0 ? [] : ['.Bl -tag -width Ds', ...options.flatMap(option), '.El']),
      ];
    }),
    '.El',
    '.Sh OPTIONS',
    `${words.every}:`,
    '.Bl -tag -width Ds',
    ...GLOBAL_OPTIONS.flatMap(option),
    '.El',
    '.Sh ENVIRONMENT',
    '.Bl -tag -width Ds',
    '.It Ev LC_ALL , Ev LC_MESSAGES , Ev LANG',
    'The language of the output, unless',
    '.Fl Fl language',
    'names one.',
    '.It Ev NO_COLOR',
    'Has no effect: nothing is printed in colour.',
    '.El',
    '.Sh EXIT STATUS',
    ...text(words.exit.replace(/^Exit status: /u, 'It is ')),
    '.Sh EXAMPLES',
    ...COMMAND_NAMES.flatMap((name) => DESCRIBED[name].examples.map((line) => `.Dl ${plain(line)}`)),
    '',
  ].join('\n');
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

const option = ({ name, value, what }: OptionDescription): readonly string[] => {
  const [first = '', ...rest] = what().split('\n');
  return [
    `.It Fl Fl ${name}${value === undefined ? '' : ` Ar ${plain(value)}`}`,
    ...text(sentence(first)),
    // forms that stand in columns
    ...rest.map((line) => `.Dl ${plain(line)}`),
  ];
};

const sentence = (words: string): string =>
  `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.:]$/u.test(words) ? '' : '.'}`;

/** `push LOCAL... PHONEDIR` with what is typed as it is and what stands for something told apart. */
const macros = (form: string): string =>
  form
    .split(' ')
    .map((word, index, all) => {
      const isTyped = /^[a-z]+$/u.test(word);
      const macro = word.startsWith('--') ? `Fl Fl ${plain(word.slice(2))}` : `${isTyped ? 'Ic' : 'Ar'} ${plain(word)}`;
      // the same macro goes on by itself
      const before = all[index - 1];
      return before !== undefined && isTyped && /^[a-z]+$/u.test(before) ? plain(word) : macro;
    })
    .join(' ');

/** Text lines: a sentence begins a line, and a line is at most 78 letters. */
function text(words: string): readonly string[] {
  return words
    .replace(/([.;:]) (?=[A-Z“])/gu, '$1\n')
    .split('\n')
    .flatMap((part) => {
      const lines: string[] = [];
      for (const word of part.split(' ')) {
        const last = lines.at(-1);
        if (last === undefined || last.length + word.length > 70) lines.push(word);
        else lines[lines.length - 1] = `${last} ${word}`;
      }
      return lines.map(plain);
    });
}

/** With what mdoc would read as its own taken out. */
const plain = (words: string): string =>
  words
    .replaceAll('\\', '\\e')
    .replaceAll('“', '\\(lq')
    .replaceAll('”', '\\(rq')
    .replaceAll('’', '\\(cq')
    .replaceAll('…', '...')
    .replace(/^(?=[.'])/u, '\\&');
