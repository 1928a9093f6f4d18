import type { CommandArgument } from '../../shared/contract.ts';
import {
  localPath,
  phonePath,
  type DeviceKey,
  type PhonePath,
  type StorageKey,
  type VerifyLevel,
} from '../../shared/domain.ts';
import {
  NO_FILTERS,
  type SyncConflicts,
  type SyncDeletions,
  type SyncDirection,
  type SyncFilters,
  type SyncKind,
  type SyncLayout,
  type SyncRemoved,
  type SyncPair,
} from '../../shared/sync.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** State of the folder pair form, as its fields hold it, and its conversion to commands. Pure. */

/** The fields of the form, as typed. */
export interface PairDraft {
  readonly name: string;
  readonly storage: StorageKey | undefined;
  readonly phone: string;
  readonly local: string;
  readonly direction: SyncDirection;
  readonly kinds: readonly SyncKind[];
  /** One pattern per line. */
  readonly include: string;
  readonly exclude: string;
  /** `2024-01-31`, the format of a date field; empty means all files. */
  readonly newerThan: string;
  /** Megabytes; empty means all files. */
  readonly largerThan: string;
  readonly deletions: SyncDeletions;
  /** Percent. */
  readonly deletionLimit: string;
  readonly conflicts: SyncConflicts;
  readonly removed: SyncRemoved;
  readonly verify: VerifyLevel;
  readonly layout: SyncLayout;
  readonly automatic: boolean;
}

const NEW: PairDraft = {
  name: '',
  storage: undefined,
  phone: '',
  local: '',
  direction: 'to-computer',
  ...filterFields(NO_FILTERS),
  deletions: 'ignore',
  deletionLimit: '25',
  conflicts: 'keep-both',
  removed: 'copy-again',
  verify: 'sampled',
  layout: 'as-on-phone',
  automatic: false,
};

/** The form of a new pair, with the default options. */
export const newDraft = (storage: StorageKey | undefined, phone: PhonePath | undefined): PairDraft => ({
  ...NEW,
  storage,
  phone: phone ?? '',
});

/** The form filled in with a pair that exists. */
export const draftOf = (pair: SyncPair): PairDraft => ({
  name: pair.name,
  storage: pair.storage,
  phone: pair.phone,
  local: pair.local,
  direction: pair.direction,
  ...filterFields(pair.filters),
  deletions: pair.deletions,
  deletionLimit: String(Math.round(pair.deletionLimit * 100)),
  conflicts: pair.conflicts,
  removed: pair.removed,
  verify: pair.verify,
  layout: pair.layout,
  automatic: pair.automatic,
});

function filterFields({
  kinds,
  include,
  exclude,
  newerThan,
  largerThan,
}: SyncFilters): Pick<PairDraft, 'kinds' | 'include' | 'exclude' | 'newerThan' | 'largerThan'> {
  return {
    kinds,
    include: include.join('\n'),
    exclude: exclude.join('\n'),
    newerThan: newerThan === undefined ? '' : dayOf(newerThan),
    largerThan: largerThan === undefined ? '' : String(largerThan / MB),
  };
}

const MB = 1_000_000;

/** The local day of an instant, in the format of a date field. */
function dayOf(instant: number): string {
  const date = new Date(instant);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
/** Local midnight of a day in that format. */
function instantOf(day: string): number | undefined {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  return year === undefined ? undefined : new Date(Number(year), Number(month) - 1, Number(date)).getTime();
}

/** The fields whose text can be wrong. */
export type Field = 'name' | 'phone' | 'local' | 'newerThan' | 'largerThan' | 'deletionLimit';

/** Characters of a pair's name at most. */
const LONGEST_NAME = 200;

/** The problem of each invalid field, in the order of the fields. Empty if the draft can be saved. */
export function problemsOf(draft: PairDraft, known?: SyncPair): ReadonlyMap<Field, string> {
  const problems = new Map<Field, string>();
  const words = windowWords.pair.wrong;
  if (known !== undefined && draft.name.trim() === '') problems.set('name', words.name);
  if (draft.name.trim().length > LONGEST_NAME) problems.set('name', words.long({ most: LONGEST_NAME }));
  if (phoneFolder(draft.phone) === undefined) problems.set('phone', words.phone({ example: '/DCIM/Camera' }));
  if (!/^(\/|[a-z]:[\\/]|\\\\)/i.test(draft.local.trim())) problems.set('local', words.local);
  if (draft.newerThan !== '' && instantOf(draft.newerThan) === undefined) problems.set('newerThan', words.date);
  if (draft.largerThan.trim() !== '' && bytesOf(draft.largerThan) === undefined) problems.set('largerThan', words.size);
  const limit = Number(draft.deletionLimit);
  if (draft.deletionLimit.trim() === '' || !(limit >= 0 && limit <= 100)) problems.set('deletionLimit', words.limit);
  return problems;
}

/** The typed folder as a path; `undefined` unless it begins with `/` and has no `.` or `..`. */
export function phoneFolder(text: string): PhonePath | undefined {
  if (!text.trim().startsWith('/')) return undefined;
  try {
    return phonePath(text.trim());
  } catch {
    return undefined;
  }
}

const bytesOf = (megabytes: string): number | undefined => {
  const value = Number(megabytes);
  return Number.isFinite(value) && value >= 0 ? Math.round(value * MB) : undefined;
};

const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The choices that apply both to a new pair and to a change of an existing one. */
function choices(draft: PairDraft): Omit<CommandArgument<'syncChange'>, 'pair' | 'local'> {
  return {
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    filters: {
      kinds: draft.kinds,
      include: lines(draft.include),
      exclude: lines(draft.exclude),
      newerThan: instantOf(draft.newerThan),
      largerThan: draft.largerThan.trim() === '' ? undefined : bytesOf(draft.largerThan),
    },
    deletions: draft.deletions,
    deletionLimit: Number(draft.deletionLimit) / 100,
    conflicts: draft.conflicts,
    removed: draft.removed,
    verify: draft.verify,
    // Copies to a phone always keep the computer's layout.
    layout: draft.direction === 'to-computer' ? draft.layout : 'as-on-phone',
    automatic: draft.automatic,
  };
}

/** Requires a draft without problems. */
export function addArgument(draft: PairDraft, device: DeviceKey): CommandArgument<'syncAdd'> | undefined {
  const path = phoneFolder(draft.phone);
  if (draft.storage === undefined || path === undefined) return undefined;
  return {
    place: { device, storage: draft.storage, path },
    local: localPath(draft.local.trim()),
    direction: draft.direction,
    ...choices(draft),
  };
}

/** The command that changes `pair` to what the form says; the local folder only if it is another. */
export function changeArgument(draft: PairDraft, pair: SyncPair): CommandArgument<'syncChange'> {
  const local = localPath(draft.local.trim());
  return { pair: pair.id, ...(local === pair.local ? {} : { local }), ...choices(draft) };
}
