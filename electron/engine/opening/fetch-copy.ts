import {
  baseNameOf,
  isAnonymous,
  localPath,
  type Instant,
  type LocalPath,
  type PhonePlace,
} from '../../../shared/domain.ts';
import { fail, isPhoneError, type PhoneErrorKind } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import { deleteLocal, renameLocal } from '../local/destroy-local.ts';
import type { Disk, OpenFile } from '../local/disk.ts';
import { PART_SUFFIX, freeBytes, local, modifiedOf, writeFully } from '../local/local-files.ts';
import type { OpenOptions, PhoneFile } from '../reading/phone-file.ts';
import { compareRange, readableEnd, sampleRanges } from '../transfer/compare-bytes.ts';
import { CONTENT_SALT, digestFile, fingerprintFile } from '../transfer/fingerprint.ts';

/** Fetches one file of a phone through `reading`, beside whatever else moves, and compares the copy with it. */

/** What fetching needs of the engine. */
export interface FetchParts {
  readonly disk: Disk;
  readonly open: (place: PhonePlace, options: OpenOptions) => Promise<PhoneFile>;
  readonly find: (place: PhonePlace) => Promise<{ readonly connection: Connection; readonly object: PhoneObject }>;
  /** Does something by the listings of the place's phone, or by new ones. */
  readonly asItIs: <T>(place: PhonePlace, work: () => Promise<T>) => Promise<T>;
  /** Resolves when the phone may be asked again; `refused` where it was there the last time, too. */
  readonly untilReady: (place: PhonePlace, refused: boolean, signal: AbortSignal) => Promise<void>;
}

/** How far it has come; each call replaces what was told before. */
export type OnFetch = (state: 'fetching' | 'away' | 'checking', fetched: number, size: number) => void;

/** A copy that is complete and the same as the phone's file. */
export interface Fetched {
  readonly path: LocalPath;
  /** Bytes, as the phone tells them. */
  readonly size: number;
  readonly modified: Instant | undefined;
  readonly fingerprint: string;
  readonly sha256: string | undefined;
  readonly written: { readonly size: number; readonly modified: Instant };
}

const PIECE_BYTES = 1024 * 1024;
/** A small file is waited for; a larger one takes turns with transfers. */
const URGENT_BELOW = 16 * 1024 * 1024;
/** A copy that differs is fetched once more. */
const ATTEMPTS = 2;
/** What a phone that is away, locked or recovering is told as: fetching goes on when it is ready. */
const AWAY: ReadonlySet<PhoneErrorKind> = new Set([
  'disconnected',
  'silent',
  'confused',
  'locked',
  'held',
  'storage-missing',
  'stale',
]);

/**
 * Fetches `place` to `path`, a name that is free. While the phone is away it waits. Rejects with `cancelled` when
 * stopped, `source-changed` and `missing` where the file is no longer the one that was opened, `mismatch` where the copy
 * differed twice, and with kinds of the computer's side.
 */
export async function fetchCopy(
  parts: FetchParts,
  place: PhonePlace,
  path: string,
  signal: AbortSignal,
  onFetch: OnFetch,
): Promise<Fetched> {
  for (let attempt = 1; ; attempt += 1) {
    const part = `${path}.${attempt}${PART_SUFFIX}`;
    const fetched = await fetchOnce(parts, place, part, signal, onFetch);
    if (fetched !== undefined) {
      const { disk } = parts;
      const named = await renameLocal(disk, part, path, { kind: 'own-name' });
      if (named.kind !== 'done') throw fail('local-exists', 'rename', named.kind, { subject: path });
      const stats = await local('target', 'stat', path, () => disk.lstat(path));
      return {
        ...fetched,
        path: localPath(path),
        fingerprint: await fingerprintFile(disk, path, CONTENT_SALT),
        sha256: fetched.modified === undefined ? await digestFile(disk, path) : undefined,
        written: { size: stats.size, modified: modifiedOf(stats) },
      };
    }
    await deleteLocal(parts.disk, part, { kind: 'own-name' }).catch(() => undefined);
    if (attempt === ATTEMPTS)
      throw fail('mismatch', 'open', 'the copy differed twice', { subject: baseNameOf(place.path) });
  }
}

/** `undefined` where the copy differs. */
async function fetchOnce(
  parts: FetchParts,
  place: PhonePlace,
  part: string,
  signal: AbortSignal,
  onFetch: OnFetch,
): Promise<Pick<Fetched, 'size' | 'modified'> | undefined> {
  const { disk } = parts;
  const patiently = <T>(fetched: number, size: number, work: () => Promise<T>): Promise<T> =>
    whileAway(parts, place, signal, () => onFetch('away', fetched, size), work);
  const { source, connection } = await patiently(0, 0, () => open(parts, place, signal));
  const stop = (): void => source.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { size, modified } = source;
    onFetch('fetching', 0, size);
    await requireSpace(disk, part, size);
    const file = await local('target', 'open', part, () => disk.open(part, 'create', 0o600));
    try {
      for (let at = 0; at < size;) {
        refuseStopped(signal);
        const from = at;
        const bytes = await patiently(from, size, () => read(parts, source, place, from, file, part));
        at += bytes;
        onFetch('fetching', at, size);
      }
      refuseStopped(signal);
      onFetch('checking', size, size);
      const same = await patiently(size, size, () => isSame(parts, place, source, file, connection));
      if (!same) return undefined;
      if (modified !== undefined) {
        const when = new Date(modified);
        // a date that the disk rejects fails no copy
        await file.utimes(when, when).catch(() => undefined);
      }
      // before the record of it is: what a power cut took of it would be shown as an edit
      await file.datasync().catch(() => undefined);
      return { size: source.told, modified };
    } finally {
      await file.close();
    }
  } finally {
    signal.removeEventListener('abort', stop);
    source.close();
  }
}

/** Opens the file; a stop need not wait for a phone that is away. */
async function open(
  { open, find }: FetchParts,
  place: PhonePlace,
  signal: AbortSignal,
): Promise<{ readonly source: PhoneFile; readonly connection: Connection }> {
  const opened = (async () => {
    const { connection, object } = await find(place);
    const priority = object.size <= URGENT_BELOW ? 'browse' : 'bulk';
    return { source: await open(place, { priority, keep: false }), connection };
  })();
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(fail('cancelled', 'open', 'stopped')), { once: true });
  });
  try {
    return await Promise.race([opened, stopped]);
  } catch (error) {
    opened.then(
      (late) => late.source.close(),
      () => undefined,
    );
    throw error;
  }
}

/** Reads one piece and writes it; answers its length. A phone that reads no parts gives the whole at once. */
async function read(
  parts: FetchParts,
  source: PhoneFile,
  place: PhonePlace,
  at: number,
  file: OpenFile,
  shown: string,
): Promise<number> {
  const write = (bytes: Uint8Array, position: number): Promise<void> =>
    local('target', 'write', shown, () => writeFully(file, [bytes], position));
  let bytes: Uint8Array;
  try {
    bytes = await source.read(at, Math.min(PIECE_BYTES, source.size - at));
  } catch (error) {
    if (!isPhoneError(error) || error.kind !== 'unsupported') throw error;
    return readWhole(parts, source, place, write);
  }
  // never shorter before the end, as long as it is the same file
  if (bytes.byteLength === 0) throw changed(place);
  await write(bytes, at);
  return bytes.byteLength;
}

async function readWhole(
  { find }: FetchParts,
  source: PhoneFile,
  place: PhonePlace,
  write: (bytes: Uint8Array, position: number) => Promise<void>,
): Promise<number> {
  const { connection, object } = await find(place);
  let at = 0;
  await connection.phone.readWhole(
    object,
    async (piece) => {
      await write(Uint8Array.from(piece), at);
      at += piece.byteLength;
    },
    { priority: 'browse' },
  );
  if (at !== source.size) throw changed(place);
  return at;
}

/**
 * Whether samples of the copy are what the phone has now, or all of it where no date says that the file is the one which was
 * begun on another connection (`first`). Rejects with `source-changed` where the file is another.
 */
async function isSame(
  { find }: FetchParts,
  place: PhonePlace,
  source: PhoneFile,
  file: OpenFile,
  first: Connection,
): Promise<boolean> {
  const { connection, object } = await find(place);
  const { phone } = connection;
  const now = await phone.stat(object.handle);
  if (now.size !== source.told || now.modified !== source.modified) throw changed(place);
  if ((await file.stat()).size !== source.size) return false;
  // what comes in one transaction has no joints to be wrong at
  if (source.size > readableEnd(phone)) return true;
  const isDoubtful = source.modified === undefined && connection !== first;
  for (const range of isDoubtful ? [{ offset: 0, length: source.size }] : sampleRanges(source.size))
    if ((await compareRange(phone, { ...object, size: source.size }, file, range)) !== undefined) return false;
  return true;
}

/**
 * Runs `work` again whenever the phone is back after it went away, or has something new to say after it refused, and by new
 * listings where it does not know what was listed.
 */
async function whileAway<T>(
  { asItIs, untilReady }: FetchParts,
  place: PhonePlace,
  signal: AbortSignal,
  onAway: () => void,
  work: () => Promise<T>,
): Promise<T> {
  for (let refused = false; ; refused = true) {
    try {
      return await asItIs(place, work);
    } catch (error) {
      refuseStopped(signal);
      if (!isPhoneError(error) || !AWAY.has(error.kind)) throw error;
      // a phone that nothing identifies is another one when it comes back
      if (error.kind === 'disconnected' && isAnonymous(place.device)) throw error;
      onAway();
      await untilReady(place, refused, signal);
      refuseStopped(signal);
    }
  }
}

async function requireSpace(disk: Disk, path: string, size: number): Promise<void> {
  const free = await freeBytes(disk, path);
  if (free !== undefined && free < size)
    throw fail('local-full', 'open', `${free} free`, { subject: path, needed: size, advice: { id: 'space-to-open' } });
}

const changed = (place: PhonePlace): Error => fail('source-changed', 'open', '', { subject: baseNameOf(place.path) });

function refuseStopped(signal: AbortSignal): void {
  if (signal.aborted) throw fail('cancelled', 'open', 'stopped');
}
