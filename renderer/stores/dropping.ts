import { create } from 'zustand';
import type { PhonePlace } from '../../shared/domain.ts';

/** What is being dragged over the window: files from the system, or entries of the phone. */
export interface Dropping {
  readonly over: { readonly place: PhonePlace; readonly name: string } | undefined;
  readonly items: number;
  readonly kind: 'upload' | 'move' | undefined;
  /** Pointer position, for the label that follows it while entries are dragged. */
  readonly at: { readonly x: number; readonly y: number } | undefined;
  readonly label: string;
}

const IDLE: Dropping = { over: undefined, items: 0, kind: undefined, at: undefined, label: '' };
/** The drag that is under way; at rest when nothing is dragged. */
export const useDropping = create<Dropping>()(() => IDLE);

let lit: Element | undefined;

/** An element that takes a drop, and the folder it stands for. */
export interface Target {
  readonly element: Element;
  readonly place: PhonePlace;
  readonly name: string;
}

/** Attributes that mark an element as a drop target. */
export const dropTarget = (
  place: PhonePlace,
  name: string,
): { readonly 'data-drop': string; readonly 'data-drop-name': string } => ({
  'data-drop': JSON.stringify(place),
  'data-drop-name': name,
});

/** The nearest drop target at or above the element. */
export function targetOf(element: Element | null): Target | undefined {
  const found = element?.closest('[data-drop]');
  const place = found?.getAttribute('data-drop');
  if (found === null || found === undefined || place === null || place === undefined) return undefined;
  return { element: found, place: JSON.parse(place) as PhonePlace, name: found.getAttribute('data-drop-name') ?? '' };
}

/**
 * Highlights the target under the pointer. Sets the attribute on the element itself, so that no row is rendered
 * again.
 */
export function hover(target: Target | undefined, more: Partial<Dropping>): void {
  if (lit !== target?.element) {
    lit?.removeAttribute('data-over');
    lit = target?.element;
    lit?.setAttribute('data-over', '');
  }
  const over = useDropping.getState().over;
  const same =
    over !== undefined &&
    target !== undefined &&
    over.name === target.name &&
    JSON.stringify(over.place) === JSON.stringify(target.place);
  useDropping.setState({
    over: same ? over : target === undefined ? undefined : { place: target.place, name: target.name },
    ...more,
  });
}

/** Forgets the drag and takes the highlight off its target. */
export function endDropping(): void {
  lit?.removeAttribute('data-over');
  lit = undefined;
  useDropping.setState(IDLE);
}
