import { useEffect, useRef } from 'react';
import type { PhonePlace } from '../../shared/domain.ts';
import type { Listing } from '../view-models/listing.ts';

/**
 * Scrolls to where the keyboard stands when that changes, or as soon as it has been listed. Not otherwise: entries that
 * arrive above must not pull the view along.
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
