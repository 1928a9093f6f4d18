import type { Engine, TransferRow } from '../../../electron/engine/index.ts';
import { phonePath, type Device, type TransferId } from '../../../shared/domain.ts';
import { problemOf } from '../../../shared/errors.ts';
import type { CopyId } from '../../../shared/opening.ts';
import type { Asked, Finding } from './judge.ts';
import type { OpenPlan } from './script.ts';
import type { LivingWorld } from './world.ts';

/** Files of a phone that a person opens with a program of the computer, which saves them, and what is saved back. */

/** Plays them, and looks at what is told as done. */
export class LivingOpening {
  readonly #world: LivingWorld;
  readonly #tell: (line: string) => void;
  readonly #find: (finding: Finding) => void;
  readonly #sleep: (ms: number) => Promise<void>;
  /** Copies that were opened, by the origin of the transfers that save them back. */
  readonly #opened = new Map<string, Omit<Asked, 'id'>>();
  readonly #transfers = new Map<TransferId, Asked>();
  /** What programs saved into copies. */
  readonly #saved = new Set<number>();
  /** Copies that were saved back in the calm: once each. */
  readonly #lastSaved = new Set<CopyId>();
  /** How much each program is being asked; of one that dies nothing is heard any more. */
  readonly #busy = new WeakMap<Engine, number>();

  constructor(
    world: LivingWorld,
    how: {
      readonly tell: (line: string) => void;
      readonly find: (finding: Finding) => void;
      readonly sleep: (ms: number) => Promise<void>;
    },
  ) {
    this.#world = world;
    this.#tell = how.tell;
    this.#find = how.find;
    this.#sleep = how.sleep;
  }

  /** Opens a file, saves something into its copy a while later, and saves that back. Never rejects. */
  open(engine: Engine, plan: OpenPlan, device: Device, now: number): Promise<void> {
    return this.#do(engine, 'opened', () => this.#open(engine, plan, device, now));
  }

  async #do(engine: Engine, what: string, work: () => Promise<void>): Promise<void> {
    const add = (number: number): void => void this.#busy.set(engine, (this.#busy.get(engine) ?? 0) + number);
    add(1);
    try {
      await work();
    } catch (error) {
      this.#tell(`not ${what}: ${problemOf(error).kind}: ${String(error)}`);
    } finally {
      add(-1);
    }
  }

  async #open(engine: Engine, plan: OpenPlan, device: Device, now: number): Promise<void> {
    const storage = device.storages[plan.card ? 1 : 0] ?? device.storages[0];
    if (storage === undefined) return;
    const top = this.#world.topOfStorage(plan.phone, storage.capacity);
    const side = this.#world.sideOf(`${top}/x`);
    const files = side === undefined ? [] : this.#world.filesOn(side);
    const file = files[plan.which % Math.max(1, files.length)];
    if (file === undefined) return;
    const place = { device: device.key, storage: storage.key, path: phonePath(file.slice(top.length)) };
    const { id, path } = await engine.opening.fetch(place, true);
    this.#tell(`${file} is opened as ${path}`);
    if (this.#world.isThere(path) && this.#world.holds(path) === undefined)
      this.#find({ kind: 'mixed', what: `${file} was opened, and its copy is neither whole nor anybody's` });
    this.#opened.set(originOf(id), {
      kind: 'push',
      phone: plan.phone,
      top,
      isOfPair: false,
      moves: false,
      mayReplace: true,
      mayMove: false,
      at: now,
      onStick: false,
    });
    if (plan.size === undefined) return;
    await this.#sleep(plan.forMs);
    if (this.#save(path, plan.size)) await this.#saveBack(engine, id);
  }

  async #saveBack(engine: Engine, id: CopyId): Promise<void> {
    const transfer = await engine.opening.edited.saveBack(id);
    this.#tell(`saved back by ${transfer}`);
  }

  /** A program saves another content into a copy; answers whether it could. What it had saved there before is given up. */
  #save(path: string, size: number): boolean {
    if (!this.#world.isThere(path)) return false;
    const before = this.#world.holds(path);
    const saved = this.#world.saveInto(path, size);
    if (saved === undefined) return false;
    if (before !== undefined && this.#saved.has(before)) this.#world.ledger.give(before);
    this.#saved.add(saved);
    return true;
  }

  /** In the calm a person saves back what is not yet. */
  goOn(engine: Engine): void {
    for (const { id, changed } of engine.opening.edited.views()) {
      if (!changed || this.#lastSaved.has(id)) continue;
      this.#lastSaved.add(id);
      void this.#do(engine, 'saved back', () => this.#saveBack(engine, id));
    }
  }

  /** Whether nothing is under way, and all is saved back that a person would. */
  isSettled(engine: Engine): boolean {
    return (
      (this.#busy.get(engine) ?? 0) === 0 &&
      engine.opening.edited.views().every(({ id, changed }) => !changed || this.#lastSaved.has(id))
    );
  }

  /** The transfers that save copies back. */
  asked(rows: readonly TransferRow[]): readonly Asked[] {
    if (this.#opened.size === 0) return [];
    for (const { id, sources } of rows) {
      const asked = sources.kind === 'items' ? this.#opened.get(sources.origin) : undefined;
      if (asked !== undefined && !this.#transfers.has(id)) this.#transfers.set(id, { ...asked, id });
    }
    return [...this.#transfers.values()];
  }
}

const originOf = (id: CopyId): string => `opened ${id}`;
