import { fail } from '../../shared/errors.ts';
import type { Piece } from '../mtp/ports.ts';
import {
  decodeDeviceInfo,
  encodeDataHeader,
  encodeDeviceInfo,
  join,
  Operation,
  operationName,
  Response,
  SIZE_UNKNOWN,
} from '../mtp/wire/index.ts';
import { chunkSize } from './chunk-size.ts';
import type { Answer, Begun, Received } from './driver.ts';
import type { CallDriver, CommandContainer } from './transport.ts';

/** Where data from the phone goes. */
export interface DataFromPhone {
  /** Looked at before each chunk. */
  readonly isCancelled: () => boolean;
  /** Resolves when the next piece may come. */
  readonly give: (piece: Piece) => Promise<void>;
  readonly hidden: ReadonlySet<number>;
}

const NOTHING = new Uint8Array(0);

/**
 * A data phase from the phone, as a data container in pieces: its header, then a piece per chunk. Resolves with the
 * response. What fails or is cancelled is ended first, since a phone with an open data phase takes no command.
 */
export async function receive(command: CommandContainer, call: CallDriver, sink: DataFromPhone): Promise<Answer> {
  const { code, parameters } = command;
  const begun: Begun = await call(command, 'begin', (driver) => driver.beginRead(code, parameters));
  const { context } = begun;
  if (context === undefined) return begun;
  const end = (): Promise<Answer> => call(command, 'data', (driver) => driver.end(context));
  const pieces = code === Operation.GetDeviceInfo ? deviceInfoPieces(command, sink) : plainPieces(command, begun, sink);
  try {
    await readChunks(command, begun, call, sink, pieces.take);
  } catch (error) {
    await end().catch(() => undefined);
    throw error;
  }
  const answer = await end();
  if (!sink.isCancelled()) await pieces.finish(answer);
  return answer;
}

async function readChunks(
  command: CommandContainer,
  { context = '', total = SIZE_UNKNOWN, optimal }: Begun,
  call: CallDriver,
  sink: DataFromPhone,
  take: (bytes: Uint8Array, last: boolean) => Promise<void>,
): Promise<void> {
  const chunk = chunkSize(optimal);
  const isKnown = total !== SIZE_UNKNOWN;
  for (let received = 0; !isKnown || received < total;) {
    if (sink.isCancelled()) return;
    const size = isKnown ? Math.min(chunk, total - received) : chunk;
    const { bytes }: Received = await call(command, 'data', (driver) => driver.read(context, size));
    if (bytes === undefined || bytes.byteLength > size)
      throw fail('confused', operationName(command.code), `another count than the bytes of a chunk of ${size}`);
    received += bytes.byteLength;
    // of an unknown length the first short chunk is the end; of a known one, only an empty chunk says that no more comes
    const last = isKnown ? received >= total || bytes.byteLength === 0 : bytes.byteLength < size;
    await take(bytes, last);
    if (last) return;
  }
}

interface Pieces {
  readonly take: (bytes: Uint8Array, last: boolean) => Promise<void>;
  /** After the response is known. */
  readonly finish: (answer: Answer) => Promise<void>;
}

function plainPieces(
  { code, transactionId }: CommandContainer,
  { total = SIZE_UNKNOWN }: Begun,
  sink: DataFromPhone,
): Pieces {
  let begun = false;
  const header = async (): Promise<void> => {
    begun = true;
    // the driver's "unknown" is the header's
    const payload = total === SIZE_UNKNOWN ? SIZE_UNKNOWN : total;
    await sink.give({ bytes: encodeDataHeader(code, transactionId, payload), short: false });
  };
  return {
    take: async (bytes, last) => {
      if (!begun) await header();
      await sink.give({ bytes, short: last });
    },
    // an empty data phase before a refusal is the driver's way to say that there was none
    finish: async (answer) => {
      if (begun || answer.code !== Response.OK) return;
      await header();
      await sink.give({ bytes: NOTHING, short: true });
    },
  };
}

/** DeviceInfo without what does not get through: so nothing is promised that cannot be done. */
function deviceInfoPieces({ code, transactionId }: CommandContainer, sink: DataFromPhone): Pieces {
  const parts: Uint8Array[] = [];
  return {
    take: async (bytes) => {
      parts.push(bytes);
      return Promise.resolve();
    },
    finish: async ({ code: response }) => {
      if (response !== Response.OK) return;
      const info = decodeDeviceInfo(join(parts));
      const operations = info.operations.filter((operation) => !sink.hidden.has(operation));
      const bytes = encodeDeviceInfo({ ...info, operations });
      await sink.give({ bytes: encodeDataHeader(code, transactionId, bytes.byteLength), short: false });
      await sink.give({ bytes, short: true });
    },
  };
}
