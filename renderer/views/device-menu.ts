import { ChartPie, ClipboardList, Eraser, HardDrive } from 'lucide-react';
import type { Device } from '../../shared/domain.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import type { MenuItems } from '../parts/menu.tsx';
import { useCatalogue } from '../stores/catalogue.ts';
import { run, useHost } from '../stores/host.ts';
import { say } from '../stores/notices.ts';
import { showSpace } from '../stores/space.ts';
import { openDialog } from '../stores/window.ts';

/** The menu of a phone in the sidebar; its items are those that the host can do. */
export function deviceMenu(device: Device): MenuItems {
  const isKnown = useCatalogue.getState().phones.some((one) => one.device === device.key);
  return [
    ...(useHost.getState().info?.canShowDrive === true
      ? [
          {
            label: windowWords.drive.show,
            icon: HardDrive,
            disabled: device.state.kind !== 'ready',
            run: () => void showDrive(device),
          },
        ]
      : []),
    ...(isKnown
      ? [
          { label: windowWords.place.space, icon: ChartPie, run: () => showSpace(device.key) },
          {
            label: windowWords.catalogue.forget,
            icon: Eraser,
            run: () => openDialog({ kind: 'forget', device: device.key, name: device.name }),
          },
        ]
      : []),
    {
      label: windowWords.phoneReport.menu,
      icon: ClipboardList,
      disabled: device.state.kind === 'gone',
      run: () => openDialog({ kind: 'phone-report', device: device.key }),
    },
  ];
}

/** The host opens it in the system's file manager; where it cannot, the window shows the address. */
async function showDrive(device: Device): Promise<void> {
  const reply = await run('showDrive', { device: device.key });
  if (!reply.ok) return;
  if (reply.value.mounted) say(windowWords.drive.shown({ device: device.name }));
  else openDialog({ kind: 'drive', device: device.name, url: reply.value.url });
}
