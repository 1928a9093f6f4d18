import { relative, sep } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Instant } from '../../shared/domain.ts';
import { endsConnection, problemOf } from '../../shared/errors.ts';
import type { SyncPair } from '../../shared/sync.ts';
import { isSampledWhole, type ItemRow, type TransferRow } from '../engine/index.ts';
import { areSizesUntold, type Content } from './diff.ts';
import { isNeverCompared, isOwnDate, isSameDate, type Copy } from './untouched.ts';
import { unlessLost, type Endpoint } from './endpoint.ts';
import type { LocalEndpoint } from './local-endpoint.ts';
import { byName, type PhoneEndpoint } from './phone-endpoint.ts';
import { sourceSide } from './sides.ts';
import type { SyncRow, SyncStore } from './sync-store.ts';

/**
 * What became of a transfer's files, into the record: after a transfer's end, or at the next run when the program died
 * in between. It is idempotent. Everything comes from the transfer's own items: a copy is recorded as it was when it was
 * published, never as it is now, so that whoever edited it since is seen.
 */

export interface Recorded {
  /** Copied, as they are remembered now. */
  readonly moved: readonly SyncRow[];
  readonly failed: number;
  readonly skipped: number;
  /** Taken back by the user; they are pending again. */
  readonly cancelled: number;
}

/** The pair whose transfer ended, its record and its two endpoints. */
export interface RecordParts {
  readonly pair: SyncPair;
  readonly store: SyncStore;
  readonly phone: PhoneEndpoint;
  readonly local: LocalEndpoint;
}

const AT_ONCE = 500;

/**
 * Records the items of one transfer of the pair. A row synced later takes precedence over an older transfer. Of 100,000
 * items the program is not held up: others have their turn in between. Rejects with `store` when nothing can be written.
 */
export async function recordResults(
  { pair, store, phone }: Omit<RecordParts, 'local'>,
  items: Iterable<ItemRow>,
  /** Where the pair's local folder was when the transfer was made. */
  root: string = pair.local,
): Promise<Recorded> {
  const moved: SyncRow[] = [];
  let failed = 0;
  let skipped = 0;
  let cancelled = 0;
  let changed: SyncRow[] = [];
  let looked = 0;
  for (const item of items) {
    looked += 1;
    if (looked % AT_ONCE === 0) {
      store.putRows(pair.id, changed);
      changed = [];
      await turn();
    }
    if (item.kind !== 'file') continue;
    // its path below the source folder, wherever that has moved since
    const path = item.name;
    const before = store.row(pair.id, path);
    if (before?.syncedAt !== undefined && before.status === 'synced' && before.syncedAt >= item.updatedAt) {
      moved.push(before);
      continue;
    }
    const base = rowOf(item, path, targetOf(pair, phone, root, item), before);
    switch (item.state.kind) {
      case 'done': {
        const { outcome } = item.state;
        if (outcome.kind === 'skipped') {
          skipped += 1;
          const problem = { kind: 'exists' as const, operation: 'sync', detail: outcome.why };
          changed.push({ ...base, status: 'skipped', problem });
          break;
        }
        const row: SyncRow = {
          ...base,
          status: 'synced',
          targetSize: item.size,
          // without the date the copy told, the one it was to get: one that has another counts as edited
          targetModified: (outcome.kind === 'moved' ? outcome.copyModified : undefined) ?? item.modified,
          sha256: item.sha256,
          fingerprint: undefined,
          adopted: outcome.kind === 'already-there',
          syncedAt: item.updatedAt,
          problem: undefined,
        };
        if (outcome.kind === 'moved') moved.push(row);
        changed.push(row);
        break;
      }
      case 'failed': {
        const { problem } = item.state;
        // it changed while it was copied, or has gone: the next scan decides
        if (problem.kind === 'source-changed' || problem.kind === 'missing' || problem.kind === 'source-missing') {
          changed.push({ ...base, status: 'pending', problem });
        } else {
          failed += 1;
          changed.push({ ...base, status: 'failed', problem });
        }
        break;
      }
      default:
        if (item.state.kind === 'cancelled') cancelled += 1;
        changed.push({ ...base, status: 'pending', problem: undefined });
    }
  }
  store.putRows(pair.id, changed);
  return { moved, failed, skipped, cancelled };
}

const rowOf = (item: ItemRow, path: string, target: string, before: SyncRow | undefined): SyncRow => ({
  path,
  target,
  size: item.size,
  modified: item.modified,
  targetSize: before?.targetSize,
  targetModified: before?.targetModified,
  // of the copy that is there, until another is
  sha256: before?.sha256,
  fingerprint: before?.fingerprint,
  adopted: before?.adopted === true,
  status: 'pending',
  syncedAt: before?.syncedAt,
  goneAt: undefined,
  problem: undefined,
});

function targetOf(pair: SyncPair, phone: PhoneEndpoint, root: string, item: ItemRow): string {
  const toComputer = pair.direction === 'to-computer';
  const target = toComputer ? relative(root, item.local).split(sep).join('/') : phone.below(item.phone);
  return item.savedAs === undefined ? target : target.slice(0, target.lastIndexOf('/') + 1) + item.savedAs;
}

/**
 * Looks once more at files that were just copied. A source that changed meanwhile is pending again. A phone may give a
 * copy a date of its own, or keep it in whole or even seconds: that date is noted, but only where the copy is proved to be
 * ours, by exactly the date it was sent with, or that was told when it was published, or by all of its bytes; otherwise it
 * counts as edited.
 * Answers the paths that are pending again. Rejects when the phone goes (`disconnected`, `silent`, …).
 */
export async function recheckCopies(parts: RecordParts, moved: readonly SyncRow[]): Promise<readonly string[]> {
  const { pair, store, phone, local } = parts;
  if (moved.length === 0) return [];
  const toComputer = pair.direction === 'to-computer';
  const onPhone = (row: SyncRow): string => (toComputer ? row.path : row.target);
  const listing = await phone.scanFoldersOf(moved.map(onPhone));
  const isUntold = toComputer && areSizesUntold(listing.files);
  const there = byName(listing.files);
  const here = toComputer ? undefined : await local.statAll(moved.map((row) => row.path));
  const changed: SyncRow[] = [];
  const again: string[] = [];
  for (const row of moved) {
    const now = there(onPhone(row));
    const source = toComputer ? now : here?.get(row.path);
    const isSized = source?.size === row.size || (isUntold && source?.modified !== undefined);
    const isSame = isSized && source?.modified === row.modified;
    const noted = toComputer || now === undefined ? {} : await notedOf(parts, row, now, isSame);
    // a copy that was resumed has no digest of all of it; by samples a mirror knows it later
    const compared =
      isSame && pair.deletions === 'mirror' && isNeverCompared(row)
        ? { fingerprint: await sourceSide(parts).fingerprint(row.path).catch(unlessLost) }
        : {};
    // a source that is gone altogether keeps its record: the next run sees to it
    if (!isSame && source !== undefined) {
      again.push(row.path);
      changed.push({ ...row, ...noted, status: 'pending' });
    } else if (Object.keys({ ...noted, ...compared }).length > 0) changed.push({ ...row, ...compared, ...noted });
  }
  for (let from = 0; from < changed.length; from += AT_ONCE) {
    store.putRows(pair.id, changed.slice(from, from + AT_ONCE));
    await turn();
  }
  return again;
}

/**
 * What is not noted yet of a row's content, by the source, which still is what was sent: by this later edits of a copy
 * without a date are seen. Rejects when the connection ends.
 */
export async function contentOf(source: Endpoint, { path, fingerprint, sha256 }: SyncRow): Promise<Content> {
  return {
    fingerprint: fingerprint ?? (await source.fingerprint(path).catch(unlessLost)),
    sha256: sha256 ?? (await source.digest(path).catch(unlessLost)),
  };
}

const dated = ({ size, modified }: Copy): Pick<SyncRow, 'targetSize' | 'targetModified'> => ({
  targetSize: size,
  targetModified: modified,
});

/** What is to be noted of what the phone has at a copy's place. `sourceSame`: the source is still what was sent. */
async function notedOf(parts: RecordParts, row: SyncRow, now: Copy, sourceSame: boolean): Promise<Partial<SyncRow>> {
  const content = async (): Promise<Partial<Content>> =>
    sourceSame ? contentOf(parts.local, { ...row, fingerprint: undefined }) : {};
  if (await isOurs(parts, row, now, sourceSame))
    return { ...dated(now), ...(now.modified === undefined ? await content() : {}) };
  const hasDate = now.size === row.size && isOwnDate(row.targetModified, now.modified);
  if (!hasDate) return {};
  // a coarser file system could make this date of the one it was to get as well: from now on only the content tells
  if (isOwnDate(row.modified, now.modified)) return { targetModified: undefined, ...(await content()) };
  // without the date that both have, the one it was to get: a copy that has another counts as edited
  return { targetModified: row.modified };
}

/** Whether a copy has the date that it told when it was published, or the one it was sent with: MTP cuts fractions of a second. */
const isToldDate = (now: Instant, told: Instant | undefined): boolean =>
  told !== undefined && (now === told || now === Math.floor(told / 1_000) * 1_000);

/** Whether what the phone has is the copy that was sent. `sourceSame`: the source is still what was sent. */
async function isOurs({ phone, local }: RecordParts, row: SyncRow, now: Copy, sourceSame: boolean): Promise<boolean> {
  if (now.size !== row.size) return false;
  if (now.modified === undefined) return true;
  // within two seconds of it is an edit that came at once, or how this phone keeps dates: then all of the content tells
  const isTold = isToldDate(now.modified, row.targetModified);
  // a date of its own is that of a moment ago, in whole seconds: whoever has written to it since may have left the same
  if (isTold && (!sourceSame || isSameDate(row.targetModified, row.modified))) return true;
  if (!sourceSame) return false;
  try {
    if (isTold || isSampledWhole(row.size))
      return (await phone.fingerprint(row.target)) === (await local.fingerprint(row.path));
    // samples do not see who has edited it since
    return (await phone.digest(row.target)) === (row.sha256 ?? (await local.digest(row.path)));
  } catch (error) {
    if (endsConnection(problemOf(error, 'sync').kind)) throw error;
    return false;
  }
}

/** Where the pair's local folder was when a transfer of it was made: it may have been changed since. */
export const rootOf = (pair: SyncPair, transfer: Pick<TransferRow, 'destination'> | undefined): string =>
  pair.direction === 'to-computer' ? (transfer?.destination ?? pair.local) : pair.local;

/** The origin of a pair's transfers in the engine. */
export const originOf = (pair: SyncPair): string => `sync:${pair.id}`;
