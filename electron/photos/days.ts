import type { PhotoDay, PhotoEvent, PhotoShot } from '../../shared/photos.ts';

/** Days and events of shots that are in order. Pure. */

/** A gap after which another event begins. */
const GAP_MS = 3 * 3_600_000;

const two = (value: number): string => String(value).padStart(2, '0');
const dayOf = (at: number | undefined): string | undefined => {
  if (at === undefined) return undefined;
  const date = new Date(at);
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

interface Growing {
  readonly day: string | undefined;
  readonly offset: number;
  shots: number;
  new: number;
  bytes: number;
  readonly events: { offset: number; shots: number; from: number; to: number }[];
}

/** Days of the computer's time zone, newest first, from shots that are newest first. */
export function daysOf(shots: readonly PhotoShot[]): readonly PhotoDay[] {
  const days: Growing[] = [];
  for (const [offset, shot] of shots.entries()) {
    const day = dayOf(shot.taken);
    let last = days.at(-1);
    if (last === undefined || last.day !== day) {
      last = { day, offset, shots: 0, new: 0, bytes: 0, events: [] };
      days.push(last);
    }
    last.shots += 1;
    last.bytes += shot.bytes;
    if (shot.state === 'new') last.new += 1;
    if (shot.taken === undefined) continue;
    const event = last.events.at(-1);
    if (event === undefined || event.from - shot.taken > GAP_MS)
      last.events.push({ offset, shots: 1, from: shot.taken, to: shot.taken });
    else {
      event.shots += 1;
      event.from = shot.taken;
    }
  }
  return days.map((day): PhotoDay => ({ ...day, events: day.events.map((event): PhotoEvent => ({ ...event })) }));
}
