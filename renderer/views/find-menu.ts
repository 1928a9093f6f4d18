import {
  Copy,
  Eye,
  FolderInput,
  FolderOpen,
  FolderSearch,
  HardDriveDownload,
  Info,
  Pencil,
  Scissors,
  Trash2,
} from 'lucide-react';
import type { FoundEntry } from '../../shared/catalogue.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import type { MenuItems } from '../parts/menu.tsx';
import { askToDelete, download, saveTo, toClipboard } from '../stores/actions.ts';
import { chosenFound, useFind } from '../stores/find.ts';
import { isMac } from '../stores/host.ts';
import { openFile } from '../stores/opened.ts';
import { go, openDialog, useWindow } from '../stores/window.ts';
import { keys } from '../view-models/keys.ts';
import { isReachable, showAmongFiles } from './among-files.ts';
import { fileItems, verifying } from './entry-menu.ts';

/** Opens a folder here, and a file with a program. */
export function openFound(found: FoundEntry): void {
  if (found.kind === 'folder') go(found.place);
  else void openFile(found.place);
}

/** Context menu of the chosen results; the same as in a folder, and *Show in its folder*. */
export function foundMenu(): MenuItems {
  const mac = isMac();
  const { act, find } = windowWords;
  const { selection, found } = useFind.getState();
  const chosen = chosenFound();
  const [only] = selection.chosen;
  const single = chosen.length === 1 && only !== undefined ? found.at(found.indexOf(only)) : undefined;
  const away = single === undefined || !isReachable(single.place);
  const openKeys = mac ? keys(mac, 'Mod', '↓') : keys(mac, 'Enter');
  if (chosen.length === 0) return [{ label: find.nothingChosen, disabled: true, run: () => undefined }];
  return [
    ...(single?.kind === 'file' ? fileItems(single.place, single.name, openKeys) : []),
    ...(single?.kind === 'folder'
      ? [{ label: act.open, icon: FolderOpen, keys: openKeys, disabled: away, run: () => openFound(single) }]
      : []),
    ...(single === undefined
      ? []
      : [
          {
            label: find.showInFolder,
            icon: FolderSearch,
            disabled: away,
            run: () => showAmongFiles(single.place, single.name),
          },
        ]),
    undefined,
    { label: act.saveTo, icon: FolderInput, keys: keys(mac, 'Mod', 'S'), run: () => saveTo() },
    { label: act.saveToDownloads, icon: HardDriveDownload, run: () => void download(chosen, undefined) },
    ...(single === undefined ? [] : [verifying(single.place, single.kind, away)]),
    undefined,
    { label: act.copy, icon: Copy, keys: keys(mac, 'Mod', 'C'), run: () => toClipboard('copy') },
    { label: act.cut, icon: Scissors, keys: keys(mac, 'Mod', 'X'), run: () => toClipboard('move') },
    undefined,
    {
      label: act.rename,
      icon: Pencil,
      keys: mac ? '↩' : 'F2',
      disabled: away,
      run: () => useWindow.setState({ renaming: only }),
    },
    {
      label: act.look,
      icon: Eye,
      keys: keys(mac, 'Space'),
      disabled: away,
      run: () => openDialog({ kind: 'look' }),
    },
    { label: act.details, icon: Info, keys: keys(mac, 'Mod', 'I'), run: () => useWindow.setState({ inspector: true }) },
    undefined,
    { label: act.deleteAsk, icon: Trash2, keys: keys(mac, 'Delete'), look: 'danger', run: askToDelete },
  ];
}
