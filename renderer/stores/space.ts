import { create } from 'zustand';
import { ROOT, isInside, type DeviceKey, type PhonePlace } from '../../shared/domain.ts';
import { placeKey } from '../view-models/places.ts';
import { useCatalogue } from './catalogue.ts';
import { closeFind } from './find.ts';
import { useWindow } from './window.ts';

/** Something that is chosen on the page Space; size in bytes, with all in it. */
export interface ChosenInSpace {
  readonly place: PhonePlace;
  readonly size: number;
}

/** What the page Space shows. */
interface SpacePage {
  /** The folder whose space is shown; the phone's first storage at first. */
  readonly place: PhonePlace | undefined;
  readonly chosen: ReadonlyMap<string, ChosenInSpace>;
}

/** The state of the page Space. */
export const useSpace = create<SpacePage>()(() => ({ place: undefined, chosen: new Map() }));

/** Opens the page Space with this phone, or with one of which something is known. */
export function showSpace(device: DeviceKey | undefined): void {
  const { phones } = useCatalogue.getState();
  const phone = phones.find((one) => one.device === device) ?? phones[0];
  const storage = phone?.storages[0];
  const { place } = useSpace.getState();
  if (phone !== undefined && storage !== undefined && place?.device !== phone.device)
    openInSpace({ device: phone.device, storage: storage.key, path: ROOT });
  closeFind();
  useWindow.setState({ page: 'space', sidebar: false });
}

/** Shows another folder; what is chosen stays chosen as long as it is on the same phone. */
export const openInSpace = (place: PhonePlace): void =>
  useSpace.setState((state) => ({
    place,
    chosen: state.place?.device === place.device ? state.chosen : new Map(),
  }));

/** Chooses something, or not any more. */
export const toggleInSpace = (one: ChosenInSpace): void =>
  useSpace.setState((state) => {
    const chosen = new Map(state.chosen);
    if (!chosen.delete(placeKey(one.place))) chosen.set(placeKey(one.place), one);
    return { chosen };
  });

/** Nothing is chosen any more. */
export const clearInSpace = (): void => useSpace.setState({ chosen: new Map() });

/** What was deleted is not chosen any more. */
export const dropChosen = (places: readonly PhonePlace[]): void =>
  useSpace.setState((state) => {
    const chosen = new Map(state.chosen);
    for (const place of places) chosen.delete(placeKey(place));
    return { chosen };
  });

/** What is chosen on the page Space; what lies in a chosen folder goes with it and does not count on its own. */
export function outermost(chosen: Iterable<ChosenInSpace>): readonly ChosenInSpace[] {
  const all = [...chosen];
  return all.filter(
    ({ place }) =>
      !all.some(
        ({ place: other }) =>
          other.device === place.device &&
          other.storage === place.storage &&
          other.path !== place.path &&
          isInside(place.path, other.path),
      ),
  );
}
/** The places of what is chosen. */
export const chosenInSpace = (): readonly PhonePlace[] =>
  outermost(useSpace.getState().chosen.values()).map(({ place }) => place);
