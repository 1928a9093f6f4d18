import { create } from 'zustand';
import type { DeviceKey } from '../../shared/domain.ts';
import {
  PHOTO_KINDS,
  type PhonePhotos,
  type PhotoCounts,
  type PhotoDay,
  type PhotoFilter,
  type PhotoKind,
  type PhotoShot,
  type PhotosSnapshot,
  type ShotId,
} from '../../shared/photos.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { bridge } from '../bridge/current.ts';
import { run, useHost } from './host.ts';
import { say, tell } from './notices.ts';

/** The page of photos: the latest snapshot, what is shown of a phone, and what is selected. */

/** Which shots are shown: new ones or all, and of one kind or all. */
export interface PhotoView {
  readonly imported: boolean;
  readonly kind: PhotoKind | 'all';
  /** Bytes; smaller shots are left out. */
  readonly largerThan: number;
}

interface PhotosPage {
  readonly snapshot: PhotosSnapshot | undefined;
  /** The phone that is shown; its photos are looked at when the page opens. */
  readonly device: DeviceKey | undefined;
  readonly view: PhotoView;
  readonly days: readonly PhotoDay[];
  /** As many as have come of `total`, newest first. */
  readonly shots: readonly PhotoShot[];
  readonly total: number;
  readonly loading: boolean;
  readonly selected: ReadonlySet<ShotId>;
  /** A person has changed the selection: what is new is not selected by itself any more. */
  readonly isChosen: boolean;
  readonly unfolded: ReadonlySet<string>;
}

const NOTHING = {
  days: [],
  shots: [],
  total: 0,
  loading: false,
  selected: new Set<ShotId>(),
  isChosen: false,
  unfolded: new Set<string>(),
} as const;

/** The page of photos. */
export const usePhotos = create<PhotosPage>()(() => ({
  snapshot: undefined,
  device: undefined,
  view: { imported: false, kind: 'all', largerThan: 0 },
  ...NOTHING,
}));

const set = usePhotos.setState;
const get = usePhotos.getState;
const AT_ONCE = 1000;

/** The filter of the contract for what is shown. */
const filterOf = ({ imported, kind, largerThan }: PhotoView): PhotoFilter => ({
  states: imported ? undefined : ['new', 'under-way'],
  kinds: kind === 'all' ? undefined : PHOTO_KINDS.filter((one) => one === kind),
  largerThan: largerThan === 0 ? undefined : largerThan,
});

/** Whether the page is open: only then shots are fetched when they change. */
let isOpen = false;

/** Subscribed for as long as the window is open, since an import can begin by itself while any page is shown. */
export function startPhotos(): void {
  bridge.subscribe(
    'photos',
    undefined,
    ({ snapshot }) => {
      const before = get().snapshot;
      set({ snapshot });
      if (isOpen && versionOf(snapshot) !== versionOf(before)) void load();
      for (const phone of snapshot.phones)
        if (phone.soon !== undefined && phone.soon.at !== phoneOf(before, phone.device)?.soon?.at)
          tellSoon(phone.device, phone.soon.counts);
    },
    tell,
  );
}

function tellSoon(device: DeviceKey, { shots }: PhotoCounts): void {
  const name = useHost.getState().devices?.devices.find((one) => one.key === device)?.name ?? '';
  say(windowWords.notice.photosSoon({ device: name, count: shots }), {
    label: windowWords.act.notNow,
    run: () => void run('photosNotNow', { device }),
  });
}

/** Fetches what changes while the page is open; returns what ends that. */
export function followPhotos(): () => void {
  isOpen = true;
  return () => {
    isOpen = false;
  };
}

const phoneOf = (snapshot: PhotosSnapshot | undefined, key: DeviceKey | undefined): PhonePhotos | undefined =>
  snapshot?.phones.find(({ device }) => device === key);

const versionOf = (snapshot: PhotosSnapshot | undefined): number | undefined =>
  phoneOf(snapshot, get().device)?.version;

/** Shows the photos of a phone, and looks at them again. */
export function showPhotosOf(device: DeviceKey): void {
  if (get().device !== device) {
    set({ device, ...NOTHING });
    shown = '';
  }
  void lookAgain();
}

/** Looks at the phone’s photos again; a failure is told by the snapshot. */
export async function lookAgain(): Promise<void> {
  const { device } = get();
  if (device === undefined) return;
  await bridge.command('photosLook', { device });
  await load();
}

/** Changes what is shown; the selection stays. */
export function showOnly(change: Partial<PhotoView>): void {
  set({ view: { ...get().view, ...change } });
  void load();
}

/** Selects exactly these. */
export const selectShots = (selected: ReadonlySet<ShotId>): void => set({ selected, isChosen: true });

/** Shows every shot of a burst, or only its first. */
export function unfold(burst: string): void {
  const unfolded = new Set(get().unfolded);
  if (!unfolded.delete(burst)) unfolded.add(burst);
  set({ unfolded });
}

let turn = 0;
/** Device and filter of the shots that are there. */
let shown = '';
/** Fetches days and shots anew. A later call takes over from one that is under way. */
async function load(): Promise<void> {
  const { device, view } = get();
  if (device === undefined) return;
  const mine = ++turn;
  const isOld = (): boolean => mine !== turn || get().device !== device;
  set({ loading: true });
  const filter = filterOf(view);
  const wanted = JSON.stringify([device, filter]);
  const days = await bridge.command('photosDays', { device, filter });
  const isNew = await bridge.command('photosIds', { device, filter: { states: ['new'] } });
  const all = await bridge.command('photosIds', { device });
  if (isOld()) return;
  if (days.ok && isNew.ok && all.ok) {
    const there = new Set(all.value.ids);
    const { isChosen, selected } = get();
    const total = days.value.days.reduce((sum, day) => sum + day.shots, 0);
    const kept = isChosen ? new Set([...selected].filter((id) => there.has(id))) : new Set(isNew.value.ids);
    let shots: readonly PhotoShot[] = [];
    while (shots.length < total) {
      const page = await bridge.command('photosShots', { device, filter, offset: shots.length, limit: AT_ONCE });
      if (isOld()) return;
      if (!page.ok || page.value.shots.length === 0) break;
      const isFirst = shots.length === 0;
      shots = [...shots, ...page.value.shots];
      // the first page at once, then the whole; where the same is only looked at again nobody loses their place
      if (isFirst && wanted !== shown) set({ days: days.value.days, total, shots, selected: kept });
    }
    shown = wanted;
    set({ days: days.value.days, total, shots, selected: kept });
  }
  set({ loading: false });
}

/** Queues the import of what is selected. What was imported before goes again only because a person chose it. */
export async function importSelected(): Promise<void> {
  const { device, selected } = get();
  if (device === undefined || selected.size === 0) return;
  const before = await run('photosIds', { device, filter: { states: ['imported', 'in-library'] } });
  if (!before.ok) return;
  const known = new Set(before.value.ids);
  let files = 0;
  for (const again of [false, true]) {
    const shots = [...selected].filter((id) => known.has(id) === again);
    if (shots.length === 0) continue;
    const reply = await run('photosImport', { device, shots, again });
    if (!reply.ok) return;
    files += reply.value.counts.files;
  }
  say(files === 0 ? windowWords.photos.nothingToImport : windowWords.photos.importing({ count: files }));
  set({ isChosen: false });
  await load();
}
