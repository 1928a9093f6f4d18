import { terminalWords } from '../../shared/words/made/terminal.ts';
import { COMMAND_NAMES, DESCRIBED, GLOBAL_OPTIONS, type CommandName, type OptionDescription } from './description.ts';
import { section, wrap, WIDTH, type Line } from './layout.ts';

/** The texts of `--help`, in the language that is shown; names of commands and options are the same in all. */

const paragraph = (text: string): string => `${wrap(text, WIDTH).join('\n')}\n`;
const optionLine = ({ name, value, what }: OptionDescription): Line => [
  value === undefined ? `--${name}` : `--${name} ${value}`,
  what(),
];

/** What `replug --help` says: all commands, and the options that they share. */
export function helpText(): string {
  const words = terminalWords.help;
  return [
    paragraph(words.intro),
    `${words.usage}: ${words.usageForm}\n`,
    section(
      words.commands,
      COMMAND_NAMES.flatMap((name) => DESCRIBED[name].forms.map(({ form, what }): Line => [form, what()])),
    ),
    paragraph(words.more),
    paragraph(words.path),
    section(words.every, GLOBAL_OPTIONS.map(optionLine)),
    paragraph(words.exit),
  ].join('\n');
}

/** What `replug help COMMAND` says: how it is written, its own options, examples. */
export function commandHelp(name: CommandName): string {
  const words = terminalWords.help;
  const { forms, options, examples } = DESCRIBED[name];
  const takesPath = forms.some(({ form }) => /PHONE(?:PATH|DIR)/u.test(form));
  return [
    section(
      words.usage,
      forms.map(({ form, what }): Line => [`replug ${form}`, what()]),
    ),
    ...(takesPath ? [paragraph(words.path)] : []),
    ...(options.length === 0 ? [] : [section(words.own, options.map(optionLine))]),
    section(
      words.examples,
      examples.map((line): Line => [line, '']),
    ),
    section(words.every, GLOBAL_OPTIONS.map(optionLine)),
  ].join('\n');
}
