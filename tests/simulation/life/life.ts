import { enter, dropIntervals } from '../process/take-over.ts';
import { Engine, type EnqueueRequest, type ItemRow, type TransferRow } from '../../../electron/engine/index.ts';
import { Photos } from '../../../electron/photos/index.ts';
import { Sync } from '../../../electron/sync/index.ts';
import {
  localPath,
  phonePath,
  type Device,
  type DeviceKey,
  type ItemId,
  type TransferId,
} from '../../../shared/domain.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import { Tree } from '../disk/tree.ts';
import { Volume } from '../disk/volume.ts';
import { Random } from '../process/random.ts';
import { Scheduler } from '../process/scheduler.ts';
import { MemoryDatabases, SqliteDatabases, type Databases } from './databases.ts';
import { FolderPairs } from './folder-pairs.ts';
import { DEAD, Gate } from './gate.ts';
import { sourceOf, targetOf } from './item-places.ts';
import { judge, type Asked, type Confirmed, type Finding } from './judge.ts';
import { judgePairs } from './judge-pairs.ts';
import { LivingCatalogue } from './living-catalogue.ts';
import { LivingDrive } from './living-drive.ts';
import { LivingOpening } from './living-opening.ts';
import { LivingPhotos } from './living-photos.ts';
import { Moments } from './moments.ts';
import { Requests, type OpenRequest } from './requests.ts';
import {
  FROM_HOME,
  FROM_PHONE,
  QUIET_FROM_MS,
  TO_HOME,
  TO_PHONE,
  WHOLE_BELOW,
  nameFor,
  type Deed,
  type Script,
  type Side,
} from './script.ts';
import { COPIES, HOME, LivingWorld } from './world.ts';
import { answer } from '../../support/answer.ts';

/** Simulated milliseconds in which everything must end once nothing happens any more. */
const QUIET_LIMIT_MS = 30 * 60_000;
/** How often the person looks at the screen then. */
const LOOK_MS = 3_000;
/** How long a person waits for a phone to appear before they give up what they wanted to do with it. */
const PATIENCE_MS = 8_000;
/** Between two looks whether a phone has fallen silent. */
const SILENCE_LOOK_MS = 100;
const FIRST_PID = 1_000;
/** In which a program that is closed has to end. */
const MOST_ENDING_MS = 120_000;
/** After which a phone that is not there does not come any more: nobody knows it under that key. */
const ARRIVING_MS = 90_000;
/** For what was made and given up to be removed. */
const CLEANING_MS = 60_000;
/** A deletion may take ten minutes without a sign of life; then a phone that is silent is tried again and again and reset. */
const CLEANING_AFTER_SILENCE_MS = 900_000;
/** A program has tidied up by then what the last one had for a moment. */
const STARTING_MS = 1_000;
/** How often a person asks for what a database refuses. */
const MOST_TRIES = 5;

/** What a life came to. */
export interface Lived {
  readonly findings: readonly Finding[];
  /** Everything that happened, in order; the same for the same script. */
  readonly trace: readonly string[];
  readonly steps: number;
  /** Simulated milliseconds. */
  readonly ms: number;
}

/**
 * Plays a script to its end and judges what is left. One life at a time: it takes the place of the machine. `traced`: whether
 * anybody wants the trace; without, it is empty.
 */
export async function live(script: Script, traced = false): Promise<Lived> {
  if (script.database === 'sqlite') await SqliteDatabases.prepare();
  const life = new Life(script, traced);
  try {
    return await life.live();
  } finally {
    enter(undefined);
    life.end();
  }
}

/** A running program. */
interface Program {
  readonly engine: Engine;
  readonly sync: Sync;
  /** Only where somebody imports. */
  readonly photos: Photos | undefined;
  readonly catalogue: LivingCatalogue | undefined;
  readonly gate: Gate;
}

class Life {
  readonly #script: Script;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #world: LivingWorld;
  readonly #databases: Databases;
  readonly #pairs: FolderPairs;
  readonly #photos: LivingPhotos;
  readonly #drive: LivingDrive;
  readonly #opening: LivingOpening;
  readonly #catalogue: LivingCatalogue | undefined;
  readonly #moments: Moments;
  readonly #isTraced: boolean;
  readonly #trace: string[] = [];
  readonly #findings: Finding[] = [];
  readonly #requests = new Requests();
  #program: Program | undefined;
  /** One that is being closed: no other one begins on its store before it has ended. */
  #closing: Program | undefined;
  /** It turned in circles: nobody starts it again. */
  #isStuck = false;
  #starts = 0;
  #powerCuts = 0;
  /** When the program was started last, in simulated milliseconds. */
  #startedAt = 0;
  #isCalm = false;
  /** What happened so far that may have interrupted something. */
  #interruptions = 0;
  readonly #confirmed = new Map<ItemId, Confirmed>();

  constructor(script: Script, traced: boolean) {
    this.#script = script;
    this.#isTraced = traced;
    this.#random = new Random(script.seed ^ 0x5eed);
    this.#scheduler = new Scheduler(this.#random.fork(), (error) => this.#stray(error));
    const now = (): number => this.#scheduler.date;
    const tree = new Tree(new Volume({}, now));
    enter({ scheduler: this.#scheduler, random: this.#random.fork(), tree, pid: () => FIRST_PID + this.#starts });
    this.#world = new LivingWorld(script, this.#scheduler, tree, now);
    this.#databases = script.database === 'sqlite' ? new SqliteDatabases() : new MemoryDatabases();
    const tell = (line: string): void => this.#tell(line);
    this.#pairs = new FolderPairs(this.#databases, this.#world, tell);
    const find = (finding: Finding): void => void this.#findings.push(finding);
    this.#photos = new LivingPhotos(this.#world, { tell, find, now: () => this.#scheduler.now });
    const isTaken = (path: string, number: number | undefined): boolean => this.#isTaken(path, number);
    this.#drive = new LivingDrive(this.#world, { tell, find, isTaken });
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        this.#scheduler.after(ms, resolve);
      });
    this.#opening = new LivingOpening(this.#world, { tell, find, sleep });
    this.#catalogue = script.hasCatalogue === true ? new LivingCatalogue(this.#world, tell) : undefined;
    this.#moments = new Moments(this.#scheduler);
  }

  end(): void {
    this.#databases.end();
  }

  async live(): Promise<Lived> {
    const stray = (error: unknown): void => this.#stray(error);
    process.on('unhandledRejection', stray);
    try {
      await this.#happen();
    } finally {
      process.off('unhandledRejection', stray);
    }
    return {
      findings: this.#findings,
      trace: this.#trace,
      steps: this.#scheduler.steps,
      ms: this.#scheduler.now,
    };
  }

  async #happen(): Promise<void> {
    const { deeds } = this.#script;
    for (const [number, { phone, plan }] of this.#world.phones.entries()) {
      phone.onOperation((operation) => {
        if (this.#isTraced) this.#tell(`phone ${number} 0x${operation.toString(16)}`);
        this.#moments.operation(number, operation);
        return this.#scheduler.soon(() => undefined, plan.answersInMs ?? 1);
      });
      phone.plug();
    }
    this.#start();
    for (const deed of deeds)
      this.#scheduler.after(deed.at, () => {
        const act = (): void => void this.#do(deed).catch((error: unknown) => this.#stray(error));
        if (deed.on === undefined) act();
        else this.#moments.at(deed.on, act);
      });
    await this.#scheduler.run(() => false, this.#quietFrom);
    this.#calm();
    const isOver = await this.#until(() => this.#allEnded(), QUIET_LIMIT_MS);
    if (!isOver) this.#findings.push(...this.#unended());
    const areSettled = isOver && (await this.#settle());
    if (!this.#isDriveQuiet && !(await this.#until(() => this.#isDriveQuiet, QUIET_LIMIT_MS)))
      this.#findings.push({ kind: 'waits', what: 'what was asked of the drive does not end' });
    this.#cancelFailed();
    await this.#until(() => this.#isClean(), this.#hasKind('silent') ? CLEANING_AFTER_SILENCE_MS : CLEANING_MS);
    if ((this.#hasKind('phone-read-only') || this.#hasKind('read-only')) && !this.#isClean()) {
      // what a phone or a disk has refused is tried again at the next plug
      await Promise.all(this.#world.phones.map(({ phone }) => phone.unplug()));
      await this.#until(() => this.#isClean(), CLEANING_MS);
    }
    // it may have been started only just now
    await this.#scheduler.run(() => false, Math.max(this.#scheduler.now, this.#startedAt + STARTING_MS));
    const catalogue = this.#catalogue;
    if (catalogue !== undefined) {
      const isSettled = (): boolean => catalogue.isSettled(this.#program?.engine.devices ?? []);
      if (await this.#until(isSettled, QUIET_LIMIT_MS)) this.#findings.push(...catalogue.findings());
      else this.#findings.push({ kind: 'waits', what: `a catalogue is not complete: ${catalogue.told()}` });
    }
    // a pair that was made meanwhile, of a phone that has only just come back
    if (areSettled) await this.#settle();
    this.#drive.settle();
    const rows = this.#rows();
    const pairs = this.#pairs.ends();
    this.#findings.push(...this.#photos.findings((id) => this.#rowsOf(id).some(({ state }) => state.kind !== 'done')));
    await this.#quit();
    if (this.#isTraced) this.#tellEnd(rows);
    const evidence = {
      world: this.#world,
      rows,
      powerCuts: this.#powerCuts,
      confirmed: this.#confirmed,
      harms: this.#world.phones.flatMap(({ phone }) => phone.harms),
      pairs,
      freed: this.#photos.freed,
      strangersImports: this.#photos.strangersImports,
    };
    this.#findings.push(...judge(evidence), ...judgePairs(evidence));
  }

  /** Lets pairs and imports run until they are in step; answers whether they came to that. */
  async #settle(): Promise<boolean> {
    if (await this.#until(() => this.#arePairsSettled(), QUIET_LIMIT_MS)) return true;
    this.#findings.push({ kind: 'waits', what: 'a run of a pair, or an import, does not end' });
    return false;
  }

  #tellEnd(rows: Parameters<typeof judge>[0]['rows']): void {
    for (const { asked, items } of rows)
      for (const { name, local, phone, savedAs, state } of items)
        this.#tell(`${asked.kind} ${name}: ${local} ${phone} ${savedAs ?? ''} ${JSON.stringify(state)}`);
    for (const { path, content } of this.#world.allFiles()) this.#tell(`there: ${path} ${content ?? 'unknown'}`);
  }

  #tell(line: string): void {
    if (this.#isTraced) this.#trace.push(`${this.#scheduler.now.toFixed(3)} ${line}`);
  }

  /** An error that nobody caught. */
  #stray(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (text.includes(DEAD)) return;
    this.#findings.push({ kind: 'uncaught', what: text });
  }

  /** Lets time pass until `done`, which is asked now and then; answers whether it came to that. */
  async #until(done: () => boolean, limitMs: number): Promise<boolean> {
    const limit = this.#scheduler.now + limitMs;
    let isDone = done();
    const look = (): void => {
      this.#help();
      isDone = done();
      if (!isDone) this.#scheduler.after(LOOK_MS, look);
    };
    this.#scheduler.after(LOOK_MS, look);
    return this.#scheduler.run(() => isDone, limit);
  }

  // --- the program

  #start(): void {
    if (this.#program !== undefined || this.#closing !== undefined || this.#isStuck) return;
    this.#starts += 1;
    this.#startedAt = this.#scheduler.now;
    this.#requests.found(this.#databases.transfers.transfers());
    this.#tell('the program is started');
    const gate = new Gate(this.#scheduler, this.#isTraced ? (line) => this.#tell(line) : undefined);
    gate.onConfirmed = (item, piece) => this.#noteConfirmed(item, piece);
    gate.onStep = (step) => this.#moments.step(step);
    if (this.#hasPhotos) gate.onSeen = (path) => this.#photos.saw(path);
    gate.onStuck = () => {
      this.#findings.push({ kind: 'waits', what: 'the program turns in circles' });
      this.#isStuck = true;
      this.#kill();
    };
    const clock = gate.clock();
    const platform = this.#script.computer.home === 'ext4' ? 'linux' : 'darwin';
    const engine = new Engine({
      bus: gate.bus(this.#world.bus),
      store: gate.store(this.#databases.transfers),
      disk: gate.disk(this.#world.tree),
      copyFolder: COPIES,
      clock,
      platform,
      limits: { wholeBelow: WHOLE_BELOW },
      seed: this.#starts.toString(16).padStart(6, 'a'),
      random: () => this.#random.next(),
      log: (line) => {
        this.#tell(`log ${line}`);
      },
    });
    const sync = new Sync({ engine, store: gate.store(this.#databases.sync), platform, now: clock.now, home: HOME });
    sync.onChange(
      engine.provideSync(
        () => sync.snapshot(),
        (device, storage) => sync.knownOn(device, storage),
      ),
    );
    const photos = this.#hasPhotos
      ? new Photos({
          engine,
          store: gate.store(this.#databases.photos),
          platform,
          home: HOME,
          log: (line) => this.#tell(`log ${line}`),
        })
      : undefined;
    this.#catalogue?.begin(engine, gate);
    this.#program = { engine, sync, photos, gate, catalogue: this.#catalogue };
    try {
      if (this.#hasPairs) sync.start();
    } catch (error) {
      // it died in a statement
      this.#stray(error);
    }
    void photos?.start();
    engine.start().catch((error: unknown) => this.#stray(error));
  }

  /** A piece that begins before the end of the last one is sent once more, as far as that one went. */
  #noteConfirmed(item: ItemId, { offset, length }: { readonly offset: number; readonly length: number }): void {
    const before = this.#confirmed.get(item) ?? { end: offset, window: 0, interruptions: 0, again: 0 };
    const interruptions = this.#interruptions;
    const may = Math.max(1, interruptions - before.interruptions) * before.window;
    this.#confirmed.set(item, {
      end: offset + length,
      window: Math.max(before.window, length),
      interruptions,
      again: Math.max(before.again, before.end - offset - may),
    });
  }

  async #quit(): Promise<void> {
    const program = this.#program;
    if (program === undefined) return;
    this.#program = undefined;
    // everything is over and has been looked at: whoever died now would be started again, and nobody would wait for it
    program.gate.spare();
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    stopped(program).then(end, (error: unknown) => {
      end();
      this.#stray(error);
    });
    await this.#scheduler.run(() => isOver, this.#scheduler.now + MOST_ENDING_MS);
    if (!isOver) this.#findings.push({ kind: 'waits', what: 'the program does not end' });
    program.gate.close();
    dropIntervals();
    this.#databases.close();
  }

  #kill(): void {
    this.#tell('killed');
    for (const program of [this.#program, this.#closing]) program?.gate.close();
    this.#databases.die();
    this.#program = undefined;
    this.#closing = undefined;
    dropIntervals();
  }

  // --- what happens

  async #do(deed: Deed): Promise<void> {
    this.#tell(`* ${JSON.stringify(deed)}`);
    if (deed.kind !== 'push' && deed.kind !== 'pull') this.#interruptions += 1;
    if (isBySomebodyElse(deed)) await this.#moments.untilHarmless(() => this.#program?.gate.isDestroying === true);
    const after = (ms: number, act: () => void): void => {
      this.#scheduler.after(ms, act);
    };
    const world = this.#world;
    switch (deed.kind) {
      case 'push':
      case 'pull':
        await this.#transfer(deed);
        return;
      case 'pause':
      case 'resume':
      case 'cancel':
      case 'retry':
      case 'remove': {
        const all = this.#transfers();
        const asked = all[deed.which % Math.max(1, all.length)];
        if (asked === undefined || this.#program === undefined) return;
        await this.#program.engine.execute(deed.kind, { transfer: asked.id }).catch(() => undefined);
        return;
      }
      case 'answer':
        await this.#answer(deed.choice, deed.all);
        return;
      case 'cable':
        await world.phones[deed.phone]?.phone.unplug();
        after(deed.forMs, () => world.phones[deed.phone]?.phone.plug());
        return;
      case 'restart-phone': {
        const phone = world.phones[deed.phone]?.phone;
        await phone?.unplug();
        phone?.lock();
        after(deed.forMs, () => phone?.plug());
        after(deed.forMs + 1_500, () => phone?.unlock());
        return;
      }
      case 'lock-phone':
        world.phones[deed.phone]?.phone.lock();
        after(deed.forMs, () => world.phones[deed.phone]?.phone.unlock());
        return;
      case 'card':
        if (world.phones[deed.phone]?.plan.hasCard !== true) return;
        world.phones[deed.phone]?.phone.removeStorage(1);
        after(deed.forMs, () => world.phones[deed.phone]?.phone.insertStorage(1));
        return;
      case 'language':
        world.phones[deed.phone]?.phone.describeStorage(0, { name: 'Interner gemeinsamer Speicher' });
        return;
      case 'quit': {
        const program = this.#program;
        if (program === undefined) return;
        this.#program = undefined;
        this.#closing = program;
        after(MOST_ENDING_MS, () => {
          // unless it was killed, and another one is being closed
          if (this.#closing === program)
            this.#findings.push({ kind: 'waits', what: 'the program does not end when it is closed' });
        });
        await stopped(program);
        if (this.#closing !== program) return;
        this.#closing = undefined;
        program.gate.close();
        this.#databases.close();
        after(deed.forMs, () => this.#start());
        return;
      }
      case 'kill':
        this.#kill();
        after(deed.forMs, () => this.#start());
        return;
      case 'killed-writing':
        this.#program?.gate.dieAfter(deed.writes, () => {
          this.#kill();
          after(deed.forMs, () => this.#start());
        });
        return;
      case 'killed-in-statement':
        this.#databases.dieAfter(deed.statements, () => {
          this.#kill();
          after(deed.forMs, () => this.#start());
        });
        return;
      case 'power':
        this.#kill();
        this.#powerCuts += 1;
        world.powerCut();
        // its bus has none either
        await Promise.all(world.phones.map(({ phone }) => phone.unplug()));
        after(deed.forMs, () => {
          for (const { phone } of world.phones) phone.plug();
          this.#start();
        });
        return;
      case 'database':
        this.#program?.gate.refuse(deed.writes);
        return;
      case 'unmount':
        world.unmountStick();
        after(deed.forMs, () => world.replugStick());
        return;
      case 'yank':
        this.#powerCuts += 1;
        world.yankStick();
        after(deed.forMs, () => world.replugStick());
        return;
      case 'full':
      case 'read-only':
        world.trouble(deed.kind, true);
        after(deed.forMs, () => world.trouble(deed.kind, false));
        return;
      case 'phone-full': {
        const phone = world.phones[deed.phone]?.phone;
        phone?.behave({ kind: 'full', bytes: deed.bytes });
        after(deed.forMs, () => phone?.makeRoom());
        return;
      }
      case 'silent': {
        const phone = world.phones[deed.phone]?.phone;
        if (phone === undefined) return;
        const { operation, phase, until } = deed;
        phone.behave({ kind: 'silence', operation, occurrence: phone.timesSeen(operation) + deed.times, phase, until });
        const watch = (): void => {
          if (this.#isCalm) return;
          if (phone.silentUntil === undefined) after(SILENCE_LOOK_MS, watch);
          else {
            this.#tell(`phone ${deed.phone} is silent`);
            this.#interruptions += 1;
            after(deed.forMs, () => void (phone.silentUntil === 'replug' && phone.unplug().then(() => phone.plug())));
          }
        };
        watch();
        return;
      }
      case 'phone-fills': {
        const phone = world.phones[deed.phone]?.phone;
        phone?.fillStorage(deed.card ? 1 : 0, deed.free);
        after(deed.forMs, () => phone?.fillStorage(deed.card ? 1 : 0, undefined));
        return;
      }
      case 'phone-resized':
        world.phones[deed.phone]?.phone.describeStorage(0, { capacity: deed.capacity });
        return;
      case 'phone-read-only': {
        const side: Side = { kind: 'phone', phone: deed.phone, card: deed.card };
        world.refuseWrites(side, true);
        after(deed.forMs, () => world.refuseWrites(side, false));
        return;
      }
      case 'trash': {
        const files = world.filesOn(deed.side);
        const path = files[deed.which % Math.max(1, files.length)];
        if (path !== undefined) await this.#trash(deed.side, path, deed.forMs);
        return;
      }
      case 'lock-file': {
        const files = world.filesOn(deed.side);
        const path = files[deed.which % Math.max(1, files.length)];
        if (path !== undefined && deed.side.kind !== 'phone') after(deed.forMs, world.lock(path));
        return;
      }
      case 'create':
        await world.write(deed.side, world.pathFor(deed.side, nameFor(deed.which)), deed.size);
        return;
      case 'edit':
      case 'delete':
      case 'rename': {
        const files = world.filesOn(deed.side);
        const path = files[deed.which % Math.max(1, files.length)];
        if (path === undefined) return;
        if (deed.kind === 'edit') await world.write(deed.side, path, deed.size);
        else if (deed.kind === 'delete') await world.remove(deed.side, path);
        else {
          const old = path.slice(path.lastIndexOf('/') + 1);
          const name = deed.byCase === true ? otherCase(old) : `renamed ${deed.which}`;
          const near = `${path.slice(0, -old.length)}${name}`;
          await world.rename(deed.side, path, deed.near === true ? near : world.pathFor(deed.side, name));
        }
        return;
      }
      case 'meet':
        await this.#meet(deed);
        return;
      case 'sync': {
        const device = await this.#deviceOf(deed.pair.phone);
        const sync = this.#program?.sync;
        if (device !== undefined && sync !== undefined)
          await this.#pairs.run(sync, deed.pair, device, deed.confirms, this.#scheduler.now);
        return;
      }
      case 'sync-stop':
        if (this.#program !== undefined) this.#pairs.stop(this.#program.sync, deed.which);
        return;
      case 'import':
      case 'free': {
        const device = await this.#deviceOf(deed.photos.phone);
        const photos = this.#program?.photos;
        if (device === undefined || photos === undefined) return;
        if (deed.kind === 'import') await this.#photos.import(photos, deed.photos, device);
        else await this.#photos.free(photos, deed.photos, device);
        return;
      }
      case 'drive': {
        const device = await this.#deviceOf(deed.drive.phone);
        const engine = this.#program?.engine;
        if (device !== undefined && engine !== undefined) await this.#drive.do(engine.files, deed.drive, device);
        return;
      }
      case 'open': {
        const device = await this.#deviceOf(deed.phone);
        const engine = this.#program?.engine;
        if (device !== undefined && engine !== undefined)
          await this.#opening.open(engine, deed, device, this.#scheduler.now);
        return;
      }
      case 'clock':
        this.#scheduler.wallOffset += deed.byMs;
        return;
    }
  }

  /** Into the trash, and back after `forMs` where nothing has its name by then. */
  async #trash(side: Side, path: string, forMs: number | undefined): Promise<void> {
    const trashed = this.#world.trashed(side, path);
    if (this.#world.isThere(trashed)) return;
    await this.#world.rename(side, path, trashed);
    if (forMs === undefined) return;
    this.#scheduler.after(forMs, () => {
      if (!this.#isCalm && this.#world.isThere(trashed) && !this.#world.isThere(path))
        void this.#world.rename(side, trashed, path);
    });
  }

  /** Somebody else comes to a file that is to be copied, or is being copied. */
  async #meet({ which, part, act, size }: Deed & { readonly kind: 'meet' }): Promise<void> {
    const paths = this.#transfers().flatMap((asked) =>
      this.#rowsOf(asked.id)
        .filter(({ kind, state }) => kind === 'file' && !['done', 'failed', 'cancelled'].includes(state.kind))
        .map((item) => (part === 'source' ? sourceOf(asked, item) : targetOf(asked, item))),
    );
    const path = paths[which % Math.max(1, paths.length)];
    const side = path === undefined ? undefined : this.#world.sideOf(path);
    if (path === undefined || side === undefined) return;
    if (act === 'write') await this.#world.write(side, path, size ?? this.#world.sizeAt(path) ?? 0);
    else if (!this.#world.isThere(path)) return;
    else if (act === 'delete') await this.#world.remove(side, path);
    else if (act === 'patch') await this.#world.patch(side, path);
    else if (act === 'trash') await this.#trash(side, path, undefined);
    else await this.#world.rename(side, path, this.#world.pathFor(side, `renamed ${which}`));
  }

  async #transfer(deed: Deed & { readonly kind: 'push' | 'pull' }): Promise<void> {
    const device = await this.#deviceOf(deed.phone);
    const engine = this.#program?.engine;
    if (device === undefined || engine === undefined) return;
    const storage = device.storages[deed.card ? 1 : 0] ?? device.storages[0];
    if (storage === undefined) return;
    const top = this.#world.topOfStorage(deed.phone, storage.capacity);
    const { onConflict, verify, move, back } = deed;
    const side =
      this.#world.stick !== undefined && deed.stick ? ({ kind: 'stick' } as const) : ({ kind: 'home' } as const);
    const here = this.#world.top(side);
    const at = this.#scheduler.now;
    const isPush = deed.kind === 'push';
    const [fromHere, onPhone] = back ? [TO_HOME, FROM_PHONE] : [FROM_HOME, TO_PHONE];
    const [toHere, fromPhone] = back ? [FROM_HOME, TO_PHONE] : [TO_HOME, FROM_PHONE];
    const source = isPush ? `${here}/${fromHere}` : `${top}/${fromPhone}`;
    const files = this.#world.filesIn(source);
    const file = deed.file === undefined ? undefined : files[deed.file % Math.max(1, files.length)];
    const path = file ?? source;
    const common = { onName: 'legal', large: 'resumable', onConflict, verify, move } as const;
    const request: EnqueueRequest = isPush
      ? {
          direction: 'upload',
          sources: [localPath(path)],
          to: { device: device.key, storage: storage.key, path: phonePath(`/${onPhone}`) },
          options: common,
        }
      : {
          direction: 'download',
          sources: [{ device: device.key, storage: storage.key, path: phonePath(path.slice(top.length)) }],
          to: localPath(`${here}/${toHere}`),
          options: common,
        };
    const open: OpenRequest = {
      request,
      asked: {
        kind: deed.kind,
        phone: deed.phone,
        top,
        isOfPair: false,
        moves: move,
        mayReplace: ['replace', 'newer', 'larger'].includes(onConflict),
        mayMove: move,
        at,
        onStick: side.kind === 'stick',
      },
    };
    this.#requests.ask(open);
    try {
      this.#requests.answer(open, (await engine.enqueue(request)).transfer);
    } catch (error) {
      this.#requests.refuse(open, error);
      this.#tell(`refused: ${String(error)}`);
    }
  }

  /** The phone as the program knows it, once it is ready. */
  async #deviceOf(number: number): Promise<Device | undefined> {
    const until = this.#scheduler.now + PATIENCE_MS;
    for (;;) {
      const device = this.#program?.engine.devices.find(
        ({ name, state }) => name === this.#world.phones[number]?.name && state.kind === 'ready',
      );
      if (device !== undefined) return device;
      if (this.#scheduler.now >= until || this.#isCalm) return undefined;
      await new Promise<void>((resolve) => {
        this.#scheduler.after(200, resolve);
      });
    }
  }

  async #answer(choice: 'skip' | 'replace' | 'keep-both', all: boolean): Promise<void> {
    const engine = this.#program?.engine;
    for (const asked of this.#transfers()) {
      const item = this.#rowsOf(asked.id).find(({ state }) => state.kind === 'asking');
      if (item === undefined || engine === undefined) continue;
      if (choice === 'replace') asked.mayReplace = true;
      await answer(engine, item, choice, all).catch(() => undefined);
      return;
    }
  }

  // --- when nothing happens any more

  /** Everything comes back, and stays. */
  #calm(): void {
    this.#isCalm = true;
    this.#moments.calm();
    this.#tell('everything is calm from here on');
    this.#world.calm();
    this.#start();
  }

  /** What a patient person does who looks at the screen: answers, and goes on with what was paused. */
  #help(): void {
    const engine = this.#program?.engine;
    this.#world.calm();
    this.#start();
    if (engine === undefined) return;
    // it is plugged in again at the next look
    for (const { name, state } of engine.devices)
      if (state.kind === 'recovering' && state.step === 'ask')
        void this.#world.phones.find((one) => one.name === name)?.phone.unplug();
    const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);
    for (const device of engine.identityQuestions) {
      const named = device.candidates.find(({ key }) => this.#nameOf(key) === device.name);
      quietly(
        engine.execute('identifyDevice', { device: device.device, ...(named === undefined ? {} : { as: named.key }) }),
      );
    }
    for (const asked of this.#transfers()) {
      const row = this.#databases.transfers.transfer(asked.id);
      if (row === undefined || row.finishedAt !== undefined) continue;
      const view = engine.view(asked.id);
      if (view.state === 'paused') quietly(engine.execute('resume', { transfer: asked.id }));
      // as they are told: it is plugged in again at the next look
      if (view.waitingFor?.kind === 'replug' && this.#isHere(row.device))
        void this.#world.phones[asked.phone]?.phone.unplug();
      // what somebody has deleted does not come back
      if (this.#isPlannedInVain(view, row) || this.#rowsOf(asked.id).some((item) => this.#waitsInVain(item)))
        quietly(engine.execute('cancel', { transfer: asked.id }));
      for (const item of this.#rowsOf(asked.id).filter(({ state }) => state.kind === 'asking'))
        quietly(answer(engine, item, 'skip'));
    }
    if (this.#program === undefined || !this.#allEnded()) return;
    if (this.#hasKind('open')) {
      this.#opening.goOn(engine);
      // what is saved back is copied by pairs: they are in step after it
      if (!this.#opening.isSettled(engine)) return;
    }
    this.#pairs.goOn(this.#program.sync, this.#isHere);
    if (this.#program.photos !== undefined) this.#photos.goOn(this.#program.photos, engine.devices);
  }

  readonly #isHere = (key: DeviceKey): boolean =>
    this.#program?.engine.devices.some((device) => device.key === key && device.state.kind === 'ready') === true;
  #arePairsSettled(): boolean {
    const isLate = this.#scheduler.now > this.#quietFrom + ARRIVING_MS;
    return (
      this.#allEnded() &&
      (this.#program === undefined || this.#opening.isSettled(this.#program.engine)) &&
      this.#pairs.areSettled(this.#isHere, isLate) &&
      this.#photos.areSettled(this.#isHere, isLate)
    );
  }
  #hasKind(kind: Deed['kind']): boolean {
    return this.#script.deeds.some((deed) => deed.kind === kind);
  }
  get #quietFrom(): number {
    return this.#script.quietFromMs ?? QUIET_FROM_MS;
  }
  get #hasPhotos(): boolean {
    return this.#hasKind('import') || this.#hasKind('free');
  }
  get #hasPairs(): boolean {
    return this.#hasKind('sync');
  }

  /** What people asked for, by themselves or through a pair. */
  #transfers(): readonly Asked[] {
    const asked = this.#requests.answered;
    if (!this.#hasPairs && !this.#hasPhotos && !this.#hasKind('open')) return asked;
    const rows = this.#databases.transfers.transfers();
    return [...asked, ...this.#pairs.asked(rows), ...this.#photos.asked(rows), ...this.#opening.asked(rows)];
  }

  #isTaken(path: string, number: number | undefined): boolean {
    const isMoved = ({ kind, mayMove, top }: Asked): boolean =>
      kind === 'pull' && mayMove && path.startsWith(`${top}/`);
    return (
      !this.#world.isThere(path) &&
      this.#transfers().some(isMoved) &&
      this.#world.allFiles().some((file) => file.content === number && !file.path.startsWith('/sim/'))
    );
  }

  /** Which phone it was that the program knew under a key: a person knows what they asked for. */
  #nameOf(key: DeviceKey): string | undefined {
    const asked = this.#transfers().find(({ id }) => this.#databases.transfers.transfer(id)?.device === key);
    const phone = asked?.phone ?? this.#pairs.phoneOf(key) ?? this.#photos.phoneOf(key);
    return phone === undefined ? undefined : this.#world.phones[phone]?.name;
  }

  #isPlannedInVain(view: TransferView, { sources, destination }: TransferRow): boolean {
    const paths = sources.kind === 'local' ? sources.paths : [];
    if (view.waitingFor?.kind === 'target') return !this.#world.isThere(destination);
    return view.waitingFor?.kind === 'source' && paths.some((path) => !this.#world.isThere(path));
  }
  #waitsInVain({ state, local }: ItemRow): boolean {
    return state.kind === 'waiting' && state.for.kind === 'source' && !this.#world.isThere(local);
  }

  #allEnded(): boolean {
    if (this.#program === undefined) return false;
    return this.#transfers().every(({ id }) => this.#hasEnded(id));
  }

  #hasEnded(id: TransferId): boolean {
    const row = this.#databases.transfers.transfer(id);
    if (row === undefined || row.removed) return true;
    return row.finishedAt !== undefined;
  }

  #unended(): readonly Finding[] {
    return this.#transfers()
      .filter(({ id }) => !this.#hasEnded(id))
      .map(({ id }) => {
        const view = this.#program?.engine.view(id);
        const what = JSON.stringify({
          state: view?.state,
          waitingFor: view?.waitingFor,
          counts: view?.counts,
          problem: view?.problem,
          device: view?.device,
          devices: this.#program?.engine.devices.map(({ key, name, state }) => [key, name, state.kind]),
          questions: this.#program === undefined ? [] : this.#program.engine.identityQuestions,
          items: this.#rowsOf(id)
            .filter(({ state }) => !['done', 'failed', 'cancelled'].includes(state.kind))
            .map(({ name, state }) => [name, state]),
        });
        return { kind: 'waits' as const, what: `a transfer does not end: ${what}` };
      });
  }

  get #isDriveQuiet(): boolean {
    return this.#program === undefined || this.#drive.isQuiet(this.#program.engine.files);
  }

  /** A person who gives up what failed: what was made of it goes too. */
  #cancelFailed(): void {
    const engine = this.#program?.engine;
    if (engine === undefined) return;
    for (const { id } of this.#transfers())
      if (this.#rowsOf(id).some(({ state }) => state.kind === 'failed'))
        void this.#askedAgain(() => engine.execute('cancel', { transfer: id }));
  }

  /** What a person asks for once more, and again, while a database refuses it. */
  async #askedAgain(ask: () => Promise<unknown>): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1)
      try {
        await ask();
        return;
      } catch {
        // it is told
      }
  }

  #isClean(): boolean {
    return (
      !this.#world.hasTrials() &&
      this.#transfers().every(({ id }) =>
        this.#databases.transfers.withTemporary(id).every(({ state }) => state.kind === 'done'),
      ) &&
      [...this.#drive.devices].every((device) => this.#databases.transfers.leftovers(device).length === 0) &&
      // also of a phone that is not seen yet
      this.#transfers().every(({ id }) => {
        const device = this.#databases.transfers.transfer(id)?.device;
        return device === undefined || this.#databases.transfers.leftovers(device).length === 0;
      })
    );
  }

  #rowsOf(id: TransferId): readonly ItemRow[] {
    return this.#databases.transfers.items(id, { offset: 0, limit: 1_000, only: 'all' }).items;
  }
  #rows(): Parameters<typeof judge>[0]['rows'] {
    return this.#transfers().map((asked) => {
      const moves = this.#databases.transfers.transfer(asked.id)?.options.move ?? asked.moves;
      return { asked: { ...asked, moves }, items: this.#rowsOf(asked.id) };
    });
  }
}

const otherCase = (name: string): string => (name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase());

/** What others do to files. */
const isBySomebodyElse = ({ kind }: Deed): boolean =>
  kind === 'create' || kind === 'edit' || kind === 'delete' || kind === 'rename' || kind === 'meet' || kind === 'trash';

/** Ends a program as its hosts do: a run that follows a transfer ends when the engine stops that transfer. */
async function stopped({ engine, sync, photos, catalogue }: Program): Promise<void> {
  const ending = sync.stop();
  await catalogue?.stop();
  await engine.stop();
  await ending;
  await photos?.stop();
}
