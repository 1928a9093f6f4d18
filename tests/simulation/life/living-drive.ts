import type { Engine } from '../../../electron/engine/index.ts';
import { phonePath, type Device, type DeviceKey, type PhonePlace, type StorageKey } from '../../../shared/domain.ts';
import { problemOf } from '../../../shared/errors.ts';
import type { Finding } from './judge.ts';
import { LivingFolders, passedBy, type FolderAct, type IsTaken } from './living-folders.ts';
import { TO_PHONE, nameFor, type DrivePlan, type Side } from './script.ts';
import type { LivingWorld } from './world.ts';

/** What other programs do on a phone through the program (its drive), as the person knows them who uses them. */

/** Bytes of one write. */
const PIECE = 20_000;

/** A file that was being written and whose end was not told, or was told as a failure. */
interface Unsettled {
  readonly number: number;
  readonly before: number | undefined;
}

/** An act on a file. */
interface FileAct {
  readonly act: Exclude<DrivePlan['act'], FolderAct>;
  /** One that is there, and a name for one. */
  readonly old: string | undefined;
  readonly fresh: string;
  readonly size: number;
  /** All files of that side. */
  readonly all: readonly string[];
}

/** A storage of a phone, and where its files really are. */
interface End {
  readonly storage: StorageKey;
  readonly top: string;
  readonly side: Side;
}

/** The two sides of an act, mostly one. */
interface Where {
  readonly side: Side;
  /** Where what is moved or copied goes to. */
  readonly target: Side;
  readonly placeOf: (path: string) => PhonePlace;
}

/** Files and folders on which something is being done. */
interface Busy {
  readonly files: string[];
  readonly folders: string[];
}

/** Plays them, and looks at what is told as done. */
export class LivingDrive {
  readonly #world: LivingWorld;
  readonly #tell: (line: string) => void;
  readonly #find: (finding: Finding) => void;
  readonly #devices = new Set<DeviceKey>();
  readonly #unsettled = new Set<Unsettled>();
  /** Contents that are being moved or copied. */
  readonly #brought: number[] = [];
  readonly #folders: LivingFolders;
  /** What each program is being asked to do: who changes a folder does nothing else in it meanwhile. */
  readonly #busy = new WeakMap<Engine['files'], Busy>();
  readonly #isTaken: IsTaken;
  /** The program is going to be closed: what waited for its phone begins no more. */
  #isOver = false;

  constructor(
    world: LivingWorld,
    {
      tell,
      find,
      isTaken,
    }: {
      readonly tell: (line: string) => void;
      readonly find: (finding: Finding) => void;
      readonly isTaken: IsTaken;
    },
  ) {
    this.#world = world;
    this.#tell = tell;
    this.#find = find;
    this.#isTaken = isTaken;
    this.#folders = new LivingFolders(world, find, isTaken);
  }

  /** Phones on which something was made. */
  get devices(): ReadonlySet<DeviceKey> {
    return this.#devices;
  }

  /** Does one thing, as a file manager does: it looks first, and means what it was shown. Never rejects. */
  async do(files: Engine['files'], plan: DrivePlan, device: Device): Promise<void> {
    const ends = [plan.card, plan.card !== (plan.across === true)].flatMap((card) => this.#endOf(device, plan, card));
    const [from, to] = ends;
    if (from === undefined || to === undefined) return;
    this.#devices.add(device.key);
    const placeOf = (path: string): PhonePlace => {
      const { top, storage } = ends.find((one) => path.startsWith(`${one.top}/`)) ?? from;
      return { device: device.key, storage, path: phonePath(path.slice(top.length)) };
    };
    try {
      await this.#act(files, plan, { side: from.side, target: to.side, placeOf });
    } catch (error) {
      this.#tell(`the drive: ${problemOf(error).kind}: ${String(error)}`);
    }
  }

  /** The storage that is there in place of a card that is out is the internal one. */
  #endOf(device: Device, { phone }: DrivePlan, card: boolean): readonly End[] {
    const storage = device.storages[card ? 1 : 0] ?? device.storages[0];
    if (storage === undefined) return [];
    const top = this.#world.topOfStorage(phone, storage.capacity);
    const side = this.#world.sideOf(`${top}/x`);
    return side === undefined ? [] : [{ storage: storage.key, top, side }];
  }

  async #act(files: Engine['files'], { act, which, size }: DrivePlan, where: Where): Promise<void> {
    const { side, target } = where;
    const all = this.#world.filesOn(side);
    // no phone has two files whose names differ in case alone
    const isTwin = (path: string): boolean =>
      all.some((one) => one !== path && this.#world.key(one) === this.#world.key(path));
    const there = all.filter((path) => !isTwin(path));
    const old = there[which % Math.max(1, there.length)];
    const fresh = this.#world.pathFor(act === 'move' || act === 'copy' ? target : side, nameFor(which + 3));
    if (isOfFolder(act)) {
      await this.#onFolder(files, act, which, where);
      return;
    }
    const paths = [fresh, ...(old === undefined ? [] : [old])];
    const busy = this.#busyWith(files);
    if (paths.some((path) => busy.folders.some(isAbove(path)))) return;
    await noted(busy.files, paths, () => this.#onFile(files, { act, old, fresh, size, all }, where));
  }

  /** Whether nothing that was asked of a program's drive is under way. */
  isQuiet(files: Engine['files']): boolean {
    const busy = this.#busyWith(files);
    return busy.files.length === 0 && busy.folders.length === 0;
  }

  #busyWith(files: Engine['files']): Busy {
    const known = this.#busy.get(files) ?? { files: [], folders: [] };
    this.#busy.set(files, known);
    return known;
  }

  async #onFolder(
    files: Engine['files'],
    act: FolderAct,
    which: number,
    { side, target, placeOf }: Where,
  ): Promise<void> {
    const ends = this.#folders.ends(side, act, which, target);
    if (ends === undefined) return;
    const folders = [ends.from, ends.to];
    const busy = this.#busyWith(files);
    const isTaken = (path: string): boolean => folders.some((one) => isAbove(path)(one) || isAbove(one)(path));
    if ([...busy.files, ...busy.folders].some(isTaken)) return;
    await noted(busy.folders, folders, async () => {
      await this.#makeFolder(files, placeOf(`${this.#world.top(target)}/${TO_PHONE}`));
      await this.#folders.do(files, act, ends, placeOf);
      this.#tell(`the drive: ${act} of ${ends.from} to ${ends.to} is done`);
    });
  }

  async #onFile(
    files: Engine['files'],
    { act, old, fresh, size, all }: FileAct,
    { side, target, placeOf }: Where,
  ): Promise<void> {
    switch (act) {
      case 'write':
        if (all.filter((one) => this.#world.key(one) === this.#world.key(fresh)).length > 1) return;
        await this.#makeFolder(files, placeOf(`${this.#world.top(side)}/${TO_PHONE}`));
        await this.#write(files, fresh, placeOf(fresh), size);
        return;
      case 'replace':
        if (old !== undefined) await this.#write(files, old, placeOf(old), size);
        return;
      case 'read':
        if (old !== undefined) await this.#read(files, old, placeOf(old));
        return;
      case 'remove':
        if (old !== undefined) await this.#remove(files, old, placeOf(old));
        return;
      case 'move':
      case 'copy':
        if (old === undefined) return;
        await this.#makeFolder(files, placeOf(`${this.#world.top(target)}/${TO_PHONE}`));
        await this.#bring(files, act, { path: old, place: placeOf(old) }, { path: fresh, place: placeOf(fresh) });
        return;
    }
  }

  #makeFolder(files: Engine['files'], place: PhonePlace): Promise<void> {
    return files.makeFolder(place).then(
      () => undefined,
      () => undefined,
    );
  }

  async #write(files: Engine['files'], path: string, place: PhonePlace, size: number): Promise<void> {
    const first = this.#world.holds(this.#takenFor(path));
    const shown = await files.find(place).catch(() => 'nothing' as const);
    if (this.#isOver) return;
    const { ledger } = this.#world;
    const { number, bytes } = ledger.make(size, path);
    ledger.touch(path);
    // it may come there though it was told that it did not
    ledger.put(path, number);
    // in the spelling in which it is there; what is being moved away may come back
    const unsettled: Unsettled = { number, before: this.#world.holds(this.#takenFor(path)) ?? first };
    this.#unsettled.add(unsettled);
    const file = await files.write(place, { size: bytes.byteLength, shown });
    try {
      for (let at = 0; at < bytes.byteLength; at += PIECE) await file.write(bytes.slice(at, at + PIECE));
      const { touches } = ledger;
      await file.finish();
      this.#unsettled.delete(unsettled);
      if (unsettled.before !== number) ledger.give(unsettled.before);
      this.#tell(`the drive has written ${path}`);
      if (ledger.touches === touches && this.#world.holds(path) !== number)
        this.#find({ kind: 'untrue', what: `${path} is called written, and holds something else` });
    } catch (error) {
      await file.abandon();
      throw error;
    }
  }

  /** The file that a phone takes for one of this name: it compares what is composed with what is not. */
  #takenFor(path: string): string {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const isSame = (one: string): boolean => one.normalize('NFC') === path.normalize('NFC');
    const there = this.#world.filesIn(folder);
    return there.includes(path) ? path : (there.find(isSame) ?? path);
  }

  async #read(files: Engine['files'], path: string, place: PhonePlace): Promise<void> {
    const { touches } = this.#world.ledger;
    const file = await files.open(place);
    const bytes = await file.read(0, file.size).finally(() => {
      file.close();
    });
    if (this.#world.ledger.touches !== touches) return;
    if (this.#world.ledger.contentOf(bytes) === undefined)
      this.#find({ kind: 'mixed', what: `${path} was read, and is neither whole nor anybody's` });
  }

  async #remove(files: Engine['files'], path: string, place: PhonePlace): Promise<void> {
    const shown = await files.find(place);
    const { ledger } = this.#world;
    ledger.touch(path);
    ledger.give(this.#world.holds(path));
    const { touches } = ledger;
    await files.remove(place, shown);
    if (ledger.touches === touches && this.#world.isThere(path))
      this.#find({ kind: 'untrue', what: `${path} is called deleted, and is there` });
  }

  async #bring(
    files: Engine['files'],
    act: 'move' | 'copy',
    from: { readonly path: string; readonly place: PhonePlace },
    to: { readonly path: string; readonly place: PhonePlace },
  ): Promise<void> {
    const { ledger } = this.#world;
    const number = this.#world.holds(from.path);
    // what a killed program has left of an upload; nobody wants that elsewhere
    if (number === undefined && this.#world.isThere(from.path)) return;
    // a file that is being written, moved or copied by now may get that name before it is read
    const mayBe = new Set([number, ...[...this.#unsettled].map((one) => one.number), ...this.#brought]);
    if (number !== undefined) this.#brought.push(number);
    const places = [...passedBy(from.path, to.path), to.path];
    for (const path of places) {
      ledger.touch(path);
      for (const one of mayBe) if (one !== undefined) ledger.put(path, one);
    }
    if (act === 'move') ledger.touch(from.path);
    const { touches } = ledger;
    const bring = (): Promise<void> =>
      act === 'move'
        ? files.move(from.place, to.place, 'nothing')
        : files.copy(from.place, to.place, { shown: 'nothing' });
    await bring().finally(() => {
      if (number !== undefined) this.#brought.splice(this.#brought.indexOf(number), 1);
      // what somebody wrote into it meanwhile came along
      for (const path of places) {
        const came = this.#world.holds(path);
        if (came !== undefined && ledger.versions(from.path).includes(came)) ledger.put(path, came);
      }
    });
    this.#tell(`the drive: ${act} of ${from.path} to ${to.path} is done`);
    if (ledger.touches !== touches) return;
    if (!mayBe.has(this.#world.holds(to.path)) && !this.#isTaken(to.path, number))
      this.#find({ kind: 'untrue', what: `${act} to ${to.path} is called done, and it holds something else` });
    // another file may have been written to its name meanwhile; all empty ones are alike
    const isStill = number !== undefined && number > 0 && this.#world.holds(from.path) === number;
    if (act === 'move' && isStill && !this.#world.isSame(from.path, to.path))
      this.#find({ kind: 'untrue', what: `${from.path} is called moved, and is still there` });
  }

  /** What was not told as done may have come to either end, but to one of them. */
  settle(): void {
    this.#isOver = true;
    this.#folders.settle();
    const whole = new Set(this.#world.allFiles().map(({ content }) => content));
    for (const { number, before } of this.#unsettled)
      this.#world.ledger.give(whole.has(number) || this.#world.ledger.isGiven(number) ? before : number);
    this.#unsettled.clear();
  }
}

const isOfFolder = (act: DrivePlan['act']): act is FolderAct => act.endsWith('-folder');

/** Whether a folder is a path, or leads to it. */
const isAbove =
  (path: string) =>
  (folder: string): boolean =>
    `${path}/`.startsWith(`${folder}/`);

/** Notes paths in a list while something is done. Rejects as that does. */
async function noted(list: string[], paths: readonly string[], work: () => Promise<void>): Promise<void> {
  list.push(...paths);
  await work().finally(() => {
    for (const path of paths) list.splice(list.indexOf(path), 1);
  });
}
