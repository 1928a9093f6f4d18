import path from 'node:path';
import type { DeviceKey, LocalPath, TransferId } from '../../shared/domain.ts';
import { fail, failRequest } from '../../shared/errors.ts';
import { diskFor, type Disk, type Engine, type SecondPlace, type TransferRow } from '../engine/index.ts';
import type { PhotoStore } from './photo-store.ts';
import { IMPORT_OPTIONS } from './import.ts';
import { ORIGIN } from './record.ts';
import { secondPlacesOf, type SecondPlacesParts } from './second-places.ts';

/**
 * The second copies of an import: a transfer of its own, so that a disk which is full, slow to come back or away holds up
 * nothing but itself. The lane lets both take turns, and whichever comes second copies what the first has verified. What is
 * to be done is noted with the first transfer until the second is there, so a crash in between neither forgets nor doubles it.
 */

/** What second copies ask of the engine. */
export type SecondEngine = Pick<
  Engine,
  'disk' | 'enqueueItems' | 'transfersFrom' | 'transferRow' | 'itemRows' | 'secondMade'
>;

/**
 * A folder for second copies, with the disk it is on. It has to be there now: one that is made anew might be made in the
 * place of a disk that is away. Rejects with `bad-request` without its whole path, and with `local-missing`.
 */
async function secondPlace(disk: Disk, folder: LocalPath): Promise<SecondPlace> {
  if (!path.isAbsolute(folder)) throw failRequest('photos', { id: 'whole-path' }, undefined, { subject: folder });
  const stats = await disk.stat(folder).catch(() => undefined);
  if (stats?.isDirectory() !== true) throw fail('local-missing', 'find target', 'no such folder', { subject: folder });
  return { folder, mount: await diskFor(disk, folder) };
}

/** What they ask of what photos keep. */
type SecondStore = Pick<PhotoStore, 'settings' | 'saveSettings' | 'imports'>;

/** Second copies of all phones: their place, and the transfers that make them. */
export class SecondCopies {
  readonly #engine: SecondEngine;
  readonly #store: SecondStore;
  readonly #platform: NodeJS.Platform;
  #making: Promise<unknown> = Promise.resolve();

  constructor(engine: SecondEngine, store: SecondStore, platform: NodeJS.Platform) {
    this.#engine = engine;
    this.#store = store;
    this.#platform = platform;
  }

  /** Where they go from now on; `undefined`: there are none. Rejects as `secondPlace`. */
  async save(folder: LocalPath | undefined): Promise<void> {
    const second = folder === undefined ? undefined : await secondPlace(this.#engine.disk, folder);
    this.#store.saveSettings({ second });
  }

  /**
   * The place of an import whose copies go to `to`: `also`, else the one of the settings. A disk that is away is known by what
   * was kept when its folder was chosen. Rejects as `secondPlace`, and with `bad-request` where both are one folder.
   */
  async placeFor(to: LocalPath, also: LocalPath | undefined): Promise<SecondPlace | undefined> {
    const { second: kept } = this.#store.settings();
    const second = also === undefined || also === kept?.folder ? kept : await secondPlace(this.#engine.disk, also);
    if (second !== undefined && path.resolve(second.folder) === path.resolve(to))
      throw fail('bad-request', 'photos', 'The second copies need another folder.', { subject: to });
    return second;
  }

  /** As `makeSeconds`; one after the other, since two at once would make them twice. */
  make(device: DeviceKey): Promise<ReadonlyMap<TransferId, TransferId>> {
    const making = this.#making.then(() =>
      makeSeconds({ engine: this.#engine, store: this.#store, platform: this.#platform, device }),
    );
    this.#making = making.catch(() => undefined);
    return making;
  }

  /** What earlier runs have left to do. Rejects as `makeSeconds`. */
  async makeAll(): Promise<void> {
    for (const device of new Set(this.#engine.transfersFrom(ORIGIN).map((row) => row.device))) await this.make(device);
  }
}

/** What second copies of a phone are made with. */
interface SecondParts extends SecondPlacesParts {
  readonly engine: SecondEngine;
}

/**
 * Queues the second copies of imports that are to have some and have none yet; answers the transfers that were made, by
 * their first ones. Rejects as `enqueueItems` does.
 */
async function makeSeconds(parts: SecondParts): Promise<ReadonlyMap<TransferId, TransferId>> {
  const { engine, device } = parts;
  const made = new Map<TransferId, TransferId>();
  const imports = engine.transfersFrom(ORIGIN).filter((row) => row.device === device);
  for (const first of imports) {
    const { sources } = first;
    if (sources.kind !== 'items' || sources.second === undefined || !first.planned) continue;
    const isMade = imports.some((row) => row.sources.kind === 'items' && row.sources.twin === first.id && row.planned);
    if (!isMade && first.intent !== 'cancel') {
      const transfer = await makeSecond(parts, first, sources.second);
      if (transfer !== undefined) made.set(first.id, transfer);
    }
    engine.secondMade(first.id);
  }
  return made;
}

async function makeSecond(
  parts: SecondParts,
  first: TransferRow,
  { folder, mount }: SecondPlace,
): Promise<TransferId | undefined> {
  const { engine } = parts;
  const wanted = [...engine.itemRows(first.id)].filter(
    ({ kind, state }) => kind === 'file' && state.kind !== 'cancelled',
  );
  const items = await secondPlacesOf(parts, { folder, mount }, wanted);
  if (items.length === 0) return undefined;
  return engine.enqueueItems({
    direction: 'download',
    device: first.device,
    storage: first.storage,
    destination: folder,
    mount,
    title: first.title,
    origin: ORIGIN,
    twin: first.id,
    items,
    options: IMPORT_OPTIONS,
  });
}
