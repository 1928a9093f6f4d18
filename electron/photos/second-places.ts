import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { baseNameOf, localPath, parentOf, type DeviceKey, type LocalPath } from '../../shared/domain.ts';
import { stemOf } from '../../shared/media-kinds.ts';
import {
  isMounted,
  localNameOf,
  namesOfDisk,
  usualNames,
  type Engine,
  type ItemRow,
  type NewItem,
  type SecondPlace,
} from '../engine/index.ts';
import type { PhoneFile, PhotoStore } from './photo-store.ts';
import { ORIGIN, savedPath } from './record.ts';
import { shotStem } from './shots.ts';
import { PhotoTargets } from './template.ts';

/** Where second copies go: as the first ones lie, as far as their disk can hold the names and has them free. */

/** What places are found with. */
export interface SecondPlacesParts {
  readonly engine: Pick<Engine, 'disk' | 'transfersFrom' | 'itemRows'>;
  readonly store: Pick<PhotoStore, 'imports'>;
  readonly platform: NodeJS.Platform;
  readonly device: DeviceKey;
}

/** The folders and names of the first copies, as this disk can hold them and has them free; the parts of a shot get one number. */
export async function secondPlacesOf(
  parts: SecondPlacesParts,
  { folder: to, mount }: SecondPlace,
  rows: readonly ItemRow[],
): Promise<readonly NewItem[]> {
  const { disk } = parts.engine;
  const isThere = await isMounted(disk, mount);
  // nobody knows what a disk that is away can hold: a card or a stick, most likely
  const names = isThere
    ? await namesOfDisk(disk, to, parts.platform, randomBytes(4).toString('hex'))
    : usualNames('win32');
  const legal = (name: string): string => localNameOf(name, names);
  const targets = new PhotoTargets(
    { folders: '', names: '{name}', legal, foldsCase: names.insensitive },
    async (folder) => (isThere ? disk.readdir(path.join(to, ...folder.split('/'))).catch(() => []) : []),
  );
  const earlier = new EarlierCopies(parts, to);
  const folderOf = ({ name }: ItemRow): string => path.posix.dirname(name).replace(/^\.$/, '');
  const shots = [...Map.groupBy(rows, (row) => `${folderOf(row)}/${shotStem(path.posix.basename(row.name))}`).values()];
  const namesOf = (shot: readonly ItemRow[]): readonly string[] => shot.map(({ name }) => path.posix.basename(name));
  const places = new Map<ItemRow, string>();
  const put = (shot: readonly ItemRow[], given: readonly string[]): void => {
    for (const [index, row] of shot.entries()) places.set(row, given[index] ?? row.name);
  };
  // first what has one place only
  for (const shot of shots) {
    const given = await placesBeside(targets, to, await earlier.of(shot), namesOf(shot));
    if (given !== undefined) put(shot, given);
  }
  const items: NewItem[] = [];
  for (const shot of shots) {
    const [first] = shot;
    if (first === undefined) continue;
    const folder = folderOf(first)
      .split('/')
      .map((name) => (name === '' ? '' : legal(name)))
      .join('/');
    if (!places.has(first)) put(shot, await targets.giveIn(folder, namesOf(shot), { taken: undefined, camera: '' }));
    for (const row of shot) {
      const name = places.get(row) ?? row.name;
      items.push({
        kind: 'file',
        name,
        local: localPath(path.join(to, ...name.split('/'))),
        storage: row.storage,
        phone: row.phone,
        size: row.size,
        modified: row.modified,
      });
    }
  }
  return items;
}

/** Places under the stem of the first of these copies beside which all names are free. */
async function placesBeside(
  targets: PhotoTargets,
  to: LocalPath,
  copies: readonly LocalPath[],
  names: readonly string[],
): Promise<readonly string[] | undefined> {
  for (const copy of copies) {
    const folder = path.relative(to, path.dirname(copy)).split(path.sep).join('/');
    const given = await targets.giveBeside(folder, stemOf(path.basename(copy)), names);
    if (given !== undefined) return given;
  }
  return undefined;
}

/** A copy of a phone's file: saved, or still to be saved by an import under way. */
interface Copy extends Pick<PhoneFile, 'storage' | 'path'> {
  readonly local: LocalPath;
  readonly isSaved: boolean;
}

const stemKey = ({ storage, path: phone }: Pick<PhoneFile, 'storage' | 'path'>): string =>
  `${storage}\n${parentOf(phone)}\n${stemOf(baseNameOf(phone))}`;
/** A folder with the stem under which the parts of one shot lie in it. */
const placeOf = (local: LocalPath): string => path.join(path.dirname(local), stemOf(path.basename(local)));

/**
 * Second copies of the parts of a shot that came earlier than the others: a raw file that came later than its picture stays
 * with it here as well, although its picture may have another number here.
 */
class EarlierCopies {
  readonly #parts: SecondPlacesParts;
  readonly #to: LocalPath;
  #byStem: ReadonlyMap<string, readonly Copy[]> | undefined;
  #isThere: Promise<boolean> | undefined;

  constructor(parts: SecondPlacesParts, to: LocalPath) {
    this.#parts = parts;
    this.#to = to;
  }

  /** Of the shot of which these parts come now. A copy that is gone does not count, unless its whole folder is away. */
  async of(shot: readonly ItemRow[]): Promise<readonly LocalPath[]> {
    const [first] = shot;
    if (first === undefined) return [];
    const stems = new Set(shot.map(({ storage, phone }) => stemKey({ storage, path: phone })));
    const [stem = ''] = stems;
    if (stems.size > 1) return [];
    const own = new Set(shot.map(({ phone }) => phone));
    this.#byStem ??= Map.groupBy(this.#copies(), stemKey);
    const others = (this.#byStem.get(stem) ?? []).filter((copy) => !own.has(copy.path));
    // only a part beside which the first copy was put is of this shot: a camera gives a name again
    const place = placeOf(savedPath(first));
    const parts = new Set(others.filter(({ local }) => placeOf(local) === place).map((copy) => copy.path));
    const found: LocalPath[] = [];
    for (const { path: phone, local, isSaved } of others) {
      if (!parts.has(phone) || placeOf(local) === place || !isBelow(this.#to, local)) continue;
      if (!isSaved || (await this.#isFile(local)) || !(await this.#isFolderThere())) found.push(local);
    }
    return found;
  }

  #copies(): readonly Copy[] {
    const { engine, store, device } = this.#parts;
    const saved = store
      .imports(device)
      .flatMap(({ storage, path: phone, copies }) =>
        copies.map((copy): Copy => ({ storage, path: phone, local: copy.path, isSaved: true })),
      );
    const underWay = engine
      .transfersFrom(ORIGIN)
      .filter((row) => row.device === device && row.planned && row.finishedAt === undefined)
      .flatMap(({ id }) => [...engine.itemRows(id)])
      .filter(({ kind, state }) => kind === 'file' && state.kind !== 'failed' && state.kind !== 'cancelled')
      .map((row): Copy => ({
        storage: row.storage,
        path: row.phone,
        local: savedPath(row),
        isSaved: row.state.kind === 'done',
      }));
    return [...underWay, ...saved];
  }

  async #isFile(file: LocalPath): Promise<boolean> {
    return (await this.#parts.engine.disk.lstat(file).catch(() => undefined))?.isFile() === true;
  }
  #isFolderThere(): Promise<boolean> {
    this.#isThere ??= this.#parts.engine.disk
      .stat(this.#to)
      .then((stats) => stats.isDirectory())
      .catch(() => false);
    return this.#isThere;
  }
}

function isBelow(folder: LocalPath, file: LocalPath): boolean {
  const between = path.relative(folder, file);
  return between !== '' && between !== '..' && !between.startsWith(`..${path.sep}`) && !path.isAbsolute(between);
}
