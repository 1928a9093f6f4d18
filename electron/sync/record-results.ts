import { foldName, parentOf } from '../../shared/domain.ts';
import type { SyncPair } from '../../shared/sync.ts';
import type { ItemRow } from '../engine/index.ts';
import type { Copy } from './diff.ts';
import type { LocalEndpoint } from './local-endpoint.ts';
import { copiesOf, type PhoneEndpoint } from './phone-endpoint.ts';
import type { SyncRow, SyncStore } from './sync-store.ts';

/**
 * What became of a transfer's files, into the record. It may be done as often as one likes: after a transfer's end,
 * or at the next run when the program died in between.
 */

export interface Recorded {
  readonly moved: readonly SyncRow[];
  readonly failed: number;
  readonly skipped: number;
  /** Taken back by the user; they are pending again. */
  readonly cancelled: number;
}

export interface RecordParts {
  readonly pair: SyncPair;
  readonly store: SyncStore;
  readonly phone: PhoneEndpoint;
  readonly local: LocalEndpoint;
}

const AT_ONCE = 2_000;

/** Answers as the files are remembered now; the engine's own rows are the source. */
export function recordResults({ pair, store, phone, local }: RecordParts, items: Iterable<ItemRow>): Recorded {
  const known = new Map(store.rows(pair.id).map((row) => [row.path, row]));
  const moved: SyncRow[] = [];
  let failed = 0;
  let skipped = 0;
  let cancelled = 0;
  let changed: SyncRow[] = [];
  const put = (row: SyncRow): void => {
    changed.push(row);
    if (changed.length < AT_ONCE) return;
    store.putRows(pair.id, changed);
    changed = [];
  };
  for (const item of items) {
    if (item.kind !== 'file') continue;
    const path = pathOf(pair, phone, local, item);
    const before = known.get(path);
    // a row that is in step since a later moment knows better than an old transfer
    if (before?.syncedAt !== undefined && before.status === 'synced' && before.syncedAt >= item.updatedAt) {
      moved.push(before);
      continue;
    }
    const base = rowOf(item, path, targetOf(pair, phone, local, item), before);
    switch (item.state.kind) {
      case 'done': {
        const { outcome } = item.state;
        if (outcome.kind === 'skipped') {
          skipped += 1;
          const problem = { kind: 'exists' as const, operation: 'sync', detail: outcome.why };
          put({ ...base, status: 'skipped', problem });
          break;
        }
        const copy = pair.direction === 'to-computer' ? local.look(base.target) : undefined;
        const row: SyncRow = {
          ...base,
          status: 'synced',
          targetSize: copy?.size ?? item.size,
          targetModified: copy?.modified,
          sha256: item.sha256,
          fingerprint: undefined,
          syncedAt: item.updatedAt,
          problem: undefined,
        };
        if (outcome.kind === 'moved') moved.push(row);
        put(row);
        break;
      }
      case 'failed': {
        const { problem } = item.state;
        // it changed under our hands, or has gone: the next look at the phone decides
        if (problem.kind === 'source-changed' || problem.kind === 'missing' || problem.kind === 'source-missing') {
          put({ ...base, status: 'pending', problem });
        } else {
          failed += 1;
          put({ ...base, status: 'failed', problem });
        }
        break;
      }
      default:
        if (item.state.kind === 'cancelled') cancelled += 1;
        put({ ...base, status: 'pending', problem: undefined });
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
  sha256: undefined,
  fingerprint: undefined,
  status: 'pending',
  syncedAt: before?.syncedAt,
  goneAt: undefined,
  problem: undefined,
});

function pathOf(pair: SyncPair, phone: PhoneEndpoint, local: LocalEndpoint, item: ItemRow): string {
  return pair.direction === 'to-computer' ? phone.below(item.phone) : local.below(item.local);
}

function targetOf(pair: SyncPair, phone: PhoneEndpoint, local: LocalEndpoint, item: ItemRow): string {
  const target = pair.direction === 'to-computer' ? local.below(item.local) : phone.below(item.phone);
  return item.savedAs === undefined ? target : target.slice(0, target.lastIndexOf('/') + 1) + item.savedAs;
}

/**
 * One more look at what was just copied. A source that is not any more what was copied is pending again; the phone's
 * own date of a copy is noted, since Android does not keep ours for files written in place.
 * Answers the paths that are pending again.
 */
export async function lookAgain(
  { pair, store, phone, local }: RecordParts,
  moved: readonly SyncRow[],
): Promise<readonly string[]> {
  if (moved.length === 0) return [];
  const onPhone = (row: SyncRow): string => (pair.direction === 'to-computer' ? row.path : row.target);
  const folders = new Set<string>();
  for (const row of moved)
    for (
      let folder = parentOf(phone.resolve(onPhone(row)));
      !folders.has(phone.below(folder));
      folder = parentOf(folder)
    ) {
      folders.add(phone.below(folder));
      if (phone.below(folder) === '') break;
    }
  const listing = await phone.scan({
    signal: undefined,
    enters: (folder) => folders.has(folder),
    onProgress: () => undefined,
  });
  const there = copiesOf(listing.files);
  const exact = new Map<string, Copy>(listing.files.map((file) => [file.path, file]));
  const changed: SyncRow[] = [];
  const again: string[] = [];
  for (const row of moved) {
    const now = exact.get(onPhone(row)) ?? there.get(foldName(onPhone(row)));
    const source = pair.direction === 'to-computer' ? now : local.look(row.path);
    const isSame = source?.size === row.size && source.modified === row.modified;
    const noted =
      pair.direction === 'to-phone' && now !== undefined ? { targetSize: now.size, targetModified: now.modified } : {};
    // a source that is gone altogether keeps its record: the next run sees to it
    if (!isSame && source !== undefined) {
      again.push(row.path);
      changed.push({ ...row, ...noted, status: 'pending' });
    } else if (Object.keys(noted).length > 0) changed.push({ ...row, ...noted });
  }
  store.putRows(pair.id, changed);
  return again;
}

export const originOf = (pair: SyncPair): string => `sync:${pair.id}`;
