import { CONFLICT_RULES, LARGE_UPLOADS, NAME_RULES, VERIFY_LEVELS } from '../../shared/domain.ts';
import {
  PRESET_KINDS,
  SYNC_CONFLICTS,
  SYNC_DELETIONS,
  SYNC_DIRECTIONS,
  SYNC_KINDS,
  SYNC_LAYOUTS,
  SYNC_REMOVED,
  SYNC_STATUSES,
} from '../../shared/sync.ts';
import { DEFAULT_PHOTO_SETTINGS } from '../../shared/photos.ts';
import { LANGUAGES } from '../../shared/words/languages.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/**
 * What can be typed behind `replug`, said once: the parser, `--help`, the pages of the commands, the manual and the
 * completions of the shells are made from it. Explanations are functions, because the language can change.
 */

/** What a shell offers for a word: a path on the phone, one of this computer, one of these words, or nothing. */
export type Completes = 'phone-path' | 'local-path' | 'local-folder' | 'nothing' | readonly string[];

/** An option, without its two dashes. */
export interface OptionDescription {
  readonly name: string;
  /** The form of its value; none: a flag. */
  readonly value?: string;
  readonly completes?: Completes;
  /** May be given several times; of the others the last counts. */
  readonly repeatable?: boolean;
  readonly what: () => string;
}

/** One way to write a command. */
export interface FormDescription {
  /** What follows `replug`. */
  readonly form: string;
  readonly what: () => string;
}

/** A command, or an action of `sync`. */
export interface CommandDescription {
  readonly forms: readonly FormDescription[];
  /** What its words are, by their place; the last goes for all that follow. Several: any of them. */
  readonly words: readonly (readonly Completes[])[];
  readonly options: readonly OptionDescription[];
  /** Whole lines that do something useful. */
  readonly examples: readonly string[];
  /** Commands of its own, which its first word names. */
  readonly actions?: Readonly<Record<string, Omit<CommandDescription, 'actions' | 'forms' | 'examples'>>>;
}

const help = () => terminalWords.help;
const oneOf = (values: readonly string[]): string => values.join('|');
/** Values of an option that turns something on or off. */
export const ON_OFF = ['on', 'off'] as const;

const choice = (name: string, values: readonly string[], what: () => string): OptionDescription => ({
  name,
  value: oneOf(values),
  completes: values,
  what,
});
const flag = (name: string, what: () => string): OptionDescription => ({ name, what });

/** Options that every command has. */
export const GLOBAL_OPTIONS: readonly OptionDescription[] = [
  { name: 'phone', value: 'SERIAL|NAME', what: () => help().phone },
  { name: 'wait', value: 'SECONDS', what: () => help().wait },
  { name: 'db', value: 'FILE', completes: 'local-path', what: () => help().db },
  flag('json', () => help().json),
  flag('quiet', () => help().quiet),
  flag('verbose', () => help().verbose),
  { name: 'language', value: 'TAG', completes: LANGUAGES, what: () => help().language },
  flag('no-usb', () => help().noUsb),
  {
    name: 'virtual',
    value: 'DIR[,KEY=VALUE]...',
    completes: 'local-folder',
    repeatable: true,
    what: () => help().virtual,
  },
  {
    name: 'fault',
    value: 'SPEC',
    repeatable: true,
    what: () => `${help().fault}
unplug@bytes=N  unplug@op=NAME:K[:before|:data|:response]
silence@op=NAME:K  full@bytes=N  locked@open  held@open
replug@ms=N`,
  },
  flag('help', () => help().helpOption),
  flag('version', () => help().versionOption),
];

const MOVING: readonly OptionDescription[] = [
  { ...choice('on-clash', CONFLICT_RULES, () => help().onClash), value: 'RULE' },
  choice('names', NAME_RULES, () => help().names),
  choice('verify', VERIFY_LEVELS, () => help().verify),
  choice('large', LARGE_UPLOADS, () => help().large),
  flag('move', () => help().move),
];
const PHONE: readonly Completes[] = ['phone-path'];
const LOCAL: readonly Completes[] = ['local-path'];
const NO_WORDS: CommandDescription['words'] = [['nothing']];

const SYNC_ADD: readonly OptionDescription[] = [
  choice('direction', SYNC_DIRECTIONS, () => help().direction),
  { name: 'name', value: 'NAME', what: () => help().pairName },
  { name: 'include', value: 'PATTERN', repeatable: true, what: () => help().include },
  { name: 'exclude', value: 'PATTERN', repeatable: true, what: () => help().exclude },
  { ...choice('kind', SYNC_KINDS, () => help().kinds), value: SYNC_KINDS.join(','), repeatable: true },
  { name: 'newer-than', value: 'DATE', what: () => help().newerThan },
  { name: 'larger-than', value: 'SIZE', what: () => help().largerThan },
  choice('deletions', SYNC_DELETIONS, () => help().deletions),
  { name: 'deletion-limit', value: 'PERCENT', what: () => help().deletionLimit },
  choice('layout', SYNC_LAYOUTS, () => help().layout),
  choice('conflicts', SYNC_CONFLICTS, () => help().conflicts),
  choice('removed', SYNC_REMOVED, () => help().removed),
  choice('verify', VERIFY_LEVELS, () => help().verify),
  flag('automatic', () => help().automatic),
  choice('ready', PRESET_KINDS, () => help().ready),
];
const SYNC_RUN: readonly OptionDescription[] = [
  flag('dry-run', () => help().dryRun),
  flag('yes', () => help().syncYes),
  flag('copy-again', () => help().copyAgain),
  flag('this-phone', () => help().thisPhone),
];
const SYNC_FILES: readonly OptionDescription[] = [
  { name: 'search', value: 'TEXT', what: () => help().search },
  choice('status', SYNC_STATUSES, () => help().status),
];

const IMPORT: readonly OptionDescription[] = [
  { name: 'to', value: 'DIR', completes: 'local-folder', what: () => help().photosTo },
  { name: 'also', value: 'DIR', completes: 'local-folder', what: () => help().photosAlso },
  { name: 'library', value: 'DIR', completes: 'local-folder', repeatable: true, what: () => help().library },
  {
    name: 'folders',
    value: 'TEMPLATE',
    what: () => help().photoFolders({ value: DEFAULT_PHOTO_SETTINGS.folders }),
  },
  { name: 'names', value: 'TEMPLATE', what: () => help().photoNames({ value: DEFAULT_PHOTO_SETTINGS.names }) },
  flag('messengers', () => help().messengers),
  flag('again', () => help().importAgain),
  choice('at-plug', ON_OFF, () => help().automaticImport),
  flag('dry-run', () => help().dryRun),
];
const FREE: readonly OptionDescription[] = [
  { name: 'older-than', value: 'TIME', what: () => help().olderThan },
  { name: 'larger-than', value: 'SIZE', what: () => help().largerThan },
  flag('messengers', () => help().messengers),
  flag('dry-run', () => help().dryRun),
  flag('yes', () => help().rmYes),
];

/** All commands, in the order in which they are listed. */
const COMMANDS = {
  devices: {
    forms: [{ form: 'devices', what: () => help().devices }],
    words: NO_WORDS,
    options: [],
    examples: ['replug devices', 'replug --json devices'],
  },
  ls: {
    forms: [{ form: 'ls [PHONEPATH]', what: () => help().ls }],
    words: [PHONE, ['nothing']],
    options: [],
    examples: ['replug ls', 'replug ls /DCIM/Camera', 'replug ls SD:/Music'],
  },
  find: {
    forms: [{ form: 'find WORDS...', what: () => help().find }],
    words: [['nothing']],
    options: [flag('refresh', () => help().refresh)],
    examples: ['replug find beach 2025 kind:photo', "replug find 'size>1GB' in:Movies", 'replug --json find report'],
  },
  du: {
    forms: [{ form: 'du [PHONEPATH]', what: () => help().du }],
    words: [PHONE, ['nothing']],
    options: [flag('refresh', () => help().refresh)],
    examples: ['replug du', 'replug du /DCIM'],
  },
  top: {
    forms: [{ form: 'top', what: () => help().top }],
    words: NO_WORDS,
    options: [flag('refresh', () => help().refresh)],
    examples: ['replug top'],
  },
  push: {
    forms: [{ form: 'push LOCAL... PHONEDIR', what: () => help().push }],
    words: [LOCAL, [...LOCAL, ...PHONE]],
    options: MOVING,
    examples: [
      'replug push Photos /DCIM',
      'replug push --move film.mkv SD:/Movies',
      'replug push --on-clash keep-both --verify full *.flac /Music',
    ],
  },
  pull: {
    forms: [{ form: 'pull PHONEPATH... LOCALDIR', what: () => help().pull }],
    words: [PHONE, [...PHONE, 'local-folder']],
    options: MOVING,
    examples: ['replug pull /DCIM/Camera ~/Pictures', 'replug pull --move /Download/report.pdf .'],
  },
  verify: {
    forms: [{ form: 'verify LOCAL PHONEPATH', what: () => help().verifyCommand }],
    words: [LOCAL, PHONE, ['nothing']],
    options: [choice('verify', VERIFY_LEVELS, () => help().verifyLevel)],
    examples: [
      'replug verify ~/Pictures/Camera /DCIM/Camera',
      'replug verify --verify full film.mkv SD:/Movies',
      'replug --json verify --verify size Music /Music',
    ],
  },
  mkdir: {
    forms: [{ form: 'mkdir PHONEPATH', what: () => help().mkdir }],
    words: [PHONE, ['nothing']],
    options: [],
    examples: ['replug mkdir /Music/Albums/2026'],
  },
  rm: {
    forms: [{ form: 'rm PHONEPATH...', what: () => help().rm }],
    words: [PHONE],
    options: [flag('yes', () => help().rmYes)],
    examples: ['replug rm /Download/old.apk', 'replug rm --yes /Movies/Trips'],
  },
  mv: {
    forms: [{ form: 'mv PHONEPATH... PHONEPATH', what: () => help().mv }],
    words: [PHONE],
    options: [],
    examples: ['replug mv /Download/song.flac /Music', 'replug mv /DCIM/Trip /DCIM/Lofoten'],
  },
  queue: {
    forms: [{ form: 'queue', what: () => help().queue }],
    words: NO_WORDS,
    options: [],
    examples: ['replug queue'],
  },
  resume: {
    forms: [{ form: 'resume', what: () => help().resumeCommand }],
    words: NO_WORDS,
    options: [flag('this-phone', () => help().thisPhone)],
    examples: ['replug resume', 'replug resume --wait 600'],
  },
  cancel: {
    forms: [{ form: 'cancel ID', what: () => help().cancel }],
    words: [['nothing']],
    options: [],
    examples: ['replug cancel 3f2a'],
  },
  sync: {
    forms: [
      { form: 'sync add PHONEDIR LOCALDIR', what: () => help().syncAdd },
      { form: 'sync add --ready KIND [LOCALDIR]', what: () => help().ready },
      { form: 'sync run [PAIR]', what: () => help().syncRun },
      { form: 'sync status', what: () => help().syncStatus },
      { form: 'sync list', what: () => help().syncList },
      { form: 'sync files PAIR', what: () => help().syncFiles },
      { form: 'sync history PAIR', what: () => help().syncHistory },
      { form: 'sync skip PAIR PATH...', what: () => help().syncSkip },
      { form: 'sync reset PAIR [PATH...]', what: () => help().syncReset },
      { form: 'sync remove PAIR', what: () => help().syncRemove },
    ],
    words: [],
    options: unique([...SYNC_ADD, ...SYNC_RUN, ...SYNC_FILES]),
    examples: [
      'replug sync add /DCIM ~/Pictures/Phone --layout year-month --automatic',
      'replug sync add --ready music',
      'replug sync run --dry-run',
    ],
    actions: {
      add: { words: [PHONE, ['local-folder'], ['nothing']], options: SYNC_ADD },
      run: { words: [['nothing']], options: SYNC_RUN },
      status: { words: NO_WORDS, options: [] },
      list: { words: NO_WORDS, options: [] },
      files: { words: [['nothing']], options: SYNC_FILES },
      history: { words: [['nothing']], options: [] },
      skip: { words: [['nothing']], options: [] },
      reset: { words: [['nothing']], options: [] },
      remove: { words: [['nothing']], options: [] },
    },
  },
  import: {
    forms: [{ form: 'import', what: () => help().import }],
    words: NO_WORDS,
    options: IMPORT,
    examples: [
      'replug import --dry-run',
      'replug import --to ~/Pictures/Phone --library ~/Pictures',
      'replug import --also /media/backup/Photos',
      "replug import --folders '{year}/{date}' --names '{time}_{name}'",
    ],
  },
  free: {
    forms: [{ form: 'free', what: () => help().free }],
    words: NO_WORDS,
    options: FREE,
    examples: ['replug free --older-than 90d --dry-run', 'replug free --older-than 1y --larger-than 10MB'],
  },
  doctor: {
    forms: [{ form: 'doctor', what: () => help().doctor }],
    words: NO_WORDS,
    options: [flag('trace', () => help().trace), flag('report', () => help().report)],
    examples: ['replug doctor', 'replug doctor --report', 'replug doctor --trace'],
  },
  serve: {
    forms: [{ form: 'serve', what: () => help().serve }],
    words: NO_WORDS,
    options: [{ name: 'port', value: 'N', what: () => help().port }, flag('open', () => help().open)],
    examples: ['replug serve --open'],
  },
  mount: {
    forms: [{ form: 'mount', what: () => help().mount }],
    words: NO_WORDS,
    options: [{ name: 'port', value: 'N', what: () => help().port }, flag('address-only', () => help().mountAddress)],
    examples: ['replug mount', 'replug mount --address-only --port 8123'],
  },
} as const satisfies Readonly<Record<string, CommandDescription>>;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;
/** All commands by name, without their own types. */
export const DESCRIBED: Readonly<Record<CommandName, CommandDescription>> = COMMANDS;
/** The names, in the order in which they are listed. */
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** Whether a word names a command. */
export const isCommandName = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);

function unique(options: readonly OptionDescription[]): readonly OptionDescription[] {
  return [...new Map(options.map((option) => [option.name, option])).values()];
}
