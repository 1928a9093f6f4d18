import { create } from 'zustand';
import type { PhonePlace } from '../../shared/domain.ts';
import { bridge } from '../bridge/current.ts';
import { placeKey } from '../view-models/places.ts';

/** Number of thumbnails kept in memory for drawing. The engine caches all of them on disk. */
const KEPT = 600;
/** Concurrent requests. Few, so that rows scrolled past do not queue ahead of visible ones. */
const AT_ONCE = 3;

interface Thumbnails {
  /** An empty string means there is no thumbnail. */
  readonly urls: ReadonlyMap<string, string>;
}
/** Thumbnails by `placeKey`, as image URLs. */
export const useThumbnails = create<Thumbnails>()(() => ({ urls: new Map() }));

interface Wish {
  readonly place: PhonePlace;
  readonly key: string;
}
let wishes: Wish[] = [];
let running = 0;
const asked = new Set<string>();

/**
 * Requests a thumbnail while its row is visible; the returned function withdraws the request. The newest request goes
 * first.
 */
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
  // A failed request (phone unplugged) may be repeated later.
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
