import { HardDrive } from 'lucide-react';
import type { Device } from '../../shared/domain.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import type { MenuItems } from '../parts/menu.tsx';
import { run } from '../stores/host.ts';
import { say } from '../stores/notices.ts';
import { openDialog } from '../stores/window.ts';

/** The menu of a phone in the sidebar, where the host has a drive. */
export function deviceMenu(device: Device): MenuItems {
  return [
    {
      label: windowWords.drive.show,
      icon: HardDrive,
      disabled: device.state.kind !== 'ready',
      run: () => void showDrive(device),
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
