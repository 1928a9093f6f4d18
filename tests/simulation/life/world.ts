import { VirtualBus, VirtualPhone } from '../../../electron/virtual/index.ts';
import { foldName } from '../../../shared/domain.ts';
import { CASE_BLIND, DECOMPOSING, EXACT, type NameRules } from '../disk/names.ts';
import { type Tree } from '../disk/tree.ts';
import { FAT_LIKE, NTFS_LIKE, Volume, type VolumeOptions } from '../disk/volume.ts';
import type { Scheduler } from '../process/scheduler.ts';
import { Ledger, filesOf, writeFile } from './ledger.ts';
import { foldersOf, type DiskKind, type PhonePlan, type Script, type Side } from './script.ts';

/** Bytes. */
const INTERNAL_BYTES = 64 * 1024 ** 3;
const CARD_BYTES = 32 * 1024 ** 3;
const ROOMY = 1024 ** 4;

/** FAT keeps dates in steps of two seconds. */
const DATE_STEP_MS = 2_000;
/** Seconds since 1970, as Android writes it into the name of what it has trashed. */
const TRASHED_UNTIL = 1_770_000_000;
/** A disk may be slow to say what it is. */
const LOOKED_AFTER_MS = 1_500;

/** The person's folder. */
export const HOME = '/home/me';
const STICK = '/media/stick';

const KINDS: Readonly<Record<DiskKind, VolumeOptions>> = {
  ext4: {},
  'case-blind': { names: CASE_BLIND },
  decomposing: { names: DECOMPOSING },
  fat: FAT_LIKE,
  ntfs: NTFS_LIKE,
  share: { hardLinks: false, refusesDates: true, tellsNoSpace: true },
};

/** Android's shared storage: apps, too, find a file by any spelling of its name. */
const ON_PHONE: NameRules = { ...EXACT, key: foldName };

/** A phone, and where its storages are. */
export interface LivingPhone {
  readonly plan: PhonePlan;
  readonly name: string;
  readonly phone: VirtualPhone;
  /** Real paths of the internal storage and of the card. */
  readonly tops: readonly string[];
}

/** A file, and what it holds: a content by its number, 0 for nothing, `undefined` for what nobody wrote. */
export interface Held {
  readonly path: string;
  readonly content: number | undefined;
  /** It is in the folder that the stick is mounted on: nobody sees it while the stick is there. */
  readonly isBelow: boolean;
}

/** The computer's disks and the phones of a life, and what each of its files held. */
export class LivingWorld {
  readonly tree: Tree;
  readonly home: Volume;
  readonly stick: Volume | undefined;
  readonly ledger = new Ledger((path) => this.key(path));
  readonly phones: readonly LivingPhone[];
  readonly bus: VirtualBus;
  readonly #keys = new Map<string, string>();
  readonly #volumes: (readonly [top: string, volume: Volume])[] = [];
  readonly #scheduler: Scheduler;
  #isStickMounted = false;
  /** When the stick was away. */
  readonly #unmounted: [from: number, to: number][] = [];
  /** Names that were taken away, and that a disk had again after a power cut. */
  readonly #broughtBack = new Set<string>();

  /** Must be made inside its life: its phones live in the simulated files. */
  constructor(script: Script, scheduler: Scheduler, tree: Tree, now: () => number) {
    this.#scheduler = scheduler;
    this.tree = tree;
    this.#volumes.push(['', tree.root]);
    // one after the other: to find none of those above costs an error each
    for (const folder of ['/home', HOME, '/media', STICK, '/tmp', '/sim']) tree.mkdirs(folder);
    this.home = new Volume(KINDS[script.computer.home], now);
    tree.mount(HOME, this.home);
    this.#volumes.push([HOME, this.home]);
    if (script.computer.stick !== undefined) {
      this.stick = new Volume(KINDS[script.computer.stick], now);
      this.#volumes.push([STICK, this.stick]);
      this.mountStick();
    }
    for (const [number, { hasCard }] of script.phones.entries())
      for (const top of hasCard ? [topOf(number, false), topOf(number, true)] : [topOf(number, false)]) {
        tree.mkdirs(top.slice(0, top.lastIndexOf('/')));
        tree.mkdirs(top);
        const volume = new Volume({ names: ON_PHONE }, now);
        tree.mount(top, volume);
        this.#volumes.push([top, volume]);
      }
    for (const { side, path, size, date } of script.files) this.#place(side, path, size, date);
    for (const [, volume] of this.#volumes) volume.syncAll();
    this.phones = script.phones.map((plan, number) => phoneOf(plan, number));
    this.bus = new VirtualBus(this.phones.map(({ phone }) => phone));
  }

  /** The same for all spellings that the disk of a path, or a phone, takes for one: paths are compared by it. */
  key(path: string): string {
    let key = this.#keys.get(path);
    if (key === undefined) this.#keys.set(path, (key = this.#keyOf(path)));
    return key;
  }

  #keyOf(path: string): string {
    if (path.startsWith('/sim/')) return path.split('/').map(foldName).join('/');
    const [top, { names }] = this.#volumeOf(path);
    if (names === EXACT) return path;
    const parts = path.slice(top.length).split('/');
    return top + parts.map((name) => names.key(names.stored(name) ?? name)).join('/');
  }

  /** The folder of a path, in the spelling of its disk. */
  realFolder(path: string): string {
    const folder = path.slice(0, path.lastIndexOf('/'));
    try {
      return this.tree.realpath(folder);
    } catch {
      return folder;
    }
  }

  #volumeOf(path: string): readonly [top: string, volume: Volume] {
    let found: readonly [string, Volume] = ['', this.tree.root];
    for (const one of this.#volumes) if (one[0].length > found[0].length && path.startsWith(`${one[0]}/`)) found = one;
    return found;
  }

  /** The real path of the top of a side. */
  top(side: Side): string {
    if (side.kind === 'phone') return topOf(side.phone, side.card);
    return side.kind === 'home' ? HOME : STICK;
  }

  /** The side on which a real path is. */
  sideOf(path: string): Side | undefined {
    const [, phone, storage] = /^\/sim\/phone(\d+)\/(card|internal)\//.exec(path) ?? [];
    if (phone !== undefined) return { kind: 'phone', phone: Number(phone), card: storage === 'card' };
    if (path.startsWith(`${HOME}/`)) return { kind: 'home' };
    return path.startsWith(`${STICK}/`) && this.stick !== undefined ? { kind: 'stick' } : undefined;
  }

  /** Bytes of what is at a path; `undefined` where nothing is. */
  sizeAt(path: string): number | undefined {
    try {
      return this.tree.look(path)?.node.size;
    } catch {
      return undefined;
    }
  }

  /** Whether two files have one size and, as exactly as disks and phones tell dates, one date. */
  areAlike(one: string, other: string): boolean {
    try {
      const [a, b] = [this.tree.lstat(one).node, this.tree.lstat(other).node];
      return a.size === b.size && Math.abs(a.mtimeMs - b.mtimeMs) <= DATE_STEP_MS;
    } catch {
      return false;
    }
  }

  /** Whether the stick was away when something was asked for at `moment`, or went before anybody could have looked. */
  wasStickAway(moment: number, lookedAfterMs = LOOKED_AFTER_MS): boolean {
    return this.#unmounted.some(([from, to]) => from < moment + lookedAfterMs && to > moment);
  }
  mountStick(): void {
    if (this.stick === undefined || this.#isStickMounted) return;
    this.tree.mount(STICK, this.stick);
    this.#isStickMounted = true;
    const away = this.#unmounted.at(-1);
    if (away !== undefined) away[1] = this.#scheduler.now;
  }
  unmountStick(): void {
    if (this.stick === undefined || !this.#isStickMounted) return;
    this.stick.syncAll();
    this.tree.unmount(STICK);
    this.#isStickMounted = false;
    this.#unmounted.push([this.#scheduler.now, Number.POSITIVE_INFINITY]);
  }
  /** Pulled out without a word: what was not synced is lost. */
  yankStick(): void {
    if (this.stick === undefined || !this.#isStickMounted) return;
    this.#cutPower(STICK, this.stick);
    this.stick.isYanked = true;
  }
  /** The system has noticed, and the stick is plugged in again. */
  replugStick(): void {
    if (this.stick === undefined) return;
    if (this.stick.isYanked) {
      this.tree.unmount(STICK);
      this.#isStickMounted = false;
    }
    this.mountStick();
  }

  /** The computer loses power; the phones do not. */
  powerCut(): void {
    this.#cutPower(HOME, this.home);
    if (this.stick !== undefined) this.#cutPower(STICK, this.stick);
  }

  #cutPower(top: string, volume: Volume): void {
    const before = new Set(filesOf(volume, top).map(({ path }) => path));
    volume.powerCut(() => this.#scheduler.random.next());
    for (const { path } of filesOf(volume, top)) if (!before.has(path)) this.#broughtBack.add(path);
  }

  /** Whether the power went before the disk had noted that this name had been taken away. */
  wasBroughtBack(path: string): boolean {
    return this.#broughtBack.has(path);
  }

  // --- other programs and apps

  /** Files below the two folders of a side, in the order of their paths. */
  filesOn(side: Side): readonly string[] {
    const volume = this.#volume(side);
    if (volume === undefined || volume.isYanked) return [];
    const folders = foldersOf(side).map((folder) => `${this.top(side)}/${folder}/`);
    return filesOf(volume, this.top(side))
      .map(({ path }) => path)
      .filter((path) => !isOurs(path) && !isHidden(path) && folders.some((folder) => path.startsWith(folder)))
      .sort();
  }

  /** Creates a file, or writes over one; resolves when a phone has noticed. */
  async write(side: Side, path: string, size: number): Promise<void> {
    if (!this.#canWrite(side)) return;
    this.#lose(path);
    const { number, bytes } = this.ledger.make(size, path);
    this.ledger.touch(path);
    const date = this.#dateFor(path, size);
    try {
      if (side.kind === 'phone') {
        const { phone } = this.#phone(side);
        // it is there before the app has told anybody
        this.ledger.put(path, number);
        await phone.touchFile(path.slice(this.top(side).length), bytes, { storage: side.card ? 1 : 0, modified: date });
        return;
      }
      this.tree.mkdirs(path.slice(0, path.lastIndexOf('/')));
      writeFile(this.tree, path, bytes, date);
      this.#syncNames(path);
      this.#put(path, number);
    } catch {
      // a name that this disk does not take, a folder in the way, no space: then it is not there
      this.ledger.give(number);
    }
  }

  /** A program saves another content into a copy of what is elsewhere as well; its number, or `undefined` where it could not. */
  saveInto(path: string, size: number): number | undefined {
    const { number, bytes } = this.ledger.make(size, path);
    try {
      writeFile(this.tree, path, bytes, this.#dateFor(path, size));
      this.#syncNames(path);
      this.#put(path, number);
      return number;
    } catch {
      this.ledger.give(number);
      return undefined;
    }
  }

  /** Of a new version. Where its size is the old one's, its date is another one: nobody could tell them apart otherwise. */
  #dateFor(path: string, size: number): number {
    const { date } = this.#scheduler;
    try {
      const node = this.tree.look(path)?.node;
      return node?.size === size ? Math.max(date, node.mtimeMs + DATE_STEP_MS) : date;
    } catch {
      return date;
    }
  }

  /** Somebody saves another middle into a file, in place; its date is later, and a phone says nothing of it. */
  async patch(side: Side, path: string): Promise<void> {
    if (!this.#canWrite(side) || this.#isLocked(path)) return;
    const before = this.holds(path);
    const patched = before === undefined ? undefined : this.ledger.patch(before, path);
    if (patched === undefined) return;
    const { node, volume } = this.tree.lstat(path);
    const date = Math.max(this.#scheduler.date, node.mtimeMs + DATE_STEP_MS);
    this.ledger.give(before);
    this.ledger.touch(path);
    this.ledger.put(path, patched.number);
    if (side.kind === 'phone')
      await this.#phone(side).phone.touchOverwrite(path.slice(this.top(side).length), patched.bytes, {
        storage: side.card ? 1 : 0,
        modified: date,
        quietly: true,
      });
    else {
      volume.write(node, patched.bytes, 0);
      volume.setDate(node, date);
      volume.sync(node);
    }
  }

  /** Where a file lies once it is trashed: on a phone beside itself, else in the trash of its disk. */
  trashed(side: Side, path: string): string {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (side.kind === 'phone') return `${path.slice(0, path.lastIndexOf('/'))}/.trashed-${TRASHED_UNTIL}-${name}`;
    return `${this.top(side)}/${side.kind === 'home' ? '.local/share/Trash' : '.Trash-0'}/files/${name}`;
  }

  async remove(side: Side, path: string): Promise<void> {
    if (!this.#canWrite(side) || this.#isLocked(path)) return;
    this.ledger.touch(path);
    this.#lose(path);
    if (side.kind === 'phone')
      await this.#phone(side).phone.touchRemove(path.slice(this.top(side).length), { storage: side.card ? 1 : 0 });
    else this.tree.remove(path);
  }

  async rename(side: Side, from: string, to: string): Promise<void> {
    if (!this.#canWrite(side) || from === to) return;
    const { ledger } = this;
    const number = this.holds(from);
    ledger.touch(from);
    ledger.touch(to);
    // in another spelling of its name it is in nobody's way
    if (this.key(from) !== this.key(to)) this.#lose(to);
    if (number !== undefined && number > 0 && side.kind === 'phone') ledger.put(to, number);
    const top = this.top(side).length;
    try {
      if (side.kind === 'phone')
        await this.#phone(side).phone.touchRename(from.slice(top), to.slice(top), { storage: side.card ? 1 : 0 });
      else {
        this.tree.mkdirs(to.slice(0, to.lastIndexOf('/')));
        this.tree.rename(from, to);
        this.#syncNames(from);
        this.#syncNames(to);
        if (number !== undefined && number > 0) this.#put(to, number);
      }
    } catch {
      // it stays where it is
    }
  }

  /** Whether a file with which names were tried is left on a disk of the computer, or one that was being opened. */
  hasTrials(): boolean {
    return [this.home, this.stick].some(
      (volume) =>
        volume !== undefined &&
        filesOf(volume, '').some(
          ({ path }) => path.includes('/.replug-') || (path.includes('.replug-copy/') && path.endsWith('.replug-part')),
        ),
    );
  }

  /** The name under which its folder lists what is at a path; `undefined` where nothing is. */
  listedAs(path: string): string | undefined {
    try {
      const real = this.tree.realpath(path);
      return real.slice(real.lastIndexOf('/') + 1);
    } catch {
      return undefined;
    }
  }

  /** Whether two paths lead to one file. */
  isSame(one: string, other: string): boolean {
    return this.tree.lstat(one).node === this.tree.lstat(other).node;
  }

  isThere(path: string): boolean {
    try {
      return this.tree.look(path) !== undefined;
    } catch {
      return false;
    }
  }

  /** Files below a real path, in order. */
  filesIn(path: string): readonly string[] {
    return this.#volumes
      .flatMap(([top, volume]) => (path.startsWith(`${top}/`) ? filesOf(volume, top) : []))
      .map((file) => file.path)
      .filter((one) => one.startsWith(`${path}/`) && !isOurs(one) && !isHidden(one))
      .sort();
  }

  /** All files of the disk at `top`. */
  everythingIn(top: string): readonly { readonly path: string; readonly size: number }[] {
    return this.#volumes
      .flatMap(([at, volume]) => (at === top ? filesOf(volume, at) : []))
      .map(({ path, node }) => ({ path, size: node.size }));
  }

  /** A path for a file of this name, in the folder that transfers bring to. */
  pathFor(side: Side, name: string): string {
    return `${this.top(side)}/${foldersOf(side)[1]}/${name}`;
  }

  /** The real path of a phone's storage, told by its size: that of a card stays. */
  topOfStorage(phone: number, capacity: number): string {
    return topOf(phone, capacity === CARD_BYTES);
  }

  /** The stick is full or may not be written to, or is well again. */
  trouble(what: 'full' | 'read-only', is: boolean): void {
    const { stick } = this;
    if (stick === undefined) return;
    if (what === 'read-only') stick.readOnly = is;
    else stick.capacity = is ? stick.capacity - stick.free : ROOMY;
  }

  /** A phone's storage takes nothing more, or is well again. */
  refuseWrites(side: Side, is: boolean): void {
    const volume = this.#volume(side);
    if (volume !== undefined) volume.readOnly = is;
  }

  /** Everything that was away is back, and nothing is in anybody's way. */
  calm(): void {
    this.trouble('full', false);
    this.trouble('read-only', false);
    this.replugStick();
    for (const volume of [this.home, this.stick]) volume?.unlockAll();
    for (const [number, { phone, plan }] of this.phones.entries()) {
      phone.plug();
      phone.unlock();
      phone.makeRoom();
      for (const storage of plan.hasCard ? [0, 1] : [0]) {
        phone.fillStorage(storage, undefined);
        this.refuseWrites({ kind: 'phone', phone: number, card: storage === 1 }, false);
      }
      if (plan.hasCard) phone.insertStorage(1);
    }
  }

  /** Another program holds a file for itself; answers how it lets go. */
  lock(path: string): () => void {
    try {
      const { node } = this.tree.lstat(path);
      node.locked = true;
      return () => {
        node.locked = false;
      };
    } catch {
      return () => undefined;
    }
  }

  /** All files of a life, wherever they are, with what they hold. */
  allFiles(): readonly Held[] {
    return this.#volumes.flatMap(([top, volume]) =>
      filesOf(volume, top).map(({ path, node }) => ({
        path,
        content: this.ledger.identify(node),
        isBelow: volume === this.tree.root && path.startsWith(`${STICK}/`),
      })),
    );
  }

  /** What a file at a path holds; `undefined` where none is, or one that nobody wrote. */
  holds(path: string): number | undefined {
    try {
      const node = this.tree.look(path)?.node;
      return node?.kind === 'file' ? this.ledger.identify(node) : undefined;
    } catch {
      return undefined;
    }
  }

  #lose(path: string): void {
    this.ledger.give(this.holds(path));
  }

  /** Another program has it for itself. */
  #isLocked(path: string): boolean {
    try {
      return this.tree.look(path)?.node.locked === true;
    } catch {
      return false;
    }
  }

  #canWrite(side: Side): boolean {
    const volume = this.#volume(side);
    if (volume === undefined || volume.isYanked || volume.readOnly) return false;
    return side.kind !== 'stick' || this.#isStickMounted;
  }

  #volume(side: Side): Volume | undefined {
    return this.#volumes.find(([top]) => top === this.top(side))?.[1];
  }

  #phone(side: Side & { readonly kind: 'phone' }): LivingPhone {
    const phone = this.phones[side.phone];
    if (phone === undefined) throw new RangeError(`no phone ${side.phone}`);
    return phone;
  }

  #place(side: Side, path: string, size: number, date: number): void {
    const volume = this.#volume(side);
    const full = `${this.top(side)}/${path}`;
    if (volume === undefined || this.holds(full) !== undefined) return;
    if (path.split('/').some((name) => volume.names.stored(name) !== name && volume.names.stored(name) === undefined))
      return;
    const { number, bytes } = this.ledger.make(size, full);
    try {
      this.tree.mkdirs(full.slice(0, full.lastIndexOf('/')));
      writeFile(this.tree, full, bytes, date);
      this.ledger.put(this.tree.realpath(full), number);
    } catch {
      this.ledger.give(number);
    }
  }

  /** Notes what is at a path now, in the disk's own spelling. */
  #put(path: string, number: number): void {
    this.ledger.touch(path);
    this.ledger.put(this.tree.realpath(path), number);
  }

  #syncNames(path: string): void {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const { volume, node } = this.tree.stat(path.slice(0, at));
      volume.sync(node);
    }
  }
}

const topOf = (phone: number, card: boolean): string => `/sim/phone${phone}/${card ? 'card' : 'internal'}`;

/** Whether it is a file that was deleted while it was open: a disk that is cut off keeps it. */
export const isHidden = (path: string): boolean => path.includes('/.fuse_hidden');

/** Whether only the program makes such names. */
export const isOurs = (path: string): boolean => path.includes('.replug-');

/** Where the program keeps copies of what was opened. */
export const COPIES = `${HOME}/.cache/replug/opened`;

/** Whether it is such a copy, or what the program notes beside it: these stay. */
export const isOpened = (path: string): boolean => path.startsWith(`${COPIES}/`) && !path.endsWith('.replug-part');

const SERIALS: Readonly<Record<PhonePlan['serial'], (number: number) => string>> = {
  own: (number) => `SERIAL${number}`,
  placeholder: () => '0123456789ABCDEF',
  none: () => '',
};

function phoneOf(plan: PhonePlan, number: number): LivingPhone {
  const name = `Phone ${number}`;
  const tops = plan.hasCard ? [topOf(number, false), topOf(number, true)] : [topOf(number, false)];
  const phone = new VirtualPhone({
    directory: topOf(number, false),
    name,
    profile: plan.profile,
    serial: SERIALS[plan.serial](number),
    capacity: INTERNAL_BYTES,
    ...(plan.hasCard
      ? {
          sdDirectory: topOf(number, true),
          sdCapacity: CARD_BYTES,
          sdName: plan.sameName ? 'Internal shared storage' : 'SD card',
          sdAfterMs: plan.cardIsLate ? 2_500 : undefined,
        }
      : {}),
    plugged: false,
  });
  return { plan, name, phone, tops };
}
