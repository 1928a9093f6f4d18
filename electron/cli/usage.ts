import { formatTag } from '../../shared/words/locale.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';
import { columns } from './text.ts';

/** The text of `replug --help`, in the language that is shown; names of commands and options are the same in all. */

/** A form as it is typed, and what it does; the last form of several lines carries the explanation. */
type Line = readonly [form: string, what: string];

const LEFT = 31;
const WIDTH = 92;

/** The whole text, for a terminal of any width; lines end with a line break. */
export function helpText(): string {
  const words = terminalWords.help;
  return [
    `${wrap(words.intro, WIDTH).join('\n')}\n`,
    `${words.usage}: ${words.usageForm}\n`,
    section(words.commands, [
      ['devices', words.devices],
      ['ls [PHONEPATH]', words.ls],
      ['push LOCAL... PHONEDIR', words.push],
      ['pull PHONEPATH... LOCALDIR', words.pull],
      ['mkdir PHONEPATH', words.mkdir],
      ['rm PHONEPATH...', words.rm],
      ['mv PHONEPATH... PHONEPATH', words.mv],
      ['queue', words.queue],
      ['resume', words.resumeCommand],
      ['cancel ID', words.cancel],
      ['sync add PHONEDIR LOCALDIR', words.syncAdd],
      ['sync run [PAIR]', words.syncRun],
      ['sync status | list', words.syncStatus],
      ['doctor', words.doctor],
      ['serve', words.serve],
      ['mount', words.mount],
    ]),
    `${wrap(words.path, WIDTH - 2)
      .map((line) => `  ${line}`)
      .join('\n')}\n`,
    section(words.options, [
      ['--phone SERIAL|NAME', words.phone],
      ['--wait SECONDS', words.wait],
      ['--db FILE', words.db],
      ['--json', words.json],
      ['--verbose', words.verbose],
      ['--language TAG', words.language],
      ['--no-usb', words.noUsb],
      ['--virtual DIR[,KEY=VALUE]...', words.virtual],
      ['--fault SPEC', `${words.fault}\n${FAULTS}`],
      ['--help, --version', ''],
    ]),
    section('resume', [['--this-phone', words.thisPhone]]),
    section(words.pushPull, [
      ['--on-clash RULE', words.onClash],
      ['--names ask|legal|fail', words.names],
      ['--verify size|sampled|full', words.verify],
      ['--large resumable|keep-dates', words.large],
      ['--move', words.move],
    ]),
    section(words.sync, [
      ['add', `${SYNC_ADD}\nadd --ready camera|screenshots|music|whatsapp [LOCALDIR]`],
      ['run  --dry-run', words.dryRun],
      ['     --yes', words.syncYes],
      ['     --copy-again', words.copyAgain],
      ['     --this-phone', words.syncThisPhone],
      ['remove PAIR, history PAIR', ''],
      ['files PAIR', '[--search TEXT] [--status STATUS]'],
      ['skip PAIR PATH...', ''],
      ['reset PAIR [PATH...]', ''],
    ]),
    section('', [
      ['doctor --trace', words.trace],
      ['rm     --yes', words.rmYes],
      ['serve  --port N, --open', words.serveOptions],
      ['mount  --port N', words.mountPort],
      ['       --address-only', words.mountAddress],
    ]),
    `${wrap(words.exit, WIDTH).join('\n')}\n`,
  ].join('\n');
}

const FAULTS = `unplug@bytes=N  unplug@op=NAME:K[:before|:data|:response]
silence@op=NAME:K  full@bytes=N  locked@open  held@open
replug@ms=N`;
const SYNC_ADD = `--direction to-computer|to-phone, --name,
--include and --exclude PATTERN, --kind photos,videos,music,
--newer-than DATE, --larger-than SIZE, --deletions ignore|mirror,
--deletion-limit PERCENT, --layout as-on-phone|year-month,
--conflicts keep-both|replace|newer|skip,
--verify size|sampled|full, --automatic`;

function section(title: string, lines: readonly Line[]): string {
  const text = lines.flatMap(([form, what]) => {
    const [first = '', ...rest] = what.split('\n').flatMap((part) => wrap(part, WIDTH - LEFT));
    return [`  ${form.padEnd(LEFT - 2)}${first}`.trimEnd(), ...rest.map((line) => `${' '.repeat(LEFT)}${line}`)];
  });
  return `${title === '' ? '' : `${title}\n`}${text.join('\n')}\n`;
}

/** Lines of at most so many columns, broken where the language breaks words. */
function wrap(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of breakable(text)) {
    if (line !== '' && columns(line) + columns(part.trimEnd()) > most) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += line === '' ? part.trimStart() : part;
  }
  lines.push(line.trimEnd());
  return lines;
}

/** Pieces that stay whole: up to the next blank, and in languages without blanks, single words. */
function breakable(text: string): readonly string[] {
  const segments = [...new Intl.Segmenter(formatTag(), { granularity: 'word' }).segment(text)];
  const pieces: string[] = [];
  for (const { segment } of segments) {
    const before = pieces.at(-1);
    const mayBreak = before === undefined || /\s$/u.test(before) || (WIDE.test(before) && WIDE.test(segment));
    if (mayBreak && !/^\s/u.test(segment) && !CLOSING.test(segment)) pieces.push(segment);
    else pieces[pieces.length - 1] = `${before ?? ''}${segment}`;
  }
  return pieces;
}

const WIDE = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u;
/** Signs that do not begin a line. */
const CLOSING = /^[、。，．：；！？」』）】》”’,.;:!?)\]]/u;
