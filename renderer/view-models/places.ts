import {
  ROOT,
  baseNameOf,
  joinPhonePath,
  parentOf,
  phonePath,
  segmentsOf,
  type Device,
  type Entry,
  type PhonePath,
  type PhonePlace,
  type StorageInfo,
} from '../../shared/domain.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** A place as text, for maps; no two places share one. */
export const placeKey = (place: PhonePlace): string => `${place.device}\n${place.storage}\n${place.path}`;
/** Another path of the same storage. */
export const at = (place: PhonePlace, path: PhonePath): PhonePlace => ({ ...place, path });
/** The place of a name in this folder. */
export const child = (place: PhonePlace, name: string): PhonePlace => at(place, joinPhonePath(place.path, name));
/** The folder above; `undefined` for the root of a storage. */
export const parent = (place: PhonePlace): PhonePlace | undefined =>
  place.path === ROOT ? undefined : at(place, parentOf(place.path));

/** One step of the path to the open folder. */
export interface Crumb {
  readonly name: string;
  readonly place: PhonePlace;
}

/** Breadcrumbs: the storage, then each folder down to the place. */
export function crumbs(place: PhonePlace, storage: StorageInfo | undefined): readonly Crumb[] {
  const trail: Crumb[] = [{ name: storage?.name ?? windowWords.place.storage, place: at(place, ROOT) }];
  let path = ROOT;
  for (const segment of segmentsOf(place.path)) {
    path = joinPhonePath(path, segment);
    trail.push({ name: segment, place: at(place, path) });
  }
  return trail;
}

/** Name of a place: its folder, or its storage. */
export const placeName = (place: PhonePlace, devices: readonly Device[]): string =>
  place.path === ROOT ? (storageOf(place, devices)?.name ?? windowWords.drop.thePhone) : baseNameOf(place.path);

const deviceOf = (place: PhonePlace | undefined, devices: readonly Device[]): Device | undefined =>
  place === undefined ? undefined : devices.find((one) => one.key === place.device);
/** The storage of a place as its phone shows it now, if it does. */
export const storageOf = (place: PhonePlace | undefined, devices: readonly Device[]): StorageInfo | undefined =>
  place === undefined ? undefined : deviceOf(place, devices)?.storages.find((one) => one.key === place.storage);

/** Destination for items dropped on the phone itself: its Download folder, where people look first. */
export const deviceDropPlace = (device: Device): PhonePlace | undefined => {
  const storage = device.storages.find((one) => !one.readOnly);
  return storage === undefined ? undefined : { device: device.key, storage: storage.key, path: phonePath('/Download') };
};

/** Folders that the sidebar offers without browsing. */
export type QuickKind = 'camera' | 'screenshots' | 'downloads' | 'music' | 'movies' | 'documents' | 'whatsapp';
/** A folder that most phones have and that this one has too. */
export interface QuickPlace {
  readonly kind: QuickKind;
  readonly path: PhonePath;
}

const WHATSAPP = 'com.whatsapp';
const QUICK: readonly (QuickPlace & { readonly needs: readonly [parent: string, name: string] })[] = [
  { kind: 'camera', path: phonePath('/DCIM/Camera'), needs: ['/DCIM', 'Camera'] },
  {
    kind: 'screenshots',
    path: phonePath('/Pictures/Screenshots'),
    needs: ['/Pictures', 'Screenshots'],
  },
  { kind: 'screenshots', path: phonePath('/DCIM/Screenshots'), needs: ['/DCIM', 'Screenshots'] },
  { kind: 'downloads', path: phonePath('/Download'), needs: ['/', 'Download'] },
  { kind: 'music', path: phonePath('/Music'), needs: ['/', 'Music'] },
  { kind: 'movies', path: phonePath('/Movies'), needs: ['/', 'Movies'] },
  { kind: 'documents', path: phonePath('/Documents'), needs: ['/', 'Documents'] },
  {
    kind: 'whatsapp',
    path: phonePath(`/Android/media/${WHATSAPP}/WhatsApp/Media`),
    needs: ['/Android/media', WHATSAPP],
  },
  { kind: 'whatsapp', path: phonePath('/WhatsApp/Media'), needs: ['/', 'WhatsApp'] },
];

/** Folders to list in order to know which quick places exist, as far as the known folders lead there. */
export function foldersToAsk(known: ReadonlyMap<string, readonly Entry[]>): readonly PhonePath[] {
  const wanted = new Set(QUICK.map((one) => one.needs[0]));
  return [...wanted].filter((path) => !known.has(path) && (path === '/' || reachable(path, known))).map(phonePath);
}

/**
 * False if a parent folder is known not to contain the next one. An unknown folder below the root is worth listing.
 */
function reachable(path: string, known: ReadonlyMap<string, readonly Entry[]>): boolean {
  const root = known.get('/');
  const first = path.split('/')[1];
  return root !== undefined && root.some((entry) => entry.kind === 'folder' && entry.name === first);
}

/** Quick places that exist, one of each kind, in a fixed order. */
export function quickPlaces(known: ReadonlyMap<string, readonly Entry[]>): readonly QuickPlace[] {
  const found: QuickPlace[] = [];
  for (const { kind, path, needs } of QUICK) {
    const exists = known.get(needs[0])?.some((entry) => entry.kind === 'folder' && entry.name === needs[1]) ?? false;
    if (exists && !found.some((one) => one.kind === kind)) found.push({ kind, path });
  }
  return found;
}
