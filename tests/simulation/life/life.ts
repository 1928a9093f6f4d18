import { enter, dropIntervals } from '../process/take-over.ts';
import { Engine, type ItemRow, type TransferRow } from '../../../electron/engine/index.ts';
import { MemoryTransferStore } from '../../../electron/store/index.ts';
import {
  localPath,
  phonePath,
  type Device,
  type DeviceKey,
  type ItemId,
  type StorageKey,
  type TransferId,
} from '../../../shared/domain.ts';
import type { IdentityQuestion, TransferView } from '../../../shared/snapshots.ts';
import { Tree } from '../disk/tree.ts';
import { Volume } from '../disk/volume.ts';
import { Random } from '../process/random.ts';
import { Scheduler } from '../process/scheduler.ts';
import { DEAD, Gate } from './gate.ts';
import { judge, type Asked, type Confirmed, type Finding } from './judge.ts';
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
} from './script.ts';
import { LivingWorld } from './world.ts';

/** Simulated milliseconds in which everything must end once nothing happens any more. */
const QUIET_LIMIT_MS = 30 * 60_000;
/** How often the person looks at the screen then. */
const LOOK_MS = 3_000;
/** How long a person waits for a phone to appear before they give up what they wanted to do with it. */
const PATIENCE_MS = 8_000;
/** For what was made and given up to be removed. */
const CLEANING_MS = 60_000;

/** What a life came to. */
export interface Lived {
  readonly findings: readonly Finding[];
  /** Everything that happened, in order; the same for the same script. */
  readonly trace: readonly string[];
  readonly steps: number;
  /** Simulated milliseconds. */
  readonly ms: number;
}

/** Plays a script to its end and judges what is left. One life at a time: it takes the place of the machine. */
export async function live(script: Script): Promise<Lived> {
  const life = new Life(script);
  try {
    return await life.live();
  } finally {
    enter(undefined);
  }
}

/** A running program. */
interface Program {
  readonly engine: Engine;
  readonly gate: Gate;
}

class Life {
  readonly #script: Script;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #world: LivingWorld;
  readonly #store = new MemoryTransferStore();
  readonly #trace: string[] = [];
  readonly #findings: Finding[] = [];
  readonly #asked: Asked[] = [];
  #program: Program | undefined;
  #starts = 0;
  #powerCuts = 0;
  #isCalm = false;
  /** What happened so far that may have interrupted something. */
  #interruptions = 0;
  readonly #confirmed = new Map<ItemId, Confirmed>();

  constructor(script: Script) {
    this.#script = script;
    this.#random = new Random(script.seed ^ 0x5eed);
    this.#scheduler = new Scheduler(this.#random.fork(), (error) => this.#stray(error));
    const now = (): number => this.#scheduler.date;
    const tree = new Tree(new Volume({}, now));
    enter({ scheduler: this.#scheduler, random: this.#random.fork(), tree });
    this.#world = new LivingWorld(script, this.#scheduler, tree, now);
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
        this.#tell(`phone ${number} 0x${operation.toString(16)}`);
        return this.#scheduler.soon(() => undefined, plan.answersInMs ?? 1);
      });
      phone.plug();
    }
    this.#start();
    for (const deed of deeds)
      this.#scheduler.after(deed.at, () => {
        this.#do(deed).catch((error: unknown) => this.#stray(error));
      });
    await this.#scheduler.run(() => false, QUIET_FROM_MS);
    this.#calm();
    const isOver = await this.#until(() => this.#allEnded(), QUIET_LIMIT_MS);
    if (!isOver) this.#findings.push(...this.#unended());
    this.#cancelFailed();
    await this.#until(() => this.#isClean(), CLEANING_MS);
    const rows = this.#rows();
    await this.#quit();
    for (const { asked, items } of rows)
      for (const { name, local, phone, savedAs, state } of items)
        this.#tell(`${asked.deed.kind} ${name}: ${local} ${phone} ${savedAs ?? ''} ${JSON.stringify(state)}`);
    for (const { path, content } of this.#world.allFiles()) this.#tell(`there: ${path} ${content ?? 'unknown'}`);
    this.#findings.push(
      ...judge({
        world: this.#world,
        rows,
        powerCuts: this.#powerCuts,
        confirmed: this.#confirmed,
        harms: this.#world.phones.flatMap(({ phone }) => phone.harms),
      }),
    );
  }

  #tell(line: string): void {
    this.#trace.push(`${this.#scheduler.now.toFixed(3)} ${line}`);
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
    if (this.#program !== undefined) return;
    this.#starts += 1;
    this.#tell('the program is started');
    const gate = new Gate(this.#scheduler, (line) => this.#tell(line));
    gate.onConfirmed = (item, piece) => this.#noteConfirmed(item, piece);
    const engine = new Engine({
      bus: gate.bus(this.#world.bus),
      store: gate.store(this.#store),
      disk: gate.disk(this.#world.tree),
      clock: gate.clock(),
      platform: this.#script.computer.home === 'ext4' ? 'linux' : 'darwin',
      limits: { wholeBelow: WHOLE_BELOW },
      seed: this.#starts.toString(16).padStart(6, 'a'),
      random: () => this.#random.next(),
      log: (line) => {
        this.#tell(`log ${line}`);
      },
    });
    this.#program = { engine, gate };
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
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    program.engine.stop().then(end, (error: unknown) => {
      end();
      this.#stray(error);
    });
    await this.#scheduler.run(() => isOver, this.#scheduler.now + 120_000);
    if (!isOver) this.#findings.push({ kind: 'waits', what: 'the program does not end' });
    program.gate.close();
    dropIntervals();
  }

  #kill(): void {
    this.#tell('killed');
    this.#program?.gate.close();
    this.#program = undefined;
    dropIntervals();
  }

  // --- what happens

  async #do(deed: Deed): Promise<void> {
    this.#tell(`* ${JSON.stringify(deed)}`);
    if (deed.kind !== 'push' && deed.kind !== 'pull') this.#interruptions += 1;
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
        const asked = this.#asked[deed.which % Math.max(1, this.#asked.length)];
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
        await program.engine.stop();
        program.gate.close();
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
        else await world.rename(deed.side, path, world.pathFor(deed.side, `renamed ${deed.which}`));
        return;
      }
      case 'clock':
        this.#scheduler.wallOffset += deed.byMs;
        return;
    }
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
    try {
      const { transfer } = await engine.enqueue(
        isPush
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
            },
      );
      const tops = new Map<StorageKey, string>([[storage.key, top]]);
      const mayReplace = ['replace', 'newer', 'larger'].includes(onConflict);
      // the same once more: it goes on in another way
      const same = this.#asked.find(({ id }) => id === transfer);
      if (same === undefined)
        this.#asked.push({ id: transfer, deed, tops, at, onStick: side.kind === 'stick', mayReplace, mayMove: move });
      else {
        same.mayReplace ||= mayReplace;
        same.mayMove ||= move;
      }
    } catch (error) {
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
    for (const asked of this.#asked) {
      const item = this.#rowsOf(asked.id).find(({ state }) => state.kind === 'asking');
      if (item === undefined || engine === undefined) continue;
      if (choice === 'replace') asked.mayReplace = true;
      await engine
        .execute('answer', { transfer: asked.id, item: item.id, choice, applyToAll: all })
        .catch(() => undefined);
      return;
    }
  }

  // --- when nothing happens any more

  /** Everything comes back, and stays. */
  #calm(): void {
    this.#isCalm = true;
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
    const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);
    for (const device of this.#questions(engine)) {
      const named = device.candidates.find(({ key }) => this.#nameOf(key) === device.name);
      quietly(
        engine.execute('identifyDevice', { device: device.device, ...(named === undefined ? {} : { as: named.key }) }),
      );
    }
    for (const asked of this.#asked) {
      const row = this.#store.transfer(asked.id);
      if (row === undefined || row.finishedAt !== undefined) continue;
      const view = engine.view(asked.id);
      if (view.state === 'paused') quietly(engine.execute('resume', { transfer: asked.id }));
      // what somebody has deleted does not come back
      if (this.#isPlannedInVain(view, row) || this.#rowsOf(asked.id).some((item) => this.#waitsInVain(item)))
        quietly(engine.execute('cancel', { transfer: asked.id }));
      for (const item of this.#rowsOf(asked.id).filter(({ state }) => state.kind === 'asking'))
        quietly(engine.execute('answer', { transfer: asked.id, item: item.id, choice: 'skip', applyToAll: false }));
    }
  }

  /** Which phone it was that the program knew under a key: a person knows what they asked for. */
  #nameOf(key: DeviceKey): string | undefined {
    const asked = this.#asked.find(({ id }) => this.#store.transfer(id)?.device === key);
    return asked === undefined ? undefined : this.#world.phones[asked.deed.phone]?.name;
  }

  #isPlannedInVain(view: TransferView, { sources, destination }: TransferRow): boolean {
    const paths = sources.kind === 'local' ? sources.paths : [];
    if (view.waitingFor?.kind === 'target') return !this.#world.isThere(destination);
    return view.waitingFor?.kind === 'source' && paths.some((path) => !this.#world.isThere(path));
  }
  #waitsInVain({ state, local }: ItemRow): boolean {
    return state.kind === 'waiting' && state.for.kind === 'source' && !this.#world.isThere(local);
  }

  #questions(engine: Engine): readonly IdentityQuestion[] {
    let questions: readonly IdentityQuestion[] = [];
    engine.watch('devices', undefined, (snapshot) => {
      questions = snapshot.questions ?? [];
    })();
    return questions;
  }

  #allEnded(): boolean {
    if (this.#program === undefined) return false;
    return this.#asked.every(({ id }) => this.#hasEnded(id));
  }

  #hasEnded(id: TransferId): boolean {
    const row = this.#store.transfer(id);
    if (row === undefined || row.removed) return true;
    return row.finishedAt !== undefined;
  }

  #unended(): readonly Finding[] {
    return this.#asked
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
          questions: this.#program === undefined ? [] : this.#questions(this.#program.engine),
          items: this.#rowsOf(id)
            .filter(({ state }) => !['done', 'failed', 'cancelled'].includes(state.kind))
            .map(({ name, state }) => [name, state]),
        });
        return { kind: 'waits' as const, what: `a transfer does not end: ${what}` };
      });
  }

  /** A person who gives up what failed: what was made of it goes too. */
  #cancelFailed(): void {
    const engine = this.#program?.engine;
    for (const { id } of this.#asked)
      if (this.#rowsOf(id).some(({ state }) => state.kind === 'failed'))
        engine?.execute('cancel', { transfer: id }).catch(() => undefined);
  }

  #isClean(): boolean {
    return (
      !this.#world.hasTrials() &&
      this.#asked.every(({ id }) => this.#store.withTemporary(id).every(({ state }) => state.kind === 'done')) &&
      // also of a phone that is not seen yet
      this.#asked.every(({ id }) => {
        const device = this.#store.transfer(id)?.device;
        return device === undefined || this.#store.leftovers(device).length === 0;
      })
    );
  }

  #rowsOf(id: TransferId): ReturnType<MemoryTransferStore['items']>['items'] {
    return this.#store.items(id, { offset: 0, limit: 1_000, only: 'all' }).items;
  }
  #rows(): Parameters<typeof judge>[0]['rows'] {
    return this.#asked.map((asked) => {
      const move = this.#store.transfer(asked.id)?.options.move ?? asked.deed.move;
      return { asked: { ...asked, deed: { ...asked.deed, move } }, items: this.#rowsOf(asked.id) };
    });
  }
}
