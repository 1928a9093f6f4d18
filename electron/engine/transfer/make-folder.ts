import { baseNameOf, parentOf } from '../../../shared/domain.ts';
import { fail, problemOf } from '../../../shared/errors.ts';
import type { Outcome } from '../../../shared/snapshots.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import { statOrGone } from '../devices/look-again.ts';
import { isInFolder } from '../devices/phone-evidence.ts';
import type { Input } from '../model/item-state.ts';
import { lookAt } from '../local/local-files.ts';
import type { ItemTransfer, ItemTransferContext } from './item-transfer.ts';
import { isUnmade, makeFoldersFor, makeUnderLegalName } from './refused-name.ts';

const MADE: Outcome = {
  kind: 'moved',
  verification: { level: 'size', bytesCompared: 0, sha256: undefined, chunkDigest: undefined },
};

/** A folder: made on the other side, or merged into the one of its name. */
export class MakeFolder implements ItemTransfer {
  readonly #context: ItemTransferContext;

  constructor(context: ItemTransferContext) {
    this.#context = context;
  }

  async prepare(): Promise<Input> {
    const { run, connection } = this.#context;
    const { row, transfer } = run;
    if (transfer.direction === 'download') {
      const there = await lookAt(this.#context.disk, row.local);
      await this.#context.folders.make(transfer, row.local);
      const isThere = there?.isDirectory() === true;
      return { kind: 'settled', outcome: isThere ? { kind: 'already-there' } : MADE };
    }
    let { folder: parent } = await makeFoldersFor(this.#context, parentOf(row.phone));
    // what is above it may have had to take another name
    const path = run.row.phone;
    const name = baseNameOf(path);
    let there = parent.find(name);
    if (there !== undefined && !(await isStillThere(connection, parent, there))) {
      // not every phone tells of what goes, and what is above it may have gone as well
      connection.tree.forget();
      ({ folder: parent } = await makeFoldersFor(this.#context, parentOf(path)));
      there = parent.find(name);
    }
    if (there?.kind === 'folder') {
      const isReal = !(await isUnmade(this.#context, parent, there));
      const { wasThere } = isReal ? { wasThere: true } : await makeUnderLegalName(this.#context, path);
      return { kind: 'settled', outcome: wasThere ? { kind: 'already-there' } : MADE };
    }
    if (there !== undefined) throw fail('not-a-folder', 'make folder', 'a file is in the way', { subject: path });
    try {
      await connection.tree.makeFolder(parent, name);
    } catch (error) {
      if (problemOf(error).kind !== 'bad-name') throw error;
      const { wasThere } = await makeFoldersFor(this.#context, path);
      if (wasThere) return { kind: 'settled', outcome: { kind: 'already-there' } };
    }
    return { kind: 'settled', outcome: MADE };
  }

  move(): Promise<Input> {
    return Promise.resolve({ kind: 'allMoved' });
  }
  confirm(): Promise<Input> {
    return Promise.resolve({ kind: 'verified', outcome: MADE });
  }
  release(): Promise<void> {
    return Promise.resolve();
  }
}

/** Whether a folder is where it was listed; a kept listing may be hours old. */
async function isStillThere(connection: Connection, parent: ListedFolder, listed: PhoneObject): Promise<boolean> {
  const now = await statOrGone(connection, listed.handle, undefined);
  if (now?.kind !== listed.kind || now.name !== listed.name) return false;
  const place = { storage: parent.storage.key, folder: parent.path, name: listed.name };
  return isInFolder(connection, place, now, listed.parent, undefined);
}
