import {
  ROOT,
  baseNameOf,
  foldName,
  segmentOf,
  segmentsOf,
  type LocalPath,
  type PhonePath,
  type PhonePlace,
} from '../../../shared/domain.ts';
import { PhoneError, fail, type Problem } from '../../../shared/errors.ts';
import { skippedName } from '../../../shared/skipped-names.ts';
import type { Connection } from '../devices/device-connection.ts';
import { scanPhone } from '../devices/phone-scan.ts';
import type { Disk } from '../local/disk.ts';
import { phoneNameFor } from '../plan/plan-transfer.ts';
import { planUpload } from '../plan/plan-upload.ts';
import type { Here, There } from './pair-copies.ts';

/** What each side has: this computer as an upload would take it, the phone as a scan finds it. */

/** This computer's side. */
export interface ListedHere {
  readonly kind: 'file' | 'folder';
  /** Without the folder itself; of a file, the file alone. */
  readonly entries: readonly Here[];
  readonly skipped: number;
}

/** The phone's side. */
export interface ListedThere {
  readonly entries: readonly There[];
  readonly skipped: number;
  /** Folders of which not everything is known, and why. */
  readonly unknown: ReadonlyMap<string, Problem>;
}

/** The path without its first name. */
const belowTop = (path: string): string => path.slice(path.indexOf('/') + 1);

/**
 * Everything in a local folder, links followed, or the one file. Rejects with why `root` itself cannot be read, and with
 * `cancelled`.
 */
export async function listHere(disk: Disk, root: LocalPath, signal: AbortSignal): Promise<ListedHere> {
  const entries: Here[] = [];
  let skipped = 0;
  let kind: ListedHere['kind'] = 'file';
  const plan = planUpload(disk, [root], {
    storage: '' as PhonePlace['storage'],
    path: ROOT,
    legalFolder: (name) => phoneNameFor(name, false),
    onPhone: (name) => phoneNameFor(name, true),
    move: false,
  });
  let isTop = true;
  for await (const batch of plan)
    for (const { item, problem, skipped: why } of batch) {
      if (signal.aborted) throw fail('cancelled', 'verify');
      const isRoot = isTop;
      isTop = false;
      if (isRoot && problem !== undefined) throw new PhoneError(problem);
      if (isRoot && item.kind === 'folder') {
        kind = 'folder';
        continue;
      }
      if (why !== undefined) {
        skipped += 1;
        continue;
      }
      const expected = segmentsOf(item.phone).join('/');
      entries.push({
        path: kind === 'folder' ? belowTop(item.name) : item.name,
        expected: kind === 'folder' ? belowTop(expected) : expected,
        local: item.local,
        kind: item.kind,
        size: item.size,
        modified: item.modified,
        problem,
      });
    }
  return { kind, entries, skipped };
}

/** Everything in a folder of the phone. Rejects as `scanPhone` does. */
export async function listThere(
  connection: Connection,
  { storage, path }: PhonePlace,
  signal: AbortSignal,
): Promise<ListedThere> {
  const entries: There[] = [];
  const unknown = new Map<string, Problem>();
  let skipped = 0;
  const isMeant = (name: string): boolean => skippedName(name, 'phone') === undefined;
  const enter = (folder: PhonePath): boolean => isMeant(baseNameOf(folder));
  for await (const folder of scanPhone(connection, storage, path, { signal, enter })) {
    const below = folder.path === path ? '' : folder.path.slice(path === ROOT ? 1 : path.length + 1);
    if (folder.problem !== undefined) unknown.set(below, folder.problem);
    else if (folder.unreadable > 0)
      unknown.set(below, {
        kind: 'confused',
        operation: 'list',
        detail: `${folder.unreadable} objects cannot be described`,
        subject: folder.path,
      });
    for (const { name, kind, size, modified } of folder.entries) {
      if (!isMeant(name)) {
        skipped += 1;
        continue;
      }
      const segment = segmentOf(name);
      entries.push({ path: below === '' ? segment : `${below}/${segment}`, kind, size, modified });
    }
  }
  return { entries, skipped, unknown };
}

/** What is unknown of the folder that a path is in, however its name is spelled. */
export function unknownAbove(unknown: ReadonlyMap<string, Problem>, path: string): Problem | undefined {
  if (unknown.size === 0) return undefined;
  const wanted = path.split('/').map(foldName);
  for (const [folder, problem] of unknown) {
    const above = folder === '' ? [] : folder.split('/').map(foldName);
    if (above.length < wanted.length && above.every((name, index) => name === wanted[index])) return problem;
  }
  return undefined;
}
