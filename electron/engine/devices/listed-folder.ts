import { foldName, segmentOf, type PhonePath, type StorageKey } from '../../../shared/domain.ts';
import type { CallOptions, FolderRef, ObjectHandle, PhoneObject, PhoneStorage } from '../../mtp/index.ts';
import { apart } from '../local/local-names.ts';

/** A folder that was made on this connection. */
export interface MadeFolder {
  readonly storage: StorageKey;
  /** The folder it was made in. */
  readonly folder: PhonePath;
  readonly parent: FolderRef;
  readonly name: string;
  readonly handle: ObjectHandle;
}

/** How folders are made. */
export interface MakeOptions extends CallOptions {
  /** Called with each that was made, those above first. */
  readonly onMade?: ((made: MadeFolder) => void) | undefined;
}

/** A listed folder: its objects under the spelling that a path uses, and under the key of a case-insensitive storage. */
export class ListedFolder {
  readonly storage: PhoneStorage;
  readonly path: PhonePath;
  readonly ref: FolderRef;
  /** When the phone was last asked what is in it, in milliseconds of the tree's clock. */
  lookedAt = Number.NEGATIVE_INFINITY;
  readonly #bySegment = new Map<string, PhoneObject>();
  readonly #byFold = new Map<string, PhoneObject>();
  /** Handles of the objects; a set, since each event of the phone asks for one. */
  readonly #handles = new Set<ObjectHandle>();
  readonly #claims: Set<string>;

  /** `claims`: the tree's, so that every listing of one folder knows the same. */
  constructor(
    storage: PhoneStorage,
    path: PhonePath,
    ref: FolderRef,
    objects: readonly PhoneObject[],
    claims = new Set<string>(),
  ) {
    this.#claims = claims;
    this.storage = storage;
    this.path = path;
    this.ref = ref;
    this.#addAll(objects);
  }

  #addAll(objects: readonly PhoneObject[]): void {
    const met = new Map<string, number>();
    for (const object of objects) {
      const segment = segmentOf(object.name);
      if (!this.#bySegment.has(segment)) {
        this.add(object);
        continue;
      }
      // two objects of one name, or `a/b` beside its look-alike: the later one gets a name of its own, and no one is hidden
      let number = met.get(segment) ?? 1;
      do number += 1;
      while (this.#bySegment.has(apart(segment, number)));
      met.set(segment, number);
      this.add({ ...object, name: apart(segment, number) });
    }
  }

  /** The folder was listed again. */
  replaceAll(objects: readonly PhoneObject[]): void {
    this.#bySegment.clear();
    this.#byFold.clear();
    this.#handles.clear();
    this.#addAll(objects);
  }

  get objects(): Iterable<PhoneObject> {
    return this.#bySegment.values();
  }
  get size(): number {
    return this.#bySegment.size;
  }

  /**
   * The object of exactly this name, else one whose name is the same on a case-insensitive storage. `except`: one that
   * is passed over, since it is to get this very name.
   */
  find(name: string, except?: ObjectHandle): PhoneObject | undefined {
    const exact = this.#bySegment.get(segmentOf(name));
    if (exact !== undefined && exact.handle !== except) return exact;
    const fold = foldName(segmentOf(name));
    const folded = this.#byFold.get(fold);
    if (folded === undefined || folded.handle !== except) return folded;
    for (const other of this.#bySegment.values())
      if (other.handle !== except && foldName(segmentOf(other.name)) === fold) return other;
    return undefined;
  }
  /** Whether the object was listed here. */
  has(handle: ObjectHandle): boolean {
    return this.#handles.has(handle);
  }
  /** The object of exactly this name. */
  exactly(name: string): PhoneObject | undefined {
    return this.#bySegment.get(segmentOf(name));
  }
  /** Notes an object; of several with one name the first is found. */
  add(object: PhoneObject): void {
    const segment = segmentOf(object.name);
    if (!this.#bySegment.has(segment)) {
      this.#bySegment.set(segment, object);
      this.#handles.add(object.handle);
    }
    const fold = foldName(segment);
    if (!this.#byFold.has(fold)) this.#byFold.set(fold, object);
  }
  /** Takes a name for something that is being made; false when somebody else is making it. */
  claim(name: string): boolean {
    const claim = this.#claimOf(name);
    if (this.#claims.has(claim)) return false;
    this.#claims.add(claim);
    return true;
  }
  /** What was claimed is made, or nobody makes it any more. */
  release(name: string): void {
    this.#claims.delete(this.#claimOf(name));
  }
  #claimOf(name: string): string {
    return `${this.storage.key}:${this.path}\n${foldName(segmentOf(name))}`;
  }
  /** Forgets the object of exactly this name; the phone is not asked. */
  remove(name: string): void {
    const segment = segmentOf(name);
    const object = this.#bySegment.get(segment);
    this.#bySegment.delete(segment);
    if (object === undefined) return;
    this.#handles.delete(object.handle);
    const fold = foldName(segment);
    const wasFound = this.#byFold.get(fold) === object;
    if (wasFound) this.#byFold.delete(fold);
    for (const other of this.#bySegment.values()) {
      // a phone may list one object under two names
      if (other.handle === object.handle) this.#handles.add(other.handle);
      if (wasFound && !this.#byFold.has(fold) && foldName(segmentOf(other.name)) === fold)
        this.#byFold.set(fold, other);
    }
  }
}
