import { rm } from 'node:fs/promises';
import type { DeviceKey } from '../../../shared/domain.ts';
import { endsConnection, fail, problemOf } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import { lookAt } from '../local/local-files.ts';
import type { ItemRun } from '../model/item-run.ts';
import type { Leftover } from '../model/transfer-store.ts';

/**
 * What Replug made of items of one phone that will not be finished: noted in the store, and removed when the phone is
 * there. Nobody else deletes what Replug made and gave up.
 */
export class Leftovers {
  readonly #device: DeviceKey;
  readonly #context: EngineContext;
  /** The connection on which everything noted so far was looked at. */
  #sweptOn: Connection | undefined;

  constructor(device: DeviceKey, context: EngineContext) {
    this.#device = device;
    this.#context = context;
  }

  /** Whether the connection was swept since it began and since the last leftover was noted. */
  isSwept(connection: Connection): boolean {
    return this.#sweptOn === connection;
  }

  /** Leftovers were noted: they are looked at again. */
  noted(): void {
    this.#sweptOn = undefined;
  }

  /** Notes what an item has made, which will not be finished. */
  note(run: ItemRun): void {
    this.#context.abandon(run.row, this.#device, run.transfer.direction, run);
    this.noted();
  }

  /** Removes what is noted. Rejects only with what ends the connection. */
  async sweep(connection: Connection): Promise<void> {
    this.#sweptOn = connection;
    for (const leftover of this.#context.store.leftovers(this.#device)) {
      try {
        await this.#remove(leftover, connection);
        this.#forget(leftover);
      } catch (error) {
        const problem = problemOf(error, 'clean');
        if (endsConnection(problem.kind)) throw fail(problem.kind, 'clean', problem.detail);
        if (problem.kind === 'missing' || problem.kind === 'not-a-folder') this.#forget(leftover);
        else this.#context.log(`a temporary stays for now: ${leftover.name}: ${problem.detail}`);
      }
    }
  }

  async #remove(leftover: Leftover, connection: Connection): Promise<void> {
    if (leftover.direction === 'download') {
      const there = await lookAt(leftover.name);
      if (there?.isFile() === true) await rm(leftover.name, { force: true });
      return;
    }
    if (leftover.folder === undefined) return;
    const folder = await connection.tree.folder(leftover.storage, leftover.folder, { fresh: true });
    const object = folder.exactly(leftover.name);
    if (object === undefined) return;
    await connection.phone.delete(object.handle);
    folder.remove(object.name);
  }

  #forget(leftover: Leftover): void {
    this.#context.store.removeLeftover(leftover.item);
    this.#context.touch(leftover.transfer);
  }
}
