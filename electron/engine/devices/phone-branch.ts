import { joinPhonePath, type PhonePath, type StorageKey } from '../../../shared/domain.ts';
import type { FolderRef, PhoneObject } from '../../mtp/index.ts';
import type { Connection } from './device-connection.ts';
import { isAsSeen } from './phone-evidence.ts';
import { MAX_DEPTH } from './phone-tree.ts';

/** An object with all below it, as it was listed. */
export interface Branch {
  /** `undefined` for the root of a storage. */
  readonly object: PhoneObject | undefined;
  readonly path: PhonePath;
  /** Of a folder; `undefined` where it was not listed. */
  readonly children: readonly Branch[] | undefined;
}

/**
 * Lists `object` and all below it; by the listings kept unless `fresh`. A folder that is listed inside itself is
 * entered once, and nothing below `MAX_DEPTH`. Rejects as the phone does.
 */
export async function listBranch(
  { tree }: Connection,
  storage: StorageKey,
  path: PhonePath,
  object: PhoneObject | undefined,
  options: { readonly fresh?: boolean } = {},
): Promise<Branch> {
  const entered = new Set<FolderRef>();
  const walk = async (at: PhonePath, one: PhoneObject | undefined, depth: number): Promise<Branch> => {
    if (one?.kind === 'file' || depth > MAX_DEPTH) return { object: one, path: at, children: undefined };
    const folder = await tree.folder(storage, at, { priority: 'browse', ...options });
    if (entered.has(folder.ref)) return { object: one, path: at, children: undefined };
    entered.add(folder.ref);
    const children: Branch[] = [];
    for (const child of [...folder.objects]) children.push(await walk(joinPhonePath(at, child.name), child, depth + 1));
    return { object: one, path: at, children };
  };
  return walk(path, object, 0);
}

/** Files, folders with the top one, and bytes. */
export function sizeOfBranch(branch: Branch): { files: number; folders: number; bytes: number } {
  if (branch.object?.kind === 'file') return { files: 1, folders: 0, bytes: branch.object.size };
  const sum = { files: 0, folders: 1, bytes: 0 };
  for (const child of branch.children ?? []) {
    const { files, folders, bytes } = sizeOfBranch(child);
    sum.files += files;
    sum.folders += folders;
    sum.bytes += bytes;
  }
  return sum;
}

/** Whether both are the same objects, and the files as they were. */
export function isSameBranch(one: Branch, other: Branch): boolean {
  if (one.object?.handle !== other.object?.handle || one.object?.kind !== other.object?.kind) return false;
  if (one.object?.kind === 'file' && other.object !== undefined && !isAsSeen(one.object, other.object)) return false;
  const before = new Map((other.children ?? []).map((child) => [child.object?.handle, child]));
  const children = one.children ?? [];
  return (
    children.length === before.size &&
    children.every((child) => {
      const same = before.get(child.object?.handle);
      return same !== undefined && isSameBranch(child, same);
    })
  );
}
