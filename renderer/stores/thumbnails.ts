import { create } from 'zustand';
import type { PhonePlace } from '../../shared/domain.ts';
import { bridge } from '../bridge/current.ts';
import { placeKey } from '../view-models/places.ts';

/** Small pictures of what is visible. The engine keeps them on disk; here are the last few hundred for drawing. */
const KEPT = 600;
/** Asked for at once: few, so that what scrolls by does not queue in front of what is looked at. */
const AT_ONCE = 3;

interface Thumbnails {
  /** `''`: there is none. */
  readonly urls: ReadonlyMap<string, string>;
}
export const useThumbnails = create<Thumbnails>()(() => ({ urls: new Map() }));

interface Wish {
  readonly place: PhonePlace;
  readonly key: string;
}
let wishes: Wish[] = [];
let running = 0;
const asked = new Set<string>();

/** Asks for one picture while it is visible; the returned function takes the wish back. Newest wishes go first. */
export function wish(place: PhonePlace): () => void {
  const key = placeKey(place);
  if (useThumbnails.getState().urls.has(key) || asked.has(key)) return () => undefined;
  const mine = { place, key };
  wishes.push(mine);
  void next();
  return () => {
    wishes = wishes.filter((one) => one !== mine);
  };
}

async function next(): Promise<void> {
  if (running >= AT_ONCE) return;
  const one = wishes.pop();
  if (one === undefined) return;
  if (asked.has(one.key)) return next();
  running++;
  asked.add(one.key);
  const reply = await bridge.command('thumbnail', { place: one.place });
  running--;
  asked.delete(one.key);
  // A failed one (phone unplugged) may be asked for again later.
  if (reply.ok)
    useThumbnails.setState((state) => {
      const urls = new Map(state.urls).set(one.key, reply.value.url ?? '');
      for (const oldest of urls.keys()) {
        if (urls.size <= KEPT) break;
        urls.delete(oldest);
      }
      return { urls };
    });
  await next();
}
