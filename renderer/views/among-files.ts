import { baseNameOf, parentOf, type PhonePlace } from '../../shared/domain.ts';
import { useHost } from '../stores/host.ts';
import { go } from '../stores/window.ts';
import { at } from '../view-models/places.ts';

/** Opens the folder in which something lies among the files, with the focus on it. */
export const showAmongFiles = (place: PhonePlace, name = baseNameOf(place.path)): void =>
  go(at(place, parentOf(place.path)), name);

/** Whether the phone of a place can be reached now. */
export const isReachable = (place: PhonePlace): boolean =>
  useHost.getState().devices?.devices.some((one) => one.key === place.device && one.state.kind === 'ready') ?? false;

/** The same, for a view that follows it. */
export const useReachable = (place: Pick<PhonePlace, 'device'>): boolean =>
  useHost(
    (state) => state.devices?.devices.some((one) => one.key === place.device && one.state.kind === 'ready') ?? false,
  );
