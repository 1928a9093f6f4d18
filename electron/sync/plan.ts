import type { Instant } from '../../shared/domain.ts';
import { fail, PhoneError } from '../../shared/errors.ts';
import type { CopyHold, DeletionHold, SyncAction, SyncPair, SyncPreview } from '../../shared/sync.ts';
import { localNameOf, numbered, phoneNameFor, type DiskNames } from '../engine/index.ts';
import { areSizesUntold, compare, mayBeDeleted, type CompareInput, type Verdict } from './diff.ts';
import type { Copy, Untouched } from './untouched.ts';
import { filterOf, type Candidate } from './filters.ts';
import { TargetNames } from './target-layout.ts';
import type { CopiesHere } from './copies-here.ts';
import type { LocalEndpoint } from './local-endpoint.ts';
import { byName, copyOf, scanTarget, type PhoneEndpoint } from './phone-endpoint.ts';
import { answerQuestions } from './answer-questions.ts';
import { isBelow, type Listing } from './endpoint.ts';
import { respelledRows, retargeted } from './retarget.ts';
import { sourceSide } from './sides.ts';
import { copyHoldOf, coversMissing, disksAway, isCopied, missingAmong, type MissingCopies } from './local-disk.ts';
import type { SyncDisk, SyncRow } from './sync-store.ts';

/** What a run would do, from one scan of both sides. Changes nothing. */

/** What a run would do. */
export interface Plan {
  readonly pair: SyncPair;
  readonly listing: Listing;
  readonly verdicts: readonly Verdict[];
  readonly hold: DeletionHold;
  readonly untouched: Untouched;
  /** Identity of the local folder as it was scanned; `undefined` where it was not there. */
  readonly root: string | undefined;
  readonly missing: MissingCopies;
  /** Whether those are to be made again, as the person said of these. */
  readonly areCopiesAgain: boolean;
  /** Folders below it that lie on other disks. */
  readonly mounts: readonly string[];
  /** What is remembered of copies that their folders list under another name than they were given, with that name. */
  readonly respelled: readonly SyncRow[];
  /** What is at a target, as it was looked at for this plan. */
  readonly copyAt: (target: string) => Copy | undefined;
  readonly preview: Omit<SyncPreview, 'transactions' | 'timeEstimate'>;
}

/** What a plan is made from. */
export interface PlanParts {
  readonly pair: SyncPair;
  readonly rows: ReadonlyMap<string, SyncRow>;
  readonly phone: PhoneEndpoint;
  readonly local: LocalEndpoint;
  /** The pair's disk at its last run. */
  readonly disk: SyncDisk | undefined;
  /** What names the computer's disk takes; `undefined` where copies go to the phone. */
  readonly names: DiskNames | undefined;
  /** Whether two spellings of a name, in upper and lower case say, are one file at the target. */
  readonly foldsCase: boolean;
  /** Whether the phone's storage is a card, which refuses more names. */
  readonly strictNames: boolean;
  /** The person wants copies that are missing made again, whatever the pair says; `true`: all of them, whichever those are. */
  readonly copiesAgain: boolean | MissingCopies;
  readonly now: Instant;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (folders: number, files: number) => void;
}

/** Scans both sides and compares them. Rejects as the endpoints' scans do; changes nothing. */
export async function makePlan(parts: PlanParts): Promise<Plan> {
  const { pair, signal, onProgress } = parts;
  const filter = filterOf(pair.filters);
  const request = { signal, enters: (folder: string) => filter.enters(folder), onProgress };
  const listing = withoutDisksAway(await sourceSide(parts).scan(request), parts);
  const source = listing.files.filter((file) => filter.includes(file));

  const targets = new TargetNames({
    layout: pair.direction === 'to-computer' ? pair.layout : 'as-on-phone',
    legal: (name) =>
      parts.names === undefined ? phoneNameFor(name, parts.strictNames) : localNameOf(name, parts.names),
    foldsCase: parts.foldsCase,
    numbered,
  });
  const respelled = await respelledRows(parts);
  const known = new Map(parts.rows);
  for (const row of respelled) known.set(row.path, row);
  const rows = retargeted(known, source, targets);
  const given = new Map<string, string>();
  const give = (path: string, modified: Instant | undefined): string => {
    const known = given.get(path) ?? targets.give(path, modified);
    given.set(path, known);
    return known;
  };
  const copies = await copiesAt(parts, targetsOf(source, rows, give));
  const seen = [...rows.values()].filter(({ target }) => !copies.isUnseen(target));
  const isThere = (target: string): boolean => copies.found(target) !== undefined;
  const missing = { root: await parts.local.identity(), targets: missingAmong(seen, isThere) };
  const areCopiesAgain = coversMissing(parts.copiesAgain, missing);
  const input: CompareInput = {
    source,
    present: new Set(listing.files.map((file) => file.path)),
    unknown: (path) => listing.unknown.length > 0 && isBelow(path, listing.unknown),
    rows,
    target: (target) => copies.found(target),
    isUnseen: copies.isUnseen,
    give,
    rename: (row, found) => renamedTarget(pair, targets, row, found),
    conflicts: pair.conflicts,
    mirrors: pair.deletions === 'mirror',
    removed: areCopiesAgain ? 'copy-again' : pair.removed,
    sizesUntold: pair.direction === 'to-computer' && areSizesUntold(listing.files),
  };
  const first = compare(input);
  const { verdicts, untouched } =
    first.questions.length === 0
      ? first
      : compare(input, await answerQuestions(first.questions, parts, input.target, first.untouched));
  const hold = holdOf(pair, listing, verdicts, rows.size);
  const toComputer = pair.direction === 'to-computer';
  const root = await parts.local.identity();
  const before = toComputer && root !== undefined ? parts.disk?.root : undefined;
  const copyHold = copyHoldOf({
    known: seen.filter(isCopied).length,
    missing: missing.targets.size,
    staysAway: pair.removed === 'stay-away',
    isEmpty: toComputer && (await parts.local.isEmpty()),
    isOtherDisk: before !== undefined && before !== root,
    isOtherFolder: before !== undefined && before.split(':')[1] !== root?.split(':')[1],
  });
  const preview = summary(parts, {
    listing,
    verdicts,
    hold,
    copyHold,
    leftOut: listing.files.length - source.length,
    problems: [...listing.problems, ...copies.problems],
  });
  const mounts = [...listing.mounts, ...copies.mounts];
  const copyAt = copies.found;
  return {
    pair,
    listing,
    verdicts,
    hold,
    untouched,
    root,
    missing,
    areCopiesAgain,
    mounts,
    respelled,
    copyAt,
    preview,
  };
}

/** A folder that was another disk and is not: what lay in it has not gone, it cannot be seen. */
function withoutDisksAway(listing: Listing, { pair, disk, local }: PlanParts): Listing {
  const away = disksAway(pair, disk, listing);
  if (away.length === 0) return listing;
  const problems = away.map((folder) => fail('source-missing', 'sync', '', { subject: local.resolve(folder) }).problem);
  return {
    ...listing,
    unknown: [...listing.unknown, ...away],
    problems: [...listing.problems, ...problems],
    complete: false,
  };
}

/** Every target there is, and those that new files get. */
function targetsOf(
  source: readonly Candidate[],
  rows: ReadonlyMap<string, SyncRow>,
  give: (path: string, modified: Instant | undefined) => string,
): readonly string[] {
  const remembered = [...rows.values()].map((row) => row.target);
  return [...remembered, ...source.filter(({ path }) => !rows.has(path)).map((file) => give(file.path, file.modified))];
}

/** Where the copy of a renamed file goes. By date, it stays in its month, and keeps its name as long as its source does. */
function renamedTarget(pair: SyncPair, targets: TargetNames, row: SyncRow, found: Candidate): string {
  if (pair.layout === 'as-on-phone' || pair.direction === 'to-phone')
    return targets.give(found.path, found.modified, row.path);
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  if (nameOf(row.path) === nameOf(found.path)) return row.target;
  return targets.giveIn(row.target.slice(0, row.target.lastIndexOf('/') + 1), found.path, row.path);
}

/** What lies at the targets. */
interface CopiesAt extends Pick<CopiesHere, 'isUnseen' | 'problems' | 'mounts'> {
  readonly found: (target: string) => Copy | undefined;
}

/** The copies as they are: on the computer by a stat each, on the phone by one scan of the folder. */
async function copiesAt(parts: PlanParts, paths: readonly string[]): Promise<CopiesAt> {
  switch (parts.pair.direction) {
    case 'to-computer': {
      const { found, ...more } = await parts.local.copies(paths, parts.disk?.mounts ?? []);
      return { found: (target) => found.get(target), ...more };
    }
    case 'to-phone': {
      const listing = await scanTarget(parts.phone, {
        signal: parts.signal,
        enters: () => true,
        onProgress: parts.onProgress,
      });
      const [problem] = listing.problems;
      // what cannot be seen would be sent again, or over something else
      if (problem !== undefined) throw new PhoneError(problem);
      const found = byName(listing.files);
      const copyAt = (target: string): Copy | undefined => {
        const file = found(target);
        return file && copyOf(file);
      };
      return { found: copyAt, isUnseen: () => false, problems: [], mounts: [] };
    }
  }
}

function holdOf(pair: SyncPair, listing: Listing, verdicts: readonly Verdict[], known: number): DeletionHold {
  if (pair.deletions === 'ignore') return { kind: 'none' };
  const gone = verdicts.filter(mayBeDeleted).length;
  if (gone === 0) return { kind: 'none' };
  if (!listing.complete) return { kind: 'never', why: 'incomplete' };
  if (listing.files.length === 0) return { kind: 'never', why: 'empty' };
  const share = gone / Math.max(1, known);
  return share > pair.deletionLimit ? { kind: 'ask', share } : { kind: 'none' };
}

function summary(
  { pair, now }: PlanParts,
  {
    listing,
    verdicts,
    hold,
    copyHold,
    leftOut,
    problems,
  }: Pick<Plan, 'listing' | 'verdicts' | 'hold'> &
    Pick<SyncPreview, 'leftOut' | 'problems'> & { readonly copyHold: CopyHold },
): Plan['preview'] {
  const copy = { files: 0, bytes: 0, hold: copyHold };
  const deletion = { files: 0, bytes: 0, hold };
  let skip = 0;
  let rename = 0;
  let unchanged = 0;
  let edited = 0;
  let adopted = 0;
  for (const verdict of verdicts) {
    switch (verdict.kind) {
      case 'same':
        unchanged += 1;
        if (verdict.edited) edited += 1;
        break;
      case 'adopt':
        adopted += 1;
        break;
      case 'copy':
        copy.files += 1;
        copy.bytes += verdict.found.size;
        break;
      case 'skip':
        skip += 1;
        break;
      case 'rename':
        rename += 1;
        break;
      case 'gone':
        if (verdict.edited) edited += 1;
        else if (pair.deletions === 'mirror' && mayBeDeleted(verdict)) {
          deletion.files += 1;
          deletion.bytes += verdict.row.size;
        }
        break;
    }
  }
  return {
    pair: pair.id,
    at: now,
    copy,
    skip,
    rename,
    delete: deletion,
    unchanged,
    edited,
    adopted,
    leftOut,
    problems,
    folders: listing.folders,
  };
}

/** The lines of a preview: newest copies first, deletions after them. */
export function actionsOf({ pair, verdicts }: Plan): readonly SyncAction[] {
  const copies = copiesIn(verdicts).map(({ found, target, why, conflict }): SyncAction => ({
    kind: 'copy',
    ...found,
    target,
    why,
    conflict,
  }));
  const others: SyncAction[] = [];
  for (const verdict of verdicts) {
    if (verdict.kind === 'skip')
      others.push({ kind: 'skip', path: verdict.found.path, size: verdict.found.size, why: verdict.why });
    else if (verdict.kind === 'rename')
      others.push({
        kind: 'rename',
        path: verdict.found.path,
        from: verdict.row.path,
        target: verdict.target,
        size: verdict.row.size,
      });
    else if (pair.deletions === 'mirror' && mayBeDeleted(verdict))
      others.push({ kind: 'delete', path: verdict.row.path, target: verdict.row.target, size: verdict.row.size });
  }
  return [...copies, ...others];
}

/** Source paths of the copies that a preview would delete. */
export const deletedIn = (actions: readonly SyncAction[]): ReadonlySet<string> =>
  new Set(actions.flatMap((action) => (action.kind === 'delete' ? [action.path] : [])));

/** In the order in which they go: the newest first. */
export const copiesIn = (verdicts: readonly Verdict[]): readonly Extract<Verdict, { readonly kind: 'copy' }>[] =>
  verdicts
    .filter((verdict) => verdict.kind === 'copy')
    .sort(
      (one, other) =>
        (other.found.modified ?? -Infinity) - (one.found.modified ?? -Infinity) ||
        (one.found.path < other.found.path ? -1 : 1),
    );
