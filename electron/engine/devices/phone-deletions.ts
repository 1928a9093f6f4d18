import { randomBytes } from 'node:crypto';
import { ROOT, baseNameOf, parentOf, type PhonePath, type PhonePlace } from '../../../shared/domain.ts';
import {
  endsConnection,
  fail,
  failRequest,
  isPhoneError,
  PhoneError,
  type Problem,
  problemOf,
  requestProblem,
} from '../../../shared/errors.ts';
import type { ObjectHandle, PhoneObject } from '../../mtp/index.ts';
import { destroyOnPhone, type PhoneDestruction } from './destroy-on-phone.ts';
import type { Connection } from './device-connection.ts';
import { isSameBranch, listBranch, sizeOfBranch, type Branch } from './phone-branch.ts';
import type { PhoneBrowser } from './phone-browser.ts';
import { isWayUnchanged } from './way.ts';

/** What a person deletes on the phone: counted first, and then exactly what was counted. */

const BROWSE = { priority: 'browse' } as const;
/** What was counted for a question is remembered for so many questions. */
const MOST_AGREEMENTS = 16;
/** Names told of sources that did not go. */
const MOST_TOLD = 5;

/** Counts for questions, and deletes what was agreed to. */
export class PhoneDeletions {
  readonly #browser: PhoneBrowser;
  /** What questions were about: the trees as they were counted, by place; oldest first. */
  readonly #agreements = new Map<string, ReadonlyMap<string, Branch>>();

  constructor(browser: PhoneBrowser) {
    this.#browser = browser;
  }

  /** Counts and sizes what a question is about; `agreement` names it for `delete`. */
  async measure(sources: readonly PhonePlace[]): Promise<{
    readonly files: number;
    readonly folders: number;
    readonly bytes: number;
    readonly agreement: string;
  }> {
    const sum = { files: 0, folders: 0, bytes: 0 };
    const trees = new Map<string, Branch>();
    for (const source of sources) {
      const tree = await this.#tree(source);
      trees.set(keyOf(source), tree);
      const size = sizeOfBranch(tree);
      sum.files += size.files;
      // the root of a storage is not counted itself
      sum.folders += size.folders - (source.path === ROOT ? 1 : 0);
      sum.bytes += size.bytes;
    }
    const agreement = randomBytes(8).toString('hex');
    this.#agreements.set(agreement, trees);
    const [oldest] = this.#agreements.keys();
    if (this.#agreements.size > MOST_AGREEMENTS && oldest !== undefined) this.#agreements.delete(oldest);
    return { ...sum, agreement };
  }

  async #tree(source: PhonePlace): Promise<Branch> {
    if (source.path === ROOT) {
      const connection = this.#browser.connection(source.device);
      return listBranch(connection, source.storage, ROOT, undefined);
    }
    const { connection, object } = await this.#browser.find(source);
    return listBranch(connection, source.storage, source.path, object);
  }

  /**
   * Deletes what a person agreed to: with `agreement` as it was counted then, else as it is shown now. What has changed,
   * or lies elsewhere, since then stays, and so do the folders that hold it. Answers how many sources went. Each is
   * tried; rejects with all that did not go, and at once with what ends the connection.
   */
  async delete(sources: readonly PhonePlace[], agreement?: string): Promise<number> {
    const agreed = agreement === undefined ? undefined : this.#agreements.get(agreement);
    const isCounted = (source: PhonePlace): boolean => agreed?.has(keyOf(source)) === true;
    if (agreement !== undefined && !sources.every(isCounted))
      throw failRequest('delete', { id: 'question-outdated' }, { id: 'start-over' });
    if (sources.some(({ path }) => path === ROOT)) throw failRequest('delete', { id: 'whole-storage' });
    const kept: { readonly path: PhonePath; readonly error: unknown }[] = [];
    for (const source of sources)
      try {
        await this.#deleteOne(source, agreed?.get(keyOf(source)));
      } catch (error) {
        if (endsConnection(problemOf(error, 'delete').kind)) throw error;
        kept.push({ path: source.path, error });
      }
    if (kept.length > 0) throw keptError(kept, sources.length);
    return sources.length;
  }

  async #deleteOne(source: PhonePlace, counted: Branch | undefined): Promise<void> {
    const { connection, parent, object } = await this.#browser.find(source);
    const seen = counted ?? { object, path: source.path, children: undefined };
    try {
      if (
        seen.object?.handle !== object.handle ||
        !(await isWayUnchanged(connection, source.storage, parentOf(source.path)))
      )
        throw changedSince(source.path);
      // nothing was deleted: it may have got another name or place, and whoever asked must know
      if ((await this.#remove(connection, source, seen)) === 'gone')
        throw fail('missing', 'delete', 'it went before it was deleted', {
          subject: source.path,
          advice: { id: 'gone-since' },
        });
    } catch (error) {
      // what is shown is old
      connection.tree.forget();
      throw error;
    } finally {
      if (object.kind === 'folder') connection.tree.forget();
      this.#browser.changed(source.device, parent.path);
    }
  }

  /** One object; a folder with all in it: the folders in it first, so that each is looked at right before it goes. */
  async #remove(connection: Connection, place: PhonePlace, seen: Branch): Promise<'done' | 'gone'> {
    const { object } = seen;
    if (object?.kind !== 'folder') return this.#removeOne(connection, place, seen);
    const agreed =
      seen.children === undefined
        ? await listBranch(connection, place.storage, place.path, object, { fresh: true })
        : seen;
    // one that is listed inside itself has no end
    if (!isWhole(agreed)) return this.#removeOne(connection, place, agreed);
    const files: Branch[] = [];
    for (const child of agreed.children ?? []) {
      if (child.object?.kind === 'folder') await this.#remove(connection, { ...place, path: child.path }, child);
      else files.push(child);
    }
    return this.#removeOne(connection, place, { ...agreed, children: files });
  }

  /** At once where it is still what was seen and the phone can, else piece by piece. */
  async #removeOne(connection: Connection, place: PhonePlace, seen: Branch): Promise<'done' | 'gone'> {
    const { object } = seen;
    if (object === undefined) return 'gone';
    if (object.kind === 'folder') {
      const now = await listBranch(connection, place.storage, place.path, object, { fresh: true });
      const isSame = seen.children === undefined || isSameBranch(now, seen);
      if (isSame) {
        const holds = new Set((now.children ?? []).flatMap(({ object: child }) => child?.handle ?? []));
        const answer = await destroyChosen(connection, place, object, holds).catch((error: unknown) => {
          if (isPhoneError(error) && error.kind === 'refused') return 'refused' as const;
          throw error;
        });
        if (answer === 'done' || answer === 'gone') return answer;
        // the folder itself is another one by now
        if (answer === 'changed' && (await handlesIn(connection, place, object)).every((handle) => holds.has(handle)))
          throw changedSince(place.path);
      }
      // phones that delete only empty folders; and what came or changed since must stay
      for (const child of (seen.children === undefined ? now : seen).children ?? [])
        await this.#remove(connection, { ...place, path: child.path }, child);
      // also what the phone cannot describe, and no listing has
      const holds = new Set(await handlesIn(connection, place, object));
      const left = await listBranch(connection, place.storage, place.path, object, { fresh: true });
      if ((left.children ?? []).length > 0) throw changedSince(place.path);
      return this.#destroy(connection, place, object, holds);
    }
    return this.#destroy(connection, place, object);
  }

  async #destroy(
    connection: Connection,
    place: PhonePlace,
    object: PhoneObject,
    holds?: ReadonlySet<ObjectHandle>,
  ): Promise<'done' | 'gone'> {
    const answer = await destroyChosen(connection, place, object, holds);
    switch (answer) {
      case 'done':
      case 'gone':
        return answer;
      case 'phantom':
        throw failRequest('delete', { id: 'being-created', with: { name: object.name } }, { id: 'replug-then-delete' });
      default:
        throw changedSince(place.path);
    }
  }
}

const changedSince = (path: PhonePath): Error =>
  failRequest('delete', { id: 'changed-since', with: { name: baseNameOf(path) } }, { id: 'look-and-delete' });

const destroyChosen = (
  connection: Connection,
  { storage, path }: PhonePlace,
  object: PhoneObject,
  holds: ReadonlySet<ObjectHandle> | undefined,
): Promise<PhoneDestruction> =>
  destroyOnPhone(
    connection,
    { storage, folder: parentOf(path), name: object.name, handle: object.handle },
    { kind: 'chosen', object, ...(holds && { holds }) },
    BROWSE,
  );

const handlesIn = async (
  { phone, tree }: Connection,
  { storage }: PhonePlace,
  { handle }: PhoneObject,
): Promise<readonly ObjectHandle[]> => (await phone.handles(tree.storage(storage).id, handle, BROWSE)) ?? [];

/** Whether each folder of it was listed. */
const isWhole = ({ object, children }: Branch): boolean =>
  object?.kind === 'file' || (children?.every(isWhole) ?? false);

/** One error for all sources that did not go: the only one as it is. */
function keptError(kept: readonly { readonly path: PhonePath; readonly error: unknown }[], sources: number): Error {
  const problems = kept.map(({ error }): Problem => problemOf(error, 'delete'));
  const [first] = problems;
  if (first === undefined) return fail('internal', 'delete');
  if (sources === 1) return new PhoneError(first);
  const names = kept.slice(0, MOST_TOLD).map(({ path }) => baseNameOf(path));
  const more = kept.length - names.length;
  const told = { deleted: sources - kept.length, sources, names };
  return new PhoneError({
    ...requestProblem(
      'delete',
      more > 0 ? { id: 'deleted-partly-more', with: { ...told, more } } : { id: 'deleted-partly', with: told },
    ),
    cause: first,
  });
}

const keyOf = ({ device, storage, path }: PhonePlace): string => `${device}\n${storage}\n${path}`;
