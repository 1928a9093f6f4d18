import { ROOT, type Device, type DeviceKey } from '../../shared/domain.ts';
import { create } from 'zustand';
import { useHost } from '../stores/host.ts';
import { go, leave, openDialog, useWindow } from '../stores/window.ts';

/** A phone that was selected although it cannot be browsed; its explanation is shown. */
const useChosen = create<{ readonly key: DeviceKey | undefined }>()(() => ({ key: undefined }));

/** The phone shown in the centre: that of the open folder, else the selected one, else the only one. */
export function useShownDevice(): Device | undefined {
  const devices = useHost((state) => state.devices?.devices);
  const place = useWindow((state) => state.place);
  const chosen = useChosen((state) => state.key);
  if (devices === undefined) return undefined;
  return shownOf(devices, place?.device ?? chosen);
}

const shownOf = (devices: readonly Device[], wanted: DeviceKey | undefined): Device | undefined =>
  devices.find((one) => one.key === wanted) ?? (devices.length === 1 ? devices[0] : undefined);

/** *Report this phone*: of the one that is shown, else of one that is plugged in, else of this computer alone. */
export function reportShownPhone(): void {
  const devices = (useHost.getState().devices?.devices ?? []).filter(({ state }) => state.kind !== 'gone');
  const shown = shownOf(devices, useWindow.getState().place?.device ?? useChosen.getState().key) ?? devices[0];
  openDialog({ kind: 'phone-report', device: shown?.key });
}

/** Opens the root of a phone’s first storage; a phone that is not ready gets its explanation instead. */
export function showDevice(device: Device): void {
  useChosen.setState({ key: device.key });
  const [storage] = device.storages;
  const { place } = useWindow.getState();
  if (device.state.kind === 'ready' && storage !== undefined) {
    go({ device: device.key, storage: storage.key, path: ROOT });
    return;
  }
  if (place !== undefined && place.device !== device.key) leave();
  useWindow.setState({ page: 'browse', sidebar: false });
}
