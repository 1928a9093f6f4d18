import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Operation } from '../../electron/mtp/wire/index.ts';
import type { ItemView } from '../../shared/snapshots.ts';
import type { Case, Meddling } from './case.ts';
import { isOurs } from './ledger.ts';
import type { Stage } from './stage.ts';

const DAY = 86_400_000;
/** The date of a person's files: newer than every source. */
const LATER = Date.UTC(2025, 5, 6, 7, 8, 10);

/** What was done, as far as the judge needs it. */
export interface Deed {
  /** Paths of files that a person has touched on the target's side since the transfer began. */
  readonly touched: Set<string>;
  /** The same on the source's side. */
  readonly changed: Set<string>;
  /** Contents that a person wrote under a target's name, and their sizes. */
  readonly put: { readonly digest: string; readonly size: number; readonly path: string }[];
  /** Items not started when the person cancelled. */
  untouchedAtCancel: readonly ItemView['id'][];
}

export const noDeed = (): Deed => ({ touched: new Set(), changed: new Set(), put: [], untouchedAtCancel: [] });

/** Not between a look and the deletion that follows it: MTP gives no way to be safe there. */
const touchesFiles = (meddling: Meddling): boolean => /^(?:target|source|copy)-/.test(meddling);

/**
 * Performs the meddling of a case. Returns false where no initiator could be safe. MTP has no *delete if unchanged*: a
 * file can change in the one transaction between the look and the deletion. It has no *create if absent* either: the
 * phone checks the name when a file is announced, and truncates whatever has that name when the content follows (AOSP
 * doSendObject).
 */
export function meddle(stage: Stage, one: Case, deed: Deed): boolean {
  const overtakes =
    stage.operation === Operation.DeleteObject ||
    stage.operation === Operation.SendObject ||
    // another file's store write, between this look and the deletion that it is for, or while the phone deletes
    (one.at.kind === 'write' &&
      (stage.lastOperation === Operation.GetObjectInfo || stage.lastOperation === Operation.DeleteObject));
  if (touchesFiles(one.meddling) && overtakes) return false;
  const name = nameOf(one.which, one);
  ACTS[one.meddling](stage, deed, join(stage.target, name), join(stage.source, name));
  return true;
}

/** Names of the files; the first `large` of them are sent in chunks. */
export const nameOf = (index: number, one: Pick<Case, 'large'>): string =>
  index < one.large ? `film ${index}.mp4` : `photo ${index}.jpg`;

type Act = (stage: Stage, deed: Deed, target: string, source: string) => void;

const ACTS: Readonly<Record<Meddling, Act>> = {
  cancel: (stage, deed) => {
    const id = stage.transfer?.id;
    later(stage, () => {
      if (id === undefined) return;
      deed.untouchedAtCancel = itemsOf(stage).flatMap((item) =>
        item.state === 'queued' || item.state === 'waiting' || item.state === 'paused' ? [item.id] : [],
      );
      void stage.command('cancel', id);
    });
  },
  'pause-resume': (stage) => {
    const id = stage.transfer?.id;
    if (id === undefined) return;
    later(stage, () => {
      void stage.command('pause', id);
      stage.away(
        () => undefined,
        () => stage.command('resume', id),
      );
    });
  },
  'target-create': (stage, deed, target) => {
    if (!existsSync(target)) put(stage, deed, target, 3_333);
    else edit(stage, deed, target);
  },
  'target-edit': (stage, deed, target) => edit(stage, deed, target),
  'target-delete': (stage, deed, target) => {
    stage.ledger.remove(target);
    deed.touched.add(target);
  },
  'target-folder': (stage, deed, target) => {
    stage.ledger.remove(target);
    deed.touched.add(target);
    stage.ledger.write(join(target, 'inside.txt'), `inside a folder at ${target}`, stage.ledger.bytes(77), LATER);
  },
  'source-edit': (stage, deed, _target, source) => {
    change(stage, deed, source, (size) => size + 1_001);
  },
  'source-rewrite': (stage, deed, _target, source) => {
    change(stage, deed, source, (size) => size);
  },
  'source-delete': (stage, deed, _target, source) => {
    stage.ledger.remove(source);
    deed.changed.add(source);
  },
  'copy-edit': (stage, deed, target) => {
    const copy = existsSync(target) ? target : copyIn(stage.target);
    if (copy !== undefined) edit(stage, deed, copy);
  },
  'storage-returns': (stage) => {
    stage.world.phone.removeStorage(0);
    stage.away(
      () => undefined,
      () => stage.world.phone.insertStorage(0),
    );
  },
  'disk-returns': (stage) => {
    stage.diskReturns();
  },
  'cable-returns': (stage) => {
    later(stage, () => {
      stage.away(
        () => stage.world.phone.unplug(),
        () => stage.world.phone.plug(),
      );
    });
  },
  'twin-arrives': (stage) => {
    later(stage, () => {
      const twin = stage.twin();
      stage.away(
        () => twin.plug(),
        () => stage.takeAway(twin),
      );
    });
  },
  'twin-instead': (stage) => {
    later(stage, () => {
      const twin = stage.twin();
      stage.away(
        async () => {
          await stage.world.phone.unplug();
          twin.plug();
        },
        async () => {
          await stage.takeAway(twin);
          stage.world.phone.plug();
        },
      );
    });
  },
  'clock-back': (stage) => {
    stage.jump(-2 * DAY);
  },
  'clock-forward': (stage) => {
    stage.jump(2 * DAY);
  },
  'store-refuses': (stage) => {
    stage.refuseWrites(2);
  },
};

/** Runs right after a database write: no command can arrive while the only thread is writing. */
function later(stage: Stage, action: () => void): void {
  stage.pending.push(new Promise<void>((resolve) => setImmediate(() => resolve(action()))));
}

export const itemsOf = (stage: Stage): readonly ItemView[] => {
  const { engine } = stage.world;
  const transfer = stage.transfer;
  if (transfer === undefined) return [];
  let items: readonly ItemView[] = [];
  engine.watch('items', { transfer: transfer.id, offset: 0, limit: 100, only: 'all' }, (snapshot) => {
    items = snapshot.items;
  })();
  return items;
};

function put(stage: Stage, deed: Deed, path: string, size: number): void {
  deed.touched.add(path);
  const digest = stage.ledger.write(path, `what a person put at ${path}`, stage.ledger.bytes(size), LATER);
  deed.put.push({ digest, size, path });
}

/** Overwrites the file with other content of the same size, or creates it. */
function edit(stage: Stage, deed: Deed, path: string): void {
  if (!existsSync(path) || !lstatSync(path).isFile()) put(stage, deed, path, 2_222);
  else put(stage, deed, path, readFileSync(path).byteLength);
}

function change(stage: Stage, deed: Deed, path: string, sizeOf: (size: number) => number): void {
  deed.changed.add(path);
  const size = existsSync(path) ? lstatSync(path).size : 5_000;
  stage.ledger.write(path, `an edited source at ${path}`, stage.ledger.bytes(sizeOf(size)), LATER);
}

const copyIn = (folder: string): string | undefined =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !isOurs(name) && !name.startsWith('bystander'))
        .map((name) => join(folder, name))
        .find((path) => lstatSync(path).isFile())
    : undefined;
