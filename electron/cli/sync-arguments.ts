import { VERIFY_LEVELS, type VerifyLevel } from '../../shared/domain.ts';
import {
  PRESET_KINDS,
  SYNC_CONFLICTS,
  SYNC_DELETIONS,
  SYNC_DIRECTIONS,
  SYNC_KINDS,
  SYNC_LAYOUTS,
  SYNC_REMOVED,
  SYNC_STATUSES,
  type PresetPair,
  type SyncConflicts,
  type SyncDeletions,
  type SyncDirection,
  type SyncFilters,
  type SyncKind,
  type SyncLayout,
  type SyncRemoved,
  type SyncStatus,
} from '../../shared/sync.ts';
import { parsePhonePath, type TypedPath } from './phone-path.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** Words and options of `replug sync`. Pure. */

/** What was asked for a pair; `undefined` leaves the default. */
export interface PairWish {
  readonly name: string | undefined;
  readonly direction: SyncDirection | undefined;
  readonly filters: SyncFilters;
  readonly deletions: SyncDeletions | undefined;
  readonly deletionLimit: number | undefined;
  readonly conflicts: SyncConflicts | undefined;
  readonly removed: SyncRemoved | undefined;
  readonly verify: VerifyLevel | undefined;
  readonly layout: SyncLayout | undefined;
  readonly automatic: boolean;
}

/** What a `replug sync` line says. */
export type SyncCommand =
  | { readonly action: 'add'; readonly phone: TypedPath; readonly local: string; readonly wish: PairWish }
  | {
      readonly action: 'add-ready';
      readonly kind: PresetPair['kind'];
      readonly local: string | undefined;
      readonly wish: PairWish;
    }
  | { readonly action: 'list' | 'status' }
  | { readonly action: 'remove'; readonly pair: string }
  | { readonly action: 'history'; readonly pair: string }
  | {
      readonly action: 'run';
      readonly pair: string | undefined;
      readonly dryRun: boolean;
      /** Deletions above the limit are confirmed. */
      readonly yes: boolean;
      /** Copies are made again although nearly all are missing. */
      readonly copyAgain: boolean;
      /** The phone that is plugged in, which nothing identifies, is the one that the pair waits for. */
      readonly thisPhone: boolean;
    }
  | { readonly action: 'reset'; readonly pair: string; readonly paths: readonly string[] }
  | { readonly action: 'skip'; readonly pair: string; readonly paths: readonly string[] }
  | {
      readonly action: 'files';
      readonly pair: string;
      readonly search: string | undefined;
      readonly status: SyncStatus | undefined;
    };

/** The options of the line, however they were parsed. */
export interface GivenOptions {
  readonly flag: (name: string) => boolean;
  readonly value: (name: string) => string | undefined;
  readonly values: (name: string) => readonly string[];
}

/** Reads a `replug sync` line. Throws a `RangeError` that says what is wrong and what is known. */
export function parseSync(words: readonly string[], options: GivenOptions): SyncCommand {
  const [action, ...rest] = words;
  const count = (least: number, most: number, form: string): void => {
    if (rest.length < least || rest.length > most)
      throw new RangeError(terminalWords.usage.form({ form: `replug sync ${form}` }));
  };
  switch (action) {
    case 'add': {
      const wish = wishOf(options);
      const ready = choice('--ready', options.value('ready'), PRESET_KINDS);
      if (ready !== undefined) {
        count(0, 1, `add --ready ${ready} [LOCALDIR]`);
        return { action: 'add-ready', kind: ready, local: rest[0], wish };
      }
      count(2, 2, 'add PHONEDIR LOCALDIR [--direction to-computer|to-phone]');
      if (rest[1] === '') throw new RangeError(terminalWords.usage.localFolderEmpty);
      return { action, phone: parsePhonePath(rest[0] ?? ''), local: rest[1] ?? '', wish };
    }
    case 'list':
    case 'status':
      count(0, 0, action);
      return { action };
    case 'remove':
    case 'history':
      count(1, 1, `${action} PAIR`);
      return { action, pair: rest[0] ?? '' };
    case 'run':
      count(0, 1, 'run [PAIR] [--dry-run] [--yes] [--copy-again] [--this-phone]');
      return {
        action,
        pair: rest[0],
        dryRun: options.flag('dry-run'),
        yes: options.flag('yes'),
        copyAgain: options.flag('copy-again'),
        thisPhone: options.flag('this-phone'),
      };
    case 'reset':
      count(1, Infinity, 'reset PAIR [PATH...]');
      return { action, pair: rest[0] ?? '', paths: rest.slice(1) };
    case 'skip':
      count(2, Infinity, 'skip PAIR PATH...');
      return { action, pair: rest[0] ?? '', paths: rest.slice(1) };
    case 'files':
      count(1, 1, 'files PAIR [--search TEXT] [--status STATUS]');
      return {
        action,
        pair: rest[0] ?? '',
        search: options.value('search'),
        status: choice('--status', options.value('status'), SYNC_STATUSES),
      };
    case undefined:
      throw new RangeError(terminalWords.usage.sync);
    default:
      throw new RangeError(terminalWords.usage.syncUnknown({ action }));
  }
}

function wishOf({ flag, value, values }: GivenOptions): PairWish {
  return {
    name: value('name'),
    direction: choice('--direction', value('direction'), SYNC_DIRECTIONS),
    filters: {
      include: values('include'),
      exclude: values('exclude'),
      kinds: values('kind')
        .flatMap((text) => text.split(','))
        .map((text) => choice<SyncKind>('--kind', text, SYNC_KINDS) as SyncKind),
      newerThan: dateOf(value('newer-than')),
      largerThan: bytesOf(value('larger-than')),
    },
    deletions: choice('--deletions', value('deletions'), SYNC_DELETIONS),
    deletionLimit: shareOf(value('deletion-limit')),
    conflicts: choice('--conflicts', value('conflicts'), SYNC_CONFLICTS),
    removed: choice('--removed', value('removed'), SYNC_REMOVED),
    verify: choice('--verify', value('verify'), VERIFY_LEVELS),
    layout: choice('--layout', value('layout'), SYNC_LAYOUTS),
    automatic: flag('automatic'),
  };
}

function choice<T extends string>(option: string, value: string | undefined, known: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found === undefined) throw new RangeError(terminalWords.usage.oneOf({ option, known: known.join(', '), value }));
  return found;
}

/** `2024-01-31`: its midnight here. */
function dateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  if (year === undefined || date.getMonth() !== Number(month) - 1)
    throw new RangeError(terminalWords.usage.newerThan({ value: text }));
  return date.getTime();
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** `500`, `500k`, `10MB`. Throws a `RangeError` that says what is wrong. */
export function bytesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?)b?$/i.exec(text) ?? [];
  if (number === undefined) throw new RangeError(terminalWords.usage.largerThan({ value: text }));
  return Math.round(Number(number) * (UNITS[unit.toLowerCase()] ?? 1));
}

/** `25` or `25%`. */
function shareOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number] = /^(\d{1,3})\s*%?$/.exec(text) ?? [];
  if (number === undefined || Number(number) > 100) throw new RangeError(terminalWords.usage.limit({ value: text }));
  return Number(number) / 100;
}
