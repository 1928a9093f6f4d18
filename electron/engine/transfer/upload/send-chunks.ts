import type { ObjectHandle } from '../../../mtp/index.ts';
import { FAT_LARGEST_FILE } from '../../devices/free-space.ts';
import type { Input } from '../../model/item-state.ts';
import { ChunkSize, FIRST_CHUNK } from '../chunk-size.ts';
import { digestOfDigests } from '../digest.ts';
import type { UploadParts } from './decide-conflict.ts';
import { notCreated } from './send-whole.ts';
import type { SourceChunk, UploadSource } from './upload-source.ts';

/** Chunks between two looks at the phone's free space: a full disk stalls both endpoints on Android. */
const CHUNKS_PER_SPACE_CHECK = 16;

/**
 * Sends the source from its last confirmed chunk on, into an object that grows in place under a temporary name: while one
 * chunk is on the wire the next is read and hashed. `stopped` between two chunks. Rejects as `Phone.writeChunk` does, and
 * with what reading the source rejects with.
 */
export async function sendChunks(parts: UploadParts): Promise<Input> {
  const { context, source, target } = parts;
  const { run } = context;
  const { phone } = context.connection;
  const size = run.row.size;
  const chunk = new ChunkSize();
  source.beginChunks();
  const handle = await editable(parts);
  let prefetched = prefetch(source, run.row.confirmed, chunk.size);
  for (let sent = 0; run.row.confirmed < size; sent += 1) {
    if (run.stopRequested) {
      // nothing is on the wire: nothing beyond what was confirmed has to go again
      run.update({ reached: run.row.confirmed });
      return { kind: 'stopped' };
    }
    const current = await prefetched;
    const { offset, bytes, digest } = current;
    if (sent > 0 && sent % CHUNKS_PER_SPACE_CHECK === 0)
      await context.space.requireOnPhone(context.connection, target.folder.storage, size - offset);
    const next = offset + bytes.byteLength;
    // on the wire from here on: if nothing more is heard, this much may have to go again
    if (sent === 0 && run.row.reached < next) run.update({ reached: next });
    const started = context.monotonic();
    run.inFlight = bytes.byteLength;
    const writing = phone.writeChunk(handle, offset, bytes);
    writing.catch(() => undefined);
    if (next < size) prefetched = prefetch(source, next, chunk.size);
    await source.pass(current);
    await writing;
    chunk.took(context.monotonic() - started, bytes.byteLength);
    context.space.usedOnPhone(context.connection, run.row.storage, bytes.byteLength);
    run.confirmChunk({ offset, length: bytes.byteLength, digest }, { reached: Math.min(size, next + chunk.size) });
  }
  source.endChunks();
  const digests = run.checkpoints().map((checkpoint) => checkpoint.digest);
  run.update({ sha256: await source.sha256(), chunkDigest: digestOfDigests(digests) });
  return { kind: 'allMoved' };
}

/** Read and hashed while another one is on the wire; a failure is told when it is waited for. */
function prefetch(source: UploadSource, offset: number, length: number): Promise<SourceChunk> {
  const reading = source.chunk(offset, length);
  reading.catch(() => undefined);
  return reading;
}

/** The temporary object with an open edit; made when it is not there yet. */
async function editable(parts: UploadParts): Promise<ObjectHandle> {
  const { target } = parts;
  if (target.object === undefined) await create(parts, target.newTemporary());
  await target.beginEdit(target.made);
  return target.made.handle;
}

/**
 * Creates the object, empty; for a card that may end at 4 GiB with its first chunk and announced in full, since it
 * refuses only a size that it was told, and otherwise breaks off there.
 */
async function create({ context, source, target }: UploadParts, name: string): Promise<void> {
  const { run } = context;
  const { phone } = context.connection;
  const { folder } = target;
  const { size, modified } = run.row;
  const isDoubtful = folder.storage.removable && size > FAT_LARGEST_FILE;
  const first = isDoubtful ? await source.chunk(0, FIRST_CHUNK) : undefined;
  run.update({ temporary: name, creation: 'creating' });
  let handle: ObjectHandle;
  try {
    const place = [folder.storage.id, folder.ref] as const;
    handle =
      first === undefined
        ? await phone.createEmpty(...place, { name, modified })
        : await phone.writeWhole(...place, { name, size: first.bytes.byteLength, announced: size, modified }, [
            first.bytes,
          ]);
  } catch (error) {
    notCreated(run, error);
    throw error;
  }
  target.created(name, handle, first?.bytes.byteLength ?? 0);
  run.update({ creation: 'created' });
  if (first === undefined) return;
  await source.pass(first);
  context.space.usedOnPhone(context.connection, run.row.storage, first.bytes.byteLength);
  run.confirmChunk({ offset: 0, length: first.bytes.byteLength, digest: first.digest });
}
