import type { PhonePhotos, PhotoShot } from '../../shared/photos.ts';
import { date } from '../../shared/words/locale.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { bytes } from './words.ts';

/** How a look at a phone’s photos goes, in words; `share` is how far it is, in percent, where that is known. */
export function lookWords({ look, all, new: fresh }: PhonePhotos): {
  readonly text: string;
  readonly share: number | undefined;
} {
  const words = windowWords.photos;
  const of = ({ done, all: whole }: { readonly done: number; readonly all: number }): number =>
    whole === 0 ? 0 : Math.floor((100 * done) / whole);
  switch (look.kind) {
    case 'none':
      return { text: words.look.none, share: undefined };
    case 'listing':
      return { text: words.look.listing({ count: look.files }), share: undefined };
    case 'indexing':
      return { text: words.look.indexing({ count: look.files }), share: undefined };
    case 'comparing':
      return { text: words.look.comparing, share: of(look) };
    case 'dating':
      return { text: words.look.dating, share: of(look) };
    case 'failed':
      return { text: words.look.failed, share: undefined };
    case 'ready':
      return {
        text:
          fresh.shots === 0
            ? words.nothingNew({ all: all.shots })
            : words.newOf({ count: fresh.shots, all: all.shots, size: bytes(fresh.bytes) }),
        share: undefined,
      };
  }
}

/** `Saturday 2 May 2026`, or that nothing tells the day. */
export const dayWords = (day: string | undefined): string =>
  day === undefined ? windowWords.photos.noDate : date(Date.parse(`${day}T12:00`), { dateStyle: 'full' });

/** `09:12 – 11:40`. */
export const eventWords = (from: number, to: number): string =>
  windowWords.photos.fromTo({ from: date(from, { timeStyle: 'short' }), to: date(to, { timeStyle: 'short' }) });

/** What a screen reader says of a shot. */
export function shotWords(shot: PhotoShot, count: number): string {
  const words = windowWords.photos;
  const name = shot.parts[0].path.slice(shot.parts[0].path.lastIndexOf('/') + 1);
  const kind = words.kindOf[shot.kind];
  const files = shot.parts.length;
  const what =
    count > 1
      ? words.burst({ name, count })
      : files > 1
        ? words.shotOf({ name, kind, count: files })
        : words.shot({ name, kind });
  return shot.state === 'new' ? what : words.known({ what, state: words.state[shot.state] });
}
