import { isAnonymous, type DeviceKey, type PhonePlace } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { EngineClock } from '../api.ts';
import type { PhoneFile } from '../reading/phone-file.ts';
import type { Reading } from '../reading/reading.ts';
import { LARGEST_KEPT, urlOf, type Picture, type PictureCache } from './cache.ts';
import { embeddedIn, withOrientation, type EmbeddedPicture } from './embedded.ts';
import { pictureHead } from './formats.ts';
import { PictureTurns, type OnTurn } from './picture-turns.ts';

/**
 * Small and larger pictures of what lies on a phone: from this computer's disk, else from the phone's own thumbnails,
 * else from the beginning of the file. They are the least important thing a phone is asked for, so they ask after the
 * listings (*bulk*), one at a time, and while files move, seldom and in small pieces only (`PictureTurns`).
 */

/** Read of a file's beginning: an EXIF block ends within 64 KiB of its start, and other blocks may come before it. */
const HEAD_BYTES = 128 * 1024;
/** Read of a JPEG to learn how its thumbnail is to be turned: the note and what tells of the thumbnail are in its first block. */
const NOTE_BYTES = 64 * 1024;
const LARGEST_THUMBNAIL = 512 * 1024;
/** A picture up to this size is shown whole. */
const LARGEST_WHOLE = 8 * 1024 * 1024;
/** Of a whole picture at once: between two of them everything else gets its turn. */
const PIECE_BYTES = 256 * 1024;
/** Files whose beginning may hold a picture that can be drawn; HEIC and videos have their thumbnails from the phone or not at all. */
const READABLE = /\.(?:jpe?g|png|gif|webp|dng|nef|cr2|arw|tiff?)$/i;

const JPEG = /\.jpe?g$/i;

const BULK = { priority: 'bulk' } as const;
/** Nothing ahead of what is looked at, and no wait for a phone that went: it is asked for again when it is shown again. */
const AS_PICTURE = { ...BULK, readAhead: false, keep: false, patienceMs: 0 } as const;

type Size = 'thumbnail' | 'preview';

interface Made {
  readonly picture: Picture | undefined;
  /** Whether the same would be made another time. */
  readonly keep: boolean;
}

const superseded = (): Error => fail('cancelled', 'preview', 'another one was asked for');

/** What pictures are made from; without a `cache` each is asked of the phone again. */
export interface PicturesOptions {
  /** Rejects with the reason where the place is not there. */
  readonly find: (place: PhonePlace) => Promise<{ readonly connection: Connection; readonly object: PhoneObject }>;
  readonly reading: Pick<Reading, 'openFound'>;
  readonly cache: PictureCache | undefined;
  readonly clock: EngineClock;
  /** Whether a transfer wants the phone now: it is being planned, moves files, or has more to move. */
  readonly busy: (device: DeviceKey) => boolean;
}

/** What a picture is made of, and whom the phone's work on it is told. */
interface Subject {
  readonly connection: Connection;
  readonly place: PhonePlace;
  readonly object: PhoneObject;
  readonly onTurn: OnTurn;
}

/**
 * Thumbnails and previews of files on phones, one request per phone at a time. Rejects with `cancelled` when a newer
 * preview was asked for, and where the phone cannot be asked; no picture is `undefined`.
 */
export class Pictures {
  readonly #options: PicturesOptions;
  readonly #turns: PictureTurns;
  /** Which preview was asked for last: whoever looks at the next picture no longer waits for the one before. */
  readonly #newest = new WeakMap<Connection, number>();
  /** How many others are at work with a phone, besides transfers. */
  readonly #others = new Map<DeviceKey, number>();

  constructor(options: PicturesOptions) {
    this.#options = options;
    this.#turns = new PictureTurns(options.clock, (device) => this.#isBusy(device));
  }

  /** Pictures of this phone stand back for `work`, as they do for transfers. Rejects as `work` does. */
  async standBackFor<T>(device: DeviceKey, work: () => Promise<T>): Promise<T> {
    const others = this.#others;
    others.set(device, (others.get(device) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (others.get(device) ?? 1) - 1;
      if (left > 0) others.set(device, left);
      else others.delete(device);
    }
  }

  #isBusy(device: DeviceKey): boolean {
    return this.#others.has(device) || this.#options.busy(device);
  }

  /** A small picture as a `data:` URL, where there is one. */
  async thumbnail(place: PhonePlace): Promise<string | undefined> {
    const { connection, object } = await this.#options.find(place);
    if (object.kind !== 'file') return undefined;
    return urlOf(
      await this.#cached('thumbnail', connection, place, object, () =>
        this.#turns.take(connection, async (onTurn) => ({
          picture: await this.#small({ connection, place, object, onTurn }),
          keep: true,
        })),
      ),
    );
  }

  /**
   * A picture to look at more closely: the whole one where it is not too large and nothing moves, else the largest that
   * is embedded in it, else the thumbnail. A newer call for the same phone ends an older one with `cancelled`.
   */
  async preview(place: PhonePlace): Promise<string | undefined> {
    const { connection, object } = await this.#options.find(place);
    if (object.kind !== 'file') return undefined;
    const mine = (this.#newest.get(connection) ?? 0) + 1;
    this.#newest.set(connection, mine);
    const current = (): boolean => this.#newest.get(connection) === mine;
    const large = await this.#cached('preview', connection, place, object, () =>
      this.#turns.take(connection, (onTurn) => this.#large({ connection, place, object, onTurn }, current)),
    );
    return large === undefined ? await this.thumbnail(place) : urlOf(large);
  }

  async #cached(
    size: Size,
    connection: Connection,
    place: PhonePlace,
    object: PhoneObject,
    make: () => Promise<Made>,
  ): Promise<Picture | undefined> {
    const { cache } = this.#options;
    // handles and ports are of no meaning later, and without a date a file that was replaced looks like the old one
    const lasting = !isAnonymous(connection.key) && object.modified !== undefined;
    if (cache === undefined || !lasting) return (await make()).picture;
    const key = JSON.stringify([
      size,
      connection.key,
      place.storage,
      place.path,
      object.name,
      object.size,
      object.modified,
    ]);
    const kept = await cache.get(key);
    if (kept !== undefined) return kept;
    const { picture, keep } = await make();
    if (picture !== undefined && keep && picture.bytes.byteLength <= LARGEST_KEPT) await cache.put(key, picture);
    return picture;
  }

  async #small(subject: Subject): Promise<Picture | undefined> {
    const { connection, object, onTurn } = subject;
    const { phone, key } = connection;
    // while files move, one read instead of two: it has the thumbnail and how it is to be turned
    const head = this.#isBusy(key) ? await this.#noteOf(subject) : undefined;
    const found = head === undefined ? undefined : wholeIn(head, object.size);
    if (found !== undefined) return found;
    const own = phone.capabilities.thumbnails ? await phone.thumbnail(object.handle, { ...BULK, onTurn }) : undefined;
    const drawn = own === undefined ? undefined : drawable(own);
    if (drawn !== undefined) return await this.#turned(subject, drawn, head);
    return await this.#reading(subject, async (file) => {
      const head = await headOf(file);
      if (head === undefined) return undefined;
      // a small picture is its own thumbnail
      if (head.byteLength === object.size) {
        const whole = drawable(head);
        if (whole !== undefined) return whole;
      }
      return await embedded(file, head, LARGEST_THUMBNAIL);
    });
  }

  /**
   * A thumbnail that the phone took from the file as it lies there (AOSP does, `MtpDatabase.getThumbnailProcess`) lacks the
   * note by which the picture is turned. One that it drew itself is upright and another picture than the embedded one.
   */
  async #turned(subject: Subject, own: Picture, known: Uint8Array | undefined): Promise<Picture> {
    const head = own.mime === 'image/jpeg' ? (known ?? (await this.#noteOf(subject))) : undefined;
    if (head === undefined) return own;
    const { pictures, orientation } = embeddedIn(head, subject.object.size);
    const isEmbedded = pictures.some(({ offset, length }) => {
      const known = head.subarray(offset, offset + length);
      return length === own.bytes.byteLength && Buffer.compare(known, own.bytes.subarray(0, known.byteLength)) === 0;
    });
    return isEmbedded ? { ...own, bytes: withOrientation(own.bytes, orientation) } : own;
  }

  /** The beginning of a JPEG; `undefined` of other files. */
  async #noteOf(subject: Subject): Promise<Uint8Array | undefined> {
    if (!JPEG.test(subject.object.name)) return undefined;
    return await this.#reading(subject, (file) => headOf(file, NOTE_BYTES));
  }

  async #large(subject: Subject, current: () => boolean): Promise<Made> {
    if (!current()) throw superseded();
    const { connection, object } = subject;
    const made = await this.#reading(subject, async (file): Promise<Made | undefined> => {
      const head = await headOf(file);
      if (head === undefined) return undefined;
      let keep = true;
      if (pictureHead(head) !== undefined && object.size <= LARGEST_WHOLE) {
        const whole = await this.#whole(connection, file, head, current);
        const drawn = whole === undefined ? undefined : drawable(whole);
        if (drawn !== undefined) return { picture: drawn, keep };
        // what is shown while files move is not what is shown afterwards
        keep = whole !== undefined;
      }
      return { picture: await embedded(file, head, LARGEST_WHOLE), keep };
    });
    return made ?? { picture: undefined, keep: false };
  }

  /** Opens the file where it may be a picture of a readable kind, and closes it. */
  async #reading<T>(
    { connection, place, object, onTurn }: Subject,
    look: (file: PhoneFile) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const { partialRead } = connection.phone.capabilities;
    if (!READABLE.test(object.name) || object.size === 0 || partialRead === 'none') return undefined;
    const file = this.#options.reading.openFound(place, connection, object, { ...AS_PICTURE, onTurn });
    try {
      return await look(file);
    } finally {
      file.close();
    }
  }

  /** All of it, as long as nothing moves; `undefined` where something began to. */
  async #whole(
    connection: Connection,
    file: PhoneFile,
    head: Uint8Array,
    current: () => boolean,
  ): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(file.size);
    bytes.set(head);
    for (let at = head.byteLength; at < file.size; at += PIECE_BYTES) {
      if (this.#isBusy(connection.key)) return undefined;
      if (!current()) throw superseded();
      bytes.set(await file.read(at, PIECE_BYTES), at);
    }
    return bytes;
  }
}

/** The file's beginning; `undefined` where the phone does not read parts of it. */
async function headOf(file: PhoneFile, length = HEAD_BYTES): Promise<Uint8Array | undefined> {
  try {
    return await file.read(0, length);
  } catch (error) {
    // a phone that will not read parts of this file has no preview of it
    if (isPhoneError(error) && (error.kind === 'unsupported' || error.kind === 'refused')) return undefined;
    throw error;
  }
}

/** The largest picture of which all bytes lie in the file's beginning. */
function wholeIn(head: Uint8Array, size: number): Picture | undefined {
  const { pictures, orientation } = embeddedIn(head, size);
  for (const { offset, length } of pictures.toReversed()) {
    if (offset + length > head.byteLength) continue;
    const bytes = head.slice(offset, offset + length);
    if (pictureHead(bytes)?.type === 'jpeg') return { mime: 'image/jpeg', bytes: withOrientation(bytes, orientation) };
  }
  return undefined;
}

/** The largest picture in the file of at most so many bytes. */
async function embedded(file: PhoneFile, head: Uint8Array, most: number): Promise<Picture | undefined> {
  const { pictures, orientation } = embeddedIn(head, file.size);
  for (const one of pictures.filter(({ length }) => length <= most).toReversed()) {
    const bytes = await bytesOf(file, head, one);
    if (pictureHead(bytes)?.type !== 'jpeg') continue;
    return { mime: 'image/jpeg', bytes: withOrientation(bytes, orientation) };
  }
  return undefined;
}

async function bytesOf(file: PhoneFile, head: Uint8Array, { offset, length }: EmbeddedPicture): Promise<Uint8Array> {
  if (offset + length <= head.byteLength) return head.slice(offset, offset + length);
  // a small piece first: what is no picture is not worth reading to its end
  const first = await file.read(offset, Math.min(length, HEAD_BYTES));
  if (first.byteLength === length || pictureHead(first) === undefined) return first;
  const bytes = new Uint8Array(length);
  bytes.set(first);
  for (let at = first.byteLength; at < length; at += PIECE_BYTES)
    bytes.set(await file.read(offset + at, Math.min(PIECE_BYTES, length - at)), at);
  return bytes;
}

/** Nothing else is shown: what a phone calls a picture may be anything. */
function drawable(bytes: Uint8Array): Picture | undefined {
  const head = pictureHead(bytes);
  return head === undefined ? undefined : { mime: `image/${head.type}`, bytes };
}
