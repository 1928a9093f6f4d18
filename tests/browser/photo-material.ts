import { localPath, phonePath } from '../../shared/domain.ts';
import {
  DEFAULT_PHOTO_SETTINGS,
  shotId,
  type PhonePhotos,
  type PhotoDay,
  type PhotoEvent,
  type PhotoFilter,
  type PhotoKind,
  type PhotoShot,
  type PhotoState,
  type PhotosSnapshot,
} from '../../shared/photos.ts';
import { INTERNAL, NOW, phone } from './material.ts';
import { landscapeUrl } from './pictures.ts';
import type { ScriptedHost } from './scripted-host.ts';

/** A phone's photos, for a scripted engine: three days, events, a burst, RAW, videos, and shots of every state. */

const HOUR = 3_600_000;
/** Local noon: the days of the page are those of the computer's time zone. */
const NOON = Math.floor(NOW / (24 * HOUR)) * 24 * HOUR + 12 * HOUR;
const MB = 1_000_000;

function shot(index: number, taken: number, more: Partial<PhotoShot> & { readonly raw?: boolean } = {}): PhotoShot {
  const kind: PhotoKind = more.kind ?? 'photo';
  const state: PhotoState = more.state ?? 'new';
  const name = kind === 'video' ? `VID_${index}.mp4` : kind === 'screenshot' ? `IMG_${index}.png` : `IMG_${index}.jpg`;
  const part = (file: string, size: number): PhotoShot['parts'][0] => ({
    storage: INTERNAL,
    path: phonePath(`/DCIM/Camera/${file}`),
    size,
    modified: taken,
    state,
  });
  const first = part(name, kind === 'video' ? 84 * MB : 4.2 * MB);
  const parts: PhotoShot['parts'] = more.raw === true ? [first, part(`IMG_${index}.dng`, 24 * MB)] : [first];
  return {
    id: shotId(`s${index}`),
    kind,
    parts,
    bytes: parts.reduce((sum, { size }) => sum + size, 0),
    taken,
    takenFrom: 'picture',
    state,
    burst: more.burst,
  };
}

export function photoShots(): readonly PhotoShot[] {
  const shots: PhotoShot[] = [];
  const add = (count: number, from: number, more: (index: number) => Parameters<typeof shot>[2] = () => ({})): void => {
    for (let index = 0; index < count; index += 1)
      shots.push(shot(4000 - shots.length, from - index * 90_000, more(index)));
  };
  add(7, NOON + 3 * HOUR, (index) => ({ raw: index === 2, kind: index === 4 ? 'video' : 'photo' }));
  add(5, NOON - 3 * HOUR, () => ({ burst: 'b1' }));
  add(9, NOON - 24 * HOUR, (index) => ({
    state: index < 3 ? 'new' : index < 6 ? 'imported' : 'in-library',
    kind: index === 1 ? 'screenshot' : 'photo',
  }));
  add(12, NOON - 72 * HOUR, (index) => ({ state: index === 0 ? 'under-way' : 'imported' }));
  return shots;
}

/** So many new photos, forty a day. */
export const manyShots = (count: number): readonly PhotoShot[] =>
  Array.from({ length: count }, (_, index) =>
    shot(index, NOON - Math.floor(index / 40) * 24 * HOUR - (index % 40) * 60_000),
  );

/** Puts photos on the phone of a scripted host: every command of the page answers from them. */
export function scriptPhotos(host: ScriptedHost, shots: readonly PhotoShot[] = photoShots()): void {
  const matching = (filter: PhotoFilter | undefined): readonly PhotoShot[] =>
    shots.filter(
      (one) =>
        (filter?.states?.includes(one.state) ?? true) &&
        (filter?.kinds?.includes(one.kind) ?? true) &&
        one.bytes > (filter?.largerThan ?? 0),
    );
  host.answers.photosLook = () => undefined;
  host.answers.photosDays = ({ filter }) => {
    const found = matching(filter);
    return { days: daysOf(found), counts: countsOf(found) };
  };
  host.answers.photosIds = ({ filter }) => ({ ids: matching(filter).map(({ id }) => id) });
  host.answers.photosShots = ({ filter, offset, limit }) => {
    const found = matching(filter);
    return { total: found.length, shots: found.slice(offset, offset + limit) };
  };
  host.answers.photosExample = ({ folders, names }) => ({ path: `${folders}/${names}.jpg`.replace('{year}', '2026') });
  host.answers.photosSettings = () => snapshotOf(shots).settings;
  host.answers.thumbnail = ({ place }) => ({ url: landscapeUrl(place.path) });
  host.say('photos', snapshotOf(shots));
}

export const snapshotOf = (shots: readonly PhotoShot[], more: Partial<PhonePhotos> = {}): PhotosSnapshot => ({
  phones: [
    {
      device: phone().key,
      look: { kind: 'ready' },
      version: 1,
      all: countsOf(shots),
      new: countsOf(shots.filter(({ state }) => state === 'new')),
      problems: [],
      freeing: undefined,
      soon: undefined,
      ...more,
    },
  ],
  settings: { ...DEFAULT_PHOTO_SETTINGS, library: [localPath('/home/ann/Pictures')] },
});

const countsOf = (shots: readonly PhotoShot[]): PhonePhotos['all'] => ({
  shots: shots.length,
  files: shots.reduce((sum, { parts }) => sum + parts.length, 0),
  bytes: shots.reduce((sum, { bytes }) => sum + bytes, 0),
});

function daysOf(shots: readonly PhotoShot[]): readonly PhotoDay[] {
  const days = Map.groupBy(shots.entries(), ([, { taken = 0 }]) => new Date(taken).toLocaleDateString('sv-SE'));
  return [...days].map(([day, of]) => {
    const events: PhotoEvent[] = [];
    let last = Infinity;
    for (const [offset, { taken = 0 }] of of) {
      const event = events.at(-1);
      if (event === undefined || last - taken > 2 * HOUR) events.push({ offset, shots: 1, from: taken, to: taken });
      else events[events.length - 1] = { ...event, shots: event.shots + 1, from: taken };
      last = taken;
    }
    return {
      day,
      offset: of[0]?.[0] ?? 0,
      shots: of.length,
      new: of.filter(([, { state }]) => state === 'new').length,
      bytes: of.reduce((sum, [, { bytes }]) => sum + bytes, 0),
      events,
    };
  });
}
