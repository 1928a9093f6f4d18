import { startDrag } from '../bridge/current.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import { itemsWords, moveOnPhone } from '../stores/actions.ts';
import { endDropping, hover, targetOf, useDropping } from '../stores/dropping.ts';
import { run } from '../stores/host.ts';
import { say } from '../stores/notices.ts';
import { isInside, samePlace } from '../../shared/domain.ts';
import { placeKey } from '../view-models/places.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Pixels; a smaller movement is still a click. */
const FAR = 5;

/** Finished copies that can be dragged out of the window, by the entries they are copies of. */
const ready = new Map<string, readonly string[]>();

/**
 * Drags entries of the phone. Dropped on a folder, storage or phone they move there; outside the window they become
 * files of the computer, if the host supports it. Uses pointer events, not HTML drag and drop, because they still
 * report the position after the pointer has left the window.
 */
export function beginDrag(event: PointerEvent, sources: () => readonly PhonePlace[]): void {
  const from = { x: event.clientX, y: event.clientY };
  let dragged: readonly PhonePlace[] | undefined;
  let fetching = false;
  let over = false;

  const move = (moved: PointerEvent): void => {
    if (dragged === undefined) {
      if (Math.hypot(moved.clientX - from.x, moved.clientY - from.y) < FAR) return;
      dragged = sources();
      if (dragged.length === 0) return end();
      document.body.setPointerCapture(moved.pointerId);
    }
    const outside = moved.clientX < 0 || moved.clientY < 0 || moved.clientX > innerWidth || moved.clientY > innerHeight;
    if (outside && startDrag !== undefined) {
      hover(undefined, { label: fetching ? windowWords.drop.fetching : itemsWords(dragged) });
      if (!fetching) {
        fetching = true;
        void dragOut(dragged, () => !over);
      }
      return;
    }
    const target = targetOf(document.elementFromPoint(moved.clientX, moved.clientY));
    const allowed = target !== undefined && dragged.every((one) => mayMove(one, target.place)) ? target : undefined;
    hover(allowed, {
      kind: 'move',
      items: dragged.length,
      at: { x: moved.clientX, y: moved.clientY },
      label: itemsWords(dragged),
    });
  };
  const up = (): void => {
    const target = useDropping.getState().over;
    const places = dragged;
    end();
    if (places !== undefined && target !== undefined) void moveOnPhone(places, target.place);
  };
  const key = (pressed: KeyboardEvent): void => {
    if (pressed.key === 'Escape') end();
  };
  const end = (): void => {
    over = true;
    endDropping();
    document.removeEventListener('pointermove', move);
    document.removeEventListener('pointerup', up);
    document.removeEventListener('pointercancel', end);
    document.removeEventListener('keydown', key, true);
  };
  document.addEventListener('pointermove', move);
  document.addEventListener('pointerup', up);
  document.addEventListener('pointercancel', end);
  document.addEventListener('keydown', key, true);
}

/** False for a move onto itself, into itself, or to where it already is. */
function mayMove(source: PhonePlace, to: PhonePlace): boolean {
  if (source.device !== to.device) return false;
  if (source.storage !== to.storage) return true;
  const folder = source.path.slice(0, source.path.lastIndexOf('/')) || '/';
  return !samePlace(source, to) && !isInside(to.path, source.path) && folder !== to.path;
}

async function dragOut(sources: readonly PhonePlace[], stillHeld: () => boolean): Promise<void> {
  const key = sources.map(placeKey).join('\n\n');
  let paths = ready.get(key);
  if (paths === undefined) {
    const reply = await run('prepareDrag', { sources });
    if (!reply.ok) return;
    paths = reply.value.paths;
    ready.set(key, paths);
  }
  if (stillHeld()) startDrag?.(paths);
  else say(windowWords.drop.fetched({ what: itemsWords(sources) }));
}
