import { useEffect, useRef } from 'react';
import type { PhonePlace } from '../../shared/domain.ts';
import type { Listing } from '../view-models/listing.ts';

/**
 * Scrolls to the focused entry when the focus moves, or once that entry has been listed. Entries arriving above it
 * must not scroll the view.
 */
export function useFollowFocus(
  focus: string | undefined,
  place: PhonePlace,
  listing: Listing,
  scrollTo: (position: number) => void,
): void {
  const followed = useRef<{ readonly focus: string; readonly place: PhonePlace }>(undefined);
  useEffect(() => {
    if (focus === undefined) {
      followed.current = undefined;
      return;
    }
    if (followed.current?.focus === focus && followed.current.place === place) return;
    const position = listing.indexOf(focus);
    if (position === -1) return;
    followed.current = { focus, place };
    scrollTo(position);
  });
}
