import {
  AppWindow,
  Copy,
  ExternalLink,
  Eye,
  FilePen,
  FolderInput,
  FolderPlus,
  HardDriveDownload,
  Info,
  Pencil,
  RotateCw,
  ScanSearch,
  Scissors,
  Trash2,
  X,
  ClipboardPaste,
  FolderOpen,
} from 'lucide-react';
import type { PhonePlace } from '../../shared/domain.ts';
import type { MenuItems } from '../parts/menu.tsx';
import { askToDelete, chosenPlaces, download, paste, saveTo, toClipboard } from '../stores/actions.ts';
import { useFolder } from '../stores/folder.ts';
import { isMac, run, useHost } from '../stores/host.ts';
import { openFile, stopOpening, useOpened } from '../stores/opened.ts';
import { openVerify } from '../stores/verify.ts';
import { go, openDialog, useWindow } from '../stores/window.ts';
import { child, placeKey, storageOf } from '../view-models/places.ts';
import { keys } from '../view-models/keys.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Context menu of the selected entries, or of the folder if nothing is selected. */
export function entryMenu(place: PhonePlace): MenuItems {
  const mac = isMac();
  const { act } = windowWords;
  const { selection, clipboard } = useWindow.getState();
  const { listing } = useFolder.getState();
  const chosen = chosenPlaces();
  const [only] = selection.chosen;
  const single = chosen.length === 1 && only !== undefined ? listing.at(listing.indexOf(only)) : undefined;
  const pasting = {
    label: act.paste,
    icon: ClipboardPaste,
    keys: keys(mac, 'Mod', 'V'),
    disabled: clipboard === undefined,
    run: paste,
  };
  if (chosen.length === 0)
    return [
      {
        label: act.newFolder,
        icon: FolderPlus,
        keys: keys(mac, 'Mod', 'Shift', 'N'),
        run: () => useWindow.setState({ making: true }),
      },
      pasting,
      undefined,
      verifying(place, 'folder'),
      {
        label: act.refresh,
        icon: RotateCw,
        keys: mac ? keys(mac, 'Mod', 'R') : 'F5',
        run: () => void run('refresh', { place }),
      },
    ];
  const openKeys = mac ? keys(mac, 'Mod', '↓') : keys(mac, 'Enter');
  return [
    ...(single?.kind === 'file' ? fileItems(child(place, single.name), single.name, openKeys) : []),
    ...(single?.kind === 'folder'
      ? [
          {
            label: act.open,
            icon: FolderOpen,
            keys: openKeys,
            run: () => go(child(place, single.name)),
          },
        ]
      : []),
    { label: act.saveTo, icon: FolderInput, keys: keys(mac, 'Mod', 'S'), run: () => saveTo() },
    { label: act.saveToDownloads, icon: HardDriveDownload, run: () => void download(chosen, undefined) },
    ...(single === undefined ? [] : [verifying(child(place, single.name), single.kind)]),
    undefined,
    { label: act.copy, icon: Copy, keys: keys(mac, 'Mod', 'C'), run: () => toClipboard('copy') },
    { label: act.cut, icon: Scissors, keys: keys(mac, 'Mod', 'X'), run: () => toClipboard('move') },
    pasting,
    undefined,
    {
      label: act.rename,
      icon: Pencil,
      keys: mac ? '↩' : 'F2',
      disabled: single === undefined,
      run: () => useWindow.setState({ renaming: only }),
    },
    {
      label: act.look,
      icon: Eye,
      keys: keys(mac, 'Space'),
      disabled: single === undefined,
      run: () => openDialog({ kind: 'look' }),
    },
    { label: act.details, icon: Info, keys: keys(mac, 'Mod', 'I'), run: () => useWindow.setState({ inspector: true }) },
    undefined,
    { label: act.deleteAsk, icon: Trash2, keys: keys(mac, 'Delete'), look: 'danger', run: askToDelete },
  ];
}

/** *Verify copies…* of one folder or file, wherever it is shown. */
export const verifying = (place: PhonePlace, want: 'file' | 'folder', disabled = false) => ({
  label: windowWords.verify.menu,
  icon: ScanSearch,
  disabled,
  run: () => openVerify(place, want),
});

/** What only files have. In a browser there are no programs to choose from, and a copy to edit is shown in its folder. */
export function fileItems(file: PhonePlace, name: string, openKeys: string): MenuItems {
  const { act, open } = windowWords;
  const { info, devices } = useHost.getState();
  const programs = info?.opens === 'programs';
  const fetching = useOpened.getState().fetching.get(placeKey(file));
  const readOnly = storageOf(file, devices?.devices ?? [])?.readOnly ?? true;
  return [
    ...(fetching === undefined ? [] : [{ label: open.stop({ name }), icon: X, run: () => stopOpening(fetching.id) }]),
    { label: act.open, icon: ExternalLink, keys: openKeys, run: () => void openFile(file) },
    ...(programs ? [{ label: act.openWith, icon: AppWindow, run: () => void openFile(file, 'with') }] : []),
    ...(programs || info?.canReveal === true
      ? [{ label: act.editCopy, icon: FilePen, disabled: readOnly, run: () => void openFile(file, 'edit') }]
      : []),
    undefined,
  ];
}
