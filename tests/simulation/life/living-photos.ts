import type { TransferRow } from '../../../electron/engine/index.ts';
import type { Photos } from '../../../electron/photos/index.ts';
import { localPath, type Device, type DeviceKey, type LocalPath, type TransferId } from '../../../shared/domain.ts';
import type { PhotoShot } from '../../../shared/photos.ts';
import type { Asked, Finding } from './judge.ts';
import { TO_HOME, type PhotoPlan } from './script.ts';
import type { LivingWorld } from './world.ts';

/** Imports of a life and what it frees, as the person knows them who asked for them. */

/** Imports in the calm: until nothing is new, or as many as nobody would begin any more. */
const MOST_IMPORTS = 6;

interface Import {
  readonly plan: PhotoPlan;
  /** Real path of its storage. */
  readonly top: string;
  readonly to: LocalPath;
  readonly device: DeviceKey;
  /** Each time that it was asked for, and when it had looked where the disk is. */
  readonly looks: { readonly at: number; seenAt: number | undefined }[];
  /** In the calm: how many were taken each time, and in which program one is under way. */
  readonly taken: number[];
  busy: Photos | undefined;
}

export class LivingPhotos {
  readonly #world: LivingWorld;
  readonly #tell: (line: string) => void;
  readonly #find: (finding: Finding) => void;
  readonly #now: () => number;
  /** By destination. */
  readonly #imports = new Map<string, Import>();
  readonly #transfers = new Map<TransferId, Asked>();
  readonly #freed = new Set<string>();

  constructor(
    world: LivingWorld,
    {
      tell,
      find,
      now,
    }: {
      readonly tell: (line: string) => void;
      readonly find: (finding: Finding) => void;
      readonly now: () => number;
    },
  ) {
    this.#world = world;
    this.#tell = tell;
    this.#find = find;
    this.#now = now;
  }

  /** Real paths that a person has asked to be freed, as their disks take them. */
  get freed(): ReadonlySet<string> {
    return this.#freed;
  }

  /** Where the photos of phones go to that are another phone with each plug. */
  get strangersImports(): readonly string[] {
    return [...this.#imports.values()]
      .filter(({ plan }) => this.#world.phones[plan.phone]?.plan.serial !== 'own')
      .map(({ to }) => to);
  }

  /** Looks at a phone and imports what is new of one storage. Never rejects. */
  async import(photos: Photos, plan: PhotoPlan, device: Device): Promise<void> {
    const storage = device.storages[plan.card ? 1 : 0] ?? device.storages[0];
    if (storage === undefined) return;
    const here = this.#world.top({ kind: plan.stick && this.#world.stick !== undefined ? 'stick' : 'home' });
    const to = localPath(`${here}/${TO_HOME}/phone ${plan.phone}${plan.card ? ' card' : ''}`);
    const top = this.#world.topOfStorage(plan.phone, storage.capacity);
    let one = this.#imports.get(to);
    if (one === undefined) {
      one = { plan, top, to, device: device.key, looks: [], taken: [], busy: undefined };
      this.#imports.set(to, one);
    }
    try {
      await photos.look(device.key, { to });
      const taken = await this.#take(photos, device, one);
      this.#tell(`an import of ${taken}`);
    } catch (error) {
      this.#tell(`no import: ${String(error)}`);
    }
  }

  /** Hears of each path at which the program has seen something: an import looks first of all where its disk is. */
  saw(path: string): void {
    for (const { to, looks } of this.#imports.values()) {
      const last = looks.at(-1);
      if (last !== undefined && `${to}/`.startsWith(`${path}/`)) last.seenAt ??= this.#now();
    }
  }

  async #take(photos: Photos, device: Device, one: Import): Promise<number> {
    const {
      to,
      top,
      plan: { phone },
    } = one;
    one.looks.push({ at: this.#now(), seenAt: undefined });
    const shots = photos
      .shots(device.key)
      .filter(({ parts }) => parts.every((part) => this.#topOf(device, phone, part.storage) === top))
      .map(({ id }) => id);
    const { files } = await photos.import(device.key, { to, shots });
    return files.length;
  }

  #topOf(device: Device, phone: number, key: string): string | undefined {
    const storage = device.storages.find((one) => one.key === key);
    return storage === undefined ? undefined : this.#world.topOfStorage(phone, storage.capacity);
  }

  /** Looks at a phone and frees it of all that is shown, whatever is known of it. Never rejects. */
  async free(photos: Photos, { phone }: PhotoPlan, device: Device): Promise<void> {
    try {
      await photos.look(device.key);
      const shots = photos.shots(device.key);
      const paths = (shot: PhotoShot): readonly string[] =>
        shot.parts.map((part) => `${this.#topOf(device, phone, part.storage) ?? ''}${part.path}`);
      const { ledger } = this.#world;
      const before = new Map(this.#world.allFiles().map(({ path, content }) => [this.#world.key(path), content]));
      const { touches } = ledger;
      for (const path of shots.flatMap(paths)) this.#freed.add(this.#world.key(path));
      const report = await photos.free(
        device.key,
        shots.map(({ id }) => id),
      );
      this.#tell(`freed ${JSON.stringify(report.shots.map(({ path, freed, why }) => [path, freed, why]))}`);
      if (ledger.touches !== touches) return;
      const left = new Set(this.#world.allFiles().map(({ content }) => content));
      for (const { shot, freed } of report.shots)
        for (const path of freed ? paths(shot) : []) {
          const content = before.get(this.#world.key(path));
          if (content !== undefined && content > 0 && !left.has(content))
            this.#find({ kind: 'lost', what: `${path} was freed, and nothing else holds what it held` });
        }
    } catch (error) {
      this.#tell(`not freed: ${String(error)}`);
    }
  }

  /** Imports once more what is new, as a person does who has nothing else to do. */
  goOn(photos: Photos, devices: readonly Device[]): void {
    for (const one of this.#imports.values()) {
      const device = devices.find(({ key, state }) => key === one.device && state.kind === 'ready');
      if (device === undefined || one.busy === photos || isSettled(one)) continue;
      one.busy = photos;
      photos
        .look(one.device, { to: one.to })
        .then(() => this.#take(photos, device, one))
        .then(
          (taken) => {
            this.#tell(`an import of ${taken} in the calm`);
            one.taken.push(taken);
          },
          (error: unknown) => {
            this.#tell(`no import: ${String(error)}`);
            one.taken.push(Number.NaN);
          },
        )
        .finally(() => {
          if (one.busy === photos) one.busy = undefined;
        });
    }
  }

  /** Whether all that can be imported is. `isLate`: a phone that is not there would be by now. */
  areSettled(isHere: (key: DeviceKey) => boolean, isLate: boolean): boolean {
    return [...this.#imports.values()].every(
      (one) => isSettled(one) || (isLate && one.busy === undefined && !isHere(one.device)),
    );
  }

  /** The transfers of all imports. */
  asked(rows: readonly TransferRow[]): readonly Asked[] {
    if (this.#imports.size === 0) return [];
    for (const { id, sources, destination } of rows) {
      const one = this.#imports.get(destination);
      if (sources.kind !== 'items' || sources.origin !== 'photos' || one === undefined || this.#transfers.has(id))
        continue;
      this.#transfers.set(id, {
        id,
        kind: 'pull',
        phone: one.plan.phone,
        top: one.top,
        isOfPair: false,
        moves: false,
        mayReplace: false,
        mayMove: false,
        at: one.looks[0]?.at ?? 0,
        looks: one.looks,
        onStick: one.to.startsWith(`${this.#world.top({ kind: 'stick' })}/`),
      });
    }
    return [...this.#transfers.values()];
  }

  /** Which phone it was that was known under a key. */
  phoneOf(key: DeviceKey): number | undefined {
    return [...this.#imports.values()].find(({ device }) => device === key)?.plan.phone;
  }

  /** What was imported whole is not offered again. `failed`: whether an item of a transfer failed. */
  findings(failed: (id: TransferId) => boolean): readonly Finding[] {
    const hasFailed = [...this.#transfers.keys()].some(failed);
    return [...this.#imports.values()]
      .filter(
        ({ taken, plan }) =>
          taken.length >= MOST_IMPORTS &&
          taken.every((count) => count > 0) &&
          this.#world.phones[plan.phone]?.plan.serial === 'own',
      )
      .filter(() => !hasFailed)
      .map(({ to, taken }) => ({
        kind: 'again',
        what: `what was imported to ${to} is new again: ${taken.join(', ')}`,
      }));
  }
}

const isSettled = ({ taken }: Import): boolean => taken.at(-1) === 0 || taken.length >= MOST_IMPORTS;
