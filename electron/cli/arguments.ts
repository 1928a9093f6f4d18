import {
  CONFLICT_RULES,
  LARGE_UPLOADS,
  NAME_RULES,
  VERIFY_LEVELS,
  type ConflictRule,
  type LargeUploads,
  type NameRule,
  type VerifyLevel,
} from '../../shared/domain.ts';
import { parsePhonePath, type TypedPath } from './phone-path.ts';
import {
  DESCRIBED,
  GLOBAL_OPTIONS,
  ON_OFF,
  isCommandName,
  type CommandName,
  type OptionDescription,
} from './description.ts';
import {
  UsageError,
  ageOf,
  checkLanguage,
  choice,
  keptTogether,
  milliseconds,
  notEmpty,
  port,
  sizeOf,
} from './option-values.ts';
import { parseSync, type SyncCommand } from './sync-arguments.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** Command line → what is wanted. Pure: no file and no phone is looked at. */

/** Options of every command, as typed: virtual phones and faults are not parsed yet. */
export interface Globals {
  readonly db: string | undefined;
  readonly virtual: readonly string[];
  readonly faults: readonly string[];
  readonly usb: boolean;
  readonly phone: string | undefined;
  /** Milliseconds; `undefined`: the default, which depends on the terminal. */
  readonly waitMs: number | undefined;
  readonly json: boolean;
  readonly verbose: boolean;
  /** Nothing is said but what was asked for, and problems. */
  readonly quiet: boolean;
}

/** Options of `push` and `pull`; `undefined` is not given, so a default applies. */
export interface Moving {
  readonly onConflict: ConflictRule | undefined;
  readonly onName: NameRule | undefined;
  readonly verify: VerifyLevel | undefined;
  readonly large: LargeUploads | undefined;
  readonly move: boolean;
}

/** A command with its arguments. */
export type Command =
  | { readonly name: 'version' | 'devices' | 'queue' }
  /** `trace`: what each phone answers, for a public report; `report`: a file that says what the phones are. */
  | { readonly name: 'doctor'; readonly trace: boolean; readonly report: boolean }
  /** `of`: the command that help is wanted on; `undefined`: all. */
  | { readonly name: 'help'; readonly of: CommandName | undefined }
  /** What a shell asks: the paths on the phone that begin so. Not in the help. */
  | { readonly name: 'complete'; readonly word: string }
  /** `thisPhone`: the phone that is plugged in, which nothing identifies, is the one that is waited for. */
  | { readonly name: 'resume'; readonly thisPhone: boolean }
  | { readonly name: 'ls'; readonly path: TypedPath }
  | { readonly name: 'find'; readonly query: string; readonly refresh: boolean }
  | { readonly name: 'du'; readonly path: TypedPath; readonly refresh: boolean }
  | { readonly name: 'top'; readonly refresh: boolean }
  | { readonly name: 'push'; readonly sources: readonly string[]; readonly to: TypedPath; readonly moving: Moving }
  | { readonly name: 'pull'; readonly sources: readonly TypedPath[]; readonly to: string; readonly moving: Moving }
  | {
      readonly name: 'verify';
      readonly local: string;
      readonly path: TypedPath;
      readonly level: VerifyLevel;
    }
  | { readonly name: 'mkdir'; readonly path: TypedPath }
  | { readonly name: 'rm'; readonly paths: readonly TypedPath[]; readonly yes: boolean }
  | { readonly name: 'mv'; readonly sources: readonly TypedPath[]; readonly to: TypedPath }
  | { readonly name: 'cancel'; readonly id: string }
  | { readonly name: 'sync'; readonly sync: SyncCommand }
  | {
      readonly name: 'import';
      readonly to: string | undefined;
      /** Folder of second copies. */
      readonly also: string | undefined;
      /** Whether the phone is imported from whenever it is plugged in; `undefined` leaves it as it is. */
      readonly atPlug: (typeof ON_OFF)[number] | undefined;
      readonly library: readonly string[];
      readonly folders: string | undefined;
      readonly names: string | undefined;
      readonly messengers: boolean;
      readonly again: boolean;
      readonly dryRun: boolean;
    }
  | {
      readonly name: 'free';
      /** Milliseconds. */
      readonly olderThan: number | undefined;
      /** Bytes. */
      readonly largerThan: number | undefined;
      readonly messengers: boolean;
      readonly dryRun: boolean;
      readonly yes: boolean;
    }
  | { readonly name: 'serve'; readonly port: number; readonly open: boolean }
  | { readonly name: 'mount'; readonly port: number; readonly addressOnly: boolean };

/** The command of that name, with its arguments. */
export type CommandOf<N extends Command['name']> = Extract<Command, { readonly name: N }>;

/** What one command line asks for. */
export interface Invocation {
  readonly globals: Globals;
  readonly command: Command;
}

type Takes = 'value' | 'flag';
const takesOf = (options: readonly OptionDescription[]): readonly (readonly [string, Takes])[] =>
  options.map(({ name, value }) => [name, value === undefined ? 'flag' : 'value'] as const);
const EVERYWHERE: ReadonlySet<string> = new Set(GLOBAL_OPTIONS.map(({ name }) => name));
const ALL: readonly OptionDescription[] = [
  ...GLOBAL_OPTIONS,
  ...Object.values(DESCRIBED).flatMap(({ options }) => options),
];
const ALL_OPTIONS: Readonly<Record<string, Takes>> = Object.fromEntries(takesOf(ALL));
/** May be given several times; of the others the last counts. */
const REPEATABLE: ReadonlySet<string> = new Set(ALL.filter((one) => one.repeatable === true).map(({ name }) => name));

/** Parses the words after the program’s name. Throws `UsageError`, whose message is shown as it is. */
export function parseArguments(args: readonly string[]): Invocation {
  const { options, words } = split(args);
  const flag = (name: string): boolean => options.has(name);
  const value = (name: string): string | undefined => options.get(name)?.at(-1);
  const values = (name: string): readonly string[] => options.get(name) ?? [];
  const globals: Globals = {
    db: notEmpty('--db', value('db')),
    virtual: options.get('virtual') ?? [],
    faults: options.get('fault') ?? [],
    usb: !flag('no-usb'),
    phone: notEmpty('--phone', value('phone')),
    waitMs: milliseconds(value('wait')),
    json: flag('json'),
    verbose: flag('verbose'),
    quiet: flag('quiet'),
  };
  checkLanguage(value('language'));
  const [name, ...rest] = words;
  if (flag('version') && !flag('help')) return { globals, command: { name: 'version' } };
  if (flag('help') || name === 'help') return { globals, command: helpOn(name === 'help' ? rest[0] : name) };
  if (name === undefined) throw new UsageError(terminalWords.usage.noCommand);
  if (name === 'complete') return { globals, command: { name, word: rest[0] ?? '' } };
  if (!isCommandName(name)) throw new UsageError(terminalWords.usage.unknownCommand({ name }));
  const own = new Set<string>(DESCRIBED[name].options.map((one) => one.name));
  for (const option of options.keys())
    if (!EVERYWHERE.has(option) && !own.has(option))
      throw new UsageError(terminalWords.usage.noOption({ command: name, option: `--${option}` }));
  return { globals, command: commandOf(name, rest, { flag, value, values }) };
}

interface Options {
  readonly flag: (name: string) => boolean;
  readonly value: (name: string) => string | undefined;
  readonly values: (name: string) => readonly string[];
}

function commandOf(name: CommandName, words: readonly string[], options: Options): Command {
  const count = (least: number, most: number, form: string): void => {
    if (words.length < least || words.length > most)
      throw new UsageError(terminalWords.usage.form({ form: `replug ${form}` }));
  };
  switch (name) {
    case 'devices':
    case 'queue':
      count(0, 0, name);
      return { name };
    case 'doctor':
      count(0, 0, 'doctor [--trace|--report]');
      if (options.flag('trace') && options.flag('report'))
        throw new UsageError(terminalWords.usage.form({ form: 'replug doctor [--trace|--report]' }));
      return { name, trace: options.flag('trace'), report: options.flag('report') };
    case 'resume':
      count(0, 0, name);
      return { name, thisPhone: options.flag('this-phone') };
    case 'ls':
      count(0, 1, 'ls [PHONEPATH]');
      return { name, path: typed(words[0] ?? '/') };
    case 'find':
      count(1, Infinity, 'find WORDS...');
      return {
        name,
        query: words.map(keptTogether).join(' '),
        refresh: options.flag('refresh'),
      };
    case 'du':
      count(0, 1, 'du [PHONEPATH]');
      return { name, path: typed(words[0] ?? '/'), refresh: options.flag('refresh') };
    case 'top':
      count(0, 0, name);
      return { name, refresh: options.flag('refresh') };
    case 'push': {
      count(2, Infinity, 'push LOCAL... PHONEDIR');
      const sources = words.slice(0, -1);
      if (sources.includes('')) throw new UsageError(terminalWords.usage.localEmpty);
      return { name, sources, to: typed(words.at(-1) ?? ''), moving: movingOf(options) };
    }
    case 'pull': {
      count(2, Infinity, 'pull PHONEPATH... LOCALDIR');
      const to = words.at(-1) ?? '';
      if (to === '') throw new UsageError(terminalWords.usage.localFolderEmpty);
      return { name, sources: words.slice(0, -1).map(typed), to, moving: movingOf(options) };
    }
    case 'verify': {
      count(2, 2, 'verify LOCAL PHONEPATH');
      const [local = '', path = ''] = words;
      if (local === '') throw new UsageError(terminalWords.usage.localEmpty);
      const level = choice('--verify', options.value('verify'), VERIFY_LEVELS) ?? 'sampled';
      return { name, local, path: typed(path), level };
    }
    case 'mkdir':
      count(1, 1, 'mkdir PHONEPATH');
      return { name, path: belowRoot(typed(words[0] ?? '')) };
    case 'rm':
      count(1, Infinity, 'rm PHONEPATH...');
      return { name, paths: words.map((word) => belowRoot(typed(word))), yes: options.flag('yes') };
    case 'mv':
      count(2, Infinity, 'mv PHONEPATH... PHONEPATH');
      return { name, sources: words.slice(0, -1).map((word) => belowRoot(typed(word))), to: typed(words.at(-1) ?? '') };
    case 'cancel':
      count(1, 1, 'cancel ID');
      return { name, id: words[0] ?? '' };
    case 'sync':
      try {
        return { name, sync: parseSync(words, options) };
      } catch (error) {
        throw new UsageError(error instanceof Error ? error.message : String(error));
      }
    case 'import': {
      count(0, 0, 'import [--to DIR] [--also DIR] [--library DIR]... [--dry-run]');
      const to = notEmpty('--to', options.value('to'));
      const library = options.values('library');
      if (library.includes('')) throw new UsageError(terminalWords.usage.empty({ option: '--library' }));
      return {
        name,
        to,
        also: notEmpty('--also', options.value('also')),
        atPlug: choice('--at-plug', options.value('at-plug'), ON_OFF),
        library,
        folders: options.value('folders'),
        names: notEmpty('--names', options.value('names')),
        messengers: options.flag('messengers'),
        again: options.flag('again'),
        dryRun: options.flag('dry-run'),
      };
    }
    case 'free': {
      count(0, 0, 'free --older-than TIME [--larger-than SIZE] [--dry-run]');
      const olderThan = ageOf(options.value('older-than'));
      const largerThan = sizeOf(options.value('larger-than'));
      if (olderThan === undefined && largerThan === undefined) throw new UsageError(terminalWords.usage.freeLimit);
      return {
        name,
        olderThan,
        largerThan,
        messengers: options.flag('messengers'),
        dryRun: options.flag('dry-run'),
        yes: options.flag('yes'),
      };
    }
    case 'serve':
      count(0, 0, 'serve [--port N] [--open]');
      return { name, port: port(options.value('port')), open: options.flag('open') };
    case 'mount':
      count(0, 0, 'mount [--port N] [--address-only]');
      return { name, port: port(options.value('port')), addressOnly: options.flag('address-only') };
  }
}

/** Options may stand anywhere; after `--` nothing is one. */
function split(args: readonly string[]): {
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly words: readonly string[];
} {
  const options = new Map<string, string[]>();
  const words: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--') {
      words.push(...args.slice(index + 1));
      break;
    }
    if (arg === '-h') {
      options.set('help', []);
      continue;
    }
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    const [, name = '', given] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    const takes = Object.hasOwn(ALL_OPTIONS, name) ? ALL_OPTIONS[name] : undefined;
    if (takes === undefined)
      throw new UsageError(terminalWords.usage.unknownOption({ option: arg.split('=', 1)[0] ?? arg }));
    if (takes === 'flag') {
      if (given !== undefined) throw new UsageError(terminalWords.usage.noValue({ option: `--${name}` }));
      options.set(name, []);
      continue;
    }
    const value = given ?? args[++index];
    if (value === undefined) throw new UsageError(terminalWords.usage.needsValue({ option: `--${name}` }));
    options.set(name, REPEATABLE.has(name) ? [...(options.get(name) ?? []), value] : [value]);
  }
  return { options, words };
}

/** Help on one command, where a word names one. */
function helpOn(name: string | undefined): Command {
  if (name !== undefined && !isCommandName(name)) throw new UsageError(terminalWords.usage.unknownCommand({ name }));
  return { name: 'help', of: name };
}

function typed(text: string): TypedPath {
  try {
    return parsePhonePath(text);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function belowRoot(path: TypedPath): TypedPath {
  if (path.path === '/') throw new UsageError(terminalWords.usage.wholeStorage);
  return path;
}

const movingOf = ({ flag, value }: Options): Moving => ({
  onConflict: choice('--on-clash', value('on-clash'), CONFLICT_RULES),
  onName: choice('--names', value('names'), NAME_RULES),
  verify: choice('--verify', value('verify'), VERIFY_LEVELS),
  large: choice('--large', value('large'), LARGE_UPLOADS),
  move: flag('move'),
});
