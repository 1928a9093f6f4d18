import {
  Copy,
  FolderInput,
  FolderPlus,
  HardDriveDownload,
  Info,
  Pencil,
  RotateCw,
  Scissors,
  Trash2,
  ClipboardPaste,
  FolderOpen,
} from 'lucide-react';
import type { PhonePlace } from '../../shared/domain.ts';
import type { MenuItems } from '../parts/menu.tsx';
import { askToDelete, chosenPlaces, download, paste, saveTo, toClipboard } from '../stores/actions.ts';
import { useFolder } from '../stores/folder.ts';
import { isMac, run } from '../stores/host.ts';
import { go, useWindow } from '../stores/window.ts';
import { child } from '../view-models/places.ts';
import { keys } from '../view-models/keys.ts';

/** Context menu of the selected entries, or of the folder if nothing is selected. */
export function entryMenu(place: PhonePlace): MenuItems {
  const mac = isMac();
  const { selection, clipboard } = useWindow.getState();
  const { listing } = useFolder.getState();
  const chosen = chosenPlaces();
  const [only] = selection.chosen;
  const single = chosen.length === 1 && only !== undefined ? listing.at(listing.indexOf(only)) : undefined;
  const pasting = {
    label: 'Paste',
    icon: ClipboardPaste,
    keys: keys(mac, 'Mod', 'V'),
    disabled: clipboard === undefined,
    run: paste,
  };
  if (chosen.length === 0)
    return [
      {
        label: 'New folder',
        icon: FolderPlus,
        keys: keys(mac, 'Mod', 'Shift', 'N'),
        run: () => useWindow.setState({ making: true }),
      },
      pasting,
      undefined,
      {
        label: 'List again',
        icon: RotateCw,
        keys: mac ? keys(mac, 'Mod', 'R') : 'F5',
        run: () => void run('refresh', { place }),
      },
    ];
  return [
    ...(single?.kind === 'folder'
      ? [
          {
            label: 'Open',
            icon: FolderOpen,
            keys: mac ? keys(mac, 'Mod', '↓') : 'Enter',
            run: () => go(child(place, single.name)),
          },
        ]
      : []),
    { label: 'Save to…', icon: FolderInput, keys: keys(mac, 'Mod', 'S'), run: () => saveTo() },
    { label: 'Save to the download folder', icon: HardDriveDownload, run: () => void download(chosen, undefined) },
    undefined,
    { label: 'Copy', icon: Copy, keys: keys(mac, 'Mod', 'C'), run: () => toClipboard('copy') },
    { label: 'Cut', icon: Scissors, keys: keys(mac, 'Mod', 'X'), run: () => toClipboard('move') },
    pasting,
    undefined,
    {
      label: 'Rename',
      icon: Pencil,
      keys: mac ? '↩' : 'F2',
      disabled: single === undefined,
      run: () => useWindow.setState({ renaming: only }),
    },
    { label: 'Details', icon: Info, keys: 'Space', run: () => useWindow.setState({ inspector: true }) },
    undefined,
    { label: 'Delete…', icon: Trash2, keys: keys(mac, 'Delete'), look: 'danger', run: askToDelete },
  ];
}
