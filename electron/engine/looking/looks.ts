import { randomBytes } from 'node:crypto';
import type { PhonePlace } from '../../../shared/domain.ts';
import { problemOf } from '../../../shared/errors.ts';
import { playableOf, type Playable } from '../../../shared/media-types.ts';
import type { LookSnapshot } from '../../../shared/opening.ts';
import type { PhoneFile } from '../reading/phone-file.ts';
import type { ServedFile } from './served-file.ts';
import { decodeText } from './text.ts';

/** Path of the addresses under which hosts serve what is looked at. */
const LOOK_PATH = 'phone/';

/** Enough to tell a text from other files. */
const HEAD_BYTES = 4 * 1024;
/** Of a text so much is shown. */
const TEXT_BYTES = 256 * 1024;

/**
 * Files of phones that are looked at in a window. One is open from `watch` to the end of the subscription and no longer;
 * pictures, video and audio are read by the window itself, in ranges, from an address that nobody else can know.
 */
export class Looks {
  readonly #open: (place: PhonePlace) => Promise<PhoneFile>;
  readonly #served = new Map<string, ServedFile>();

  constructor(open: (place: PhonePlace) => Promise<PhoneFile>) {
    this.#open = open;
  }

  /** Tells what can be seen of a file, as soon as it is known. The function it returns ends the look and all reading. */
  watch(place: PhonePlace, listener: (snapshot: LookSnapshot) => void): () => void {
    const end: (() => void)[] = [];
    let over = false;
    listener({ kind: 'opening' });
    const work = async (): Promise<void> => {
      const file = await this.#open(place);
      if (over) {
        file.close();
        return;
      }
      end.push(() => file.close());
      const playable = playableOf(file.name);
      // an empty file is no picture, whatever its name
      if (playable !== undefined && file.size > 0) {
        const id = randomBytes(16).toString('base64url');
        this.#served.set(id, serve(file, playable));
        end.push(() => this.#served.delete(id));
        listener({ kind: playable.kind, address: `${LOOK_PATH}${id}`, size: file.size, modified: file.modified });
        return;
      }
      const shown = await textOf(file);
      if (!over) listener(shown);
    };
    work().catch((error: unknown) => {
      if (!over) listener({ kind: 'failed', problem: problemOf(error, 'look') });
    });
    return () => {
      over = true;
      for (const one of end) one();
    };
  }

  /** What an address shows, by its path; `undefined` where nothing does (any more). */
  served(pathname: string): ServedFile | undefined {
    return pathname.startsWith(`/${LOOK_PATH}`) ? this.#served.get(pathname.slice(LOOK_PATH.length + 1)) : undefined;
  }
}

const serve = (file: PhoneFile, { type }: Playable): ServedFile => ({
  name: file.name,
  type,
  size: file.size,
  inline: true,
  stream: (offset, length) => file.stream(offset, length),
});

async function textOf(file: PhoneFile): Promise<LookSnapshot> {
  const { size, modified } = file;
  const facts = { size, modified };
  const head = await file.read(0, HEAD_BYTES);
  if (decodeText(head, head.byteLength === size) === undefined) return { kind: 'facts', ...facts };
  const bytes = size <= head.byteLength ? head : await file.read(0, TEXT_BYTES);
  const whole = bytes.byteLength === size;
  const decoded = decodeText(bytes, whole);
  return decoded === undefined ? { kind: 'facts', ...facts } : { kind: 'text', ...facts, ...decoded, whole };
}
