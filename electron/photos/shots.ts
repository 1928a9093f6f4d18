import { hash } from 'node:crypto';
import { baseNameOf, foldName, parentOf, type PhonePath } from '../../shared/domain.ts';
import { extensionOf, goesBeside, mediaKindOf, stemOf } from '../../shared/media-kinds.ts';
import {
  shotId,
  type DateSource,
  type PhotoFilter,
  type PhotoKind,
  type PhotoPart,
  type PhotoShot,
  type PhotoState,
} from '../../shared/photos.ts';
import { isScreenshotFolder } from './which-files.ts';

/** Which files are one shot, and which shots one burst. Pure. */

/** Two lenses of one camera, and its small copy: `VID_20240203_040506_00_001.insv`, `…_10_…`, `LRV_…_01_….lrv`. */
const LENSES = /^(?:vid|lrv|img|pro_vid|pro_lrv)_(\d{8}_\d{6})_\d\d_(\d{3})$/;
/** Pixel's picture and its raw file: `PXL_….RAW-01.COVER.jpg`, `PXL_….RAW-02.ORIGINAL.dng`. */
const PIXEL_RAW = /\.raw-\d\d(?:\.mp)?\.(?:cover|original)$/;
/** Pixel's picture with a moving part beside it: `PXL_….MP.jpg`, `PXL_….MP.mp4`. */
const PIXEL_MOVING = /\.mp$/;

/** What the parts of one shot have in common beside their folder. */
export function shotStem(name: string): string {
  const stem = foldName(stemOf(name));
  const [, time, number] = LENSES.exec(stem) ?? [];
  if (time !== undefined && ['insv', 'insp', 'lrv'].includes(extensionOf(name))) return `${time} ${number ?? ''}`;
  return stem.replace(PIXEL_RAW, '').replace(PIXEL_MOVING, '');
}

/** `IMG_20240203_040506_BURST001`, `00003IMG_00003_BURST20240203040506_COVER`, and Samsung's `20240203_040506_003`. */
const NUMBERED = /^(.*?)[_-]?burst(\d{1,6})(?:_cover)?$/;
const DATED = /^\d*(?:img|photo)?[_-]?\d*[_-]?burst(\d{14,17})(?:_cover)?$/;
const SAMSUNG = /^(\d{8}_\d{6})_\d{3}$/;

/** What the shots of one burst have in common; `undefined` for a shot by itself. */
export function burstOf(stem: string): string | undefined {
  return DATED.exec(stem)?.[1] ?? NUMBERED.exec(stem)?.[1] ?? SAMSUNG.exec(stem)?.[1];
}

/** A picture is shown rather than its raw file or its moving part, and that rather than what goes with it. */
function rank(name: string): number {
  if (goesBeside(name)) return 4;
  const extension = extensionOf(name);
  if (['jpg', 'jpeg', 'heic', 'heif', 'png', 'webp', 'avif', 'gif'].includes(extension)) return 0;
  return mediaKindOf(name) === 'photos' ? 1 : 2;
}

/** Whether files of a folder are screenshots, asked once for each folder. */
type OfScreenshots = (folder: PhonePath) => boolean;

function askedOnce(): OfScreenshots {
  const known = new Map<PhonePath, boolean>();
  return (folder) => {
    let answer = known.get(folder);
    if (answer === undefined) {
      answer = folder.split('/').some(isScreenshotFolder);
      known.set(folder, answer);
    }
    return answer;
  };
}

function kindOfShot({ path }: PhotoPart, ofScreenshots: OfScreenshots): PhotoKind {
  if (ofScreenshots(parentOf(path)) || /^screenshot[_ -]/i.test(baseNameOf(path))) return 'screenshot';
  return mediaKindOf(baseNameOf(path)) === 'videos' ? 'video' : 'photo';
}

/** What is known of a shot, from its parts. */
export const stateOf = (parts: readonly PhotoPart[]): PhotoState =>
  (['new', 'under-way', 'imported'] as const).find((state) => parts.some((part) => part.state === state)) ??
  'in-library';

/** The date of a file, with where it comes from; asked for the part that is shown. */
export type DateOf = (part: PhotoPart) => { readonly taken: number | undefined; readonly from: DateSource };

/** Groups files to shots, newest first. What only goes with another file, and has none to go with, is no shot. */
export function shotsOf(parts: Iterable<PhotoPart>, dateOf: DateOf): readonly PhotoShot[] {
  const groups = new Map<string, PhotoPart[]>();
  const ofScreenshots = askedOnce();
  for (const part of parts) {
    const key = `${part.storage}\n${parentOf(part.path)}\n${shotStem(baseNameOf(part.path))}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [part]);
    else group.push(part);
  }
  const shots: PhotoShot[] = [];
  for (const group of groups.values()) {
    const ranked = group.sort(
      (one, other) => rank(baseNameOf(one.path)) - rank(baseNameOf(other.path)) || (one.path < other.path ? -1 : 1),
    );
    const [first, ...rest] = ranked;
    if (first === undefined || goesBeside(baseNameOf(first.path))) continue;
    const { taken, from } = dateOf(first);
    const burst = burstOf(shotStem(baseNameOf(first.path)));
    shots.push({
      id: idOf(first),
      kind: kindOfShot(first, ofScreenshots),
      parts: [first, ...rest],
      bytes: ranked.reduce((sum, { size }) => sum + size, 0),
      taken,
      takenFrom: from,
      state: stateOf(ranked),
      burst: burst === undefined ? undefined : `${parentOf(first.path)}/${burst}`,
    });
  }
  return shots.sort(byNewest);
}

const idOf = ({ storage, path }: PhotoPart): PhotoShot['id'] =>
  shotId(hash('sha256', `${storage}\n${path}`).slice(0, 20));

const byNewest = (one: PhotoShot, other: PhotoShot): number =>
  (other.taken ?? -Infinity) - (one.taken ?? -Infinity) || (one.parts[0].path < other.parts[0].path ? 1 : -1);

/** Whether a filter lets a shot through. */
export const passes = (shot: PhotoShot, { states, kinds, largerThan }: PhotoFilter): boolean =>
  (states === undefined || states.includes(shot.state)) &&
  (kinds === undefined || kinds.includes(shot.kind)) &&
  (largerThan === undefined || shot.bytes > largerThan);
