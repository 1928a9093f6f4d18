import { FolderOpen, FolderSearch, SquareCheck, Trash2 } from 'lucide-react';
import type { SpaceNode } from '../../shared/catalogue.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import type { MenuItems } from '../parts/menu.tsx';
import { openInSpace, toggleInSpace } from '../stores/space.ts';
import { openDialog } from '../stores/window.ts';
import { child } from '../view-models/places.ts';
import { isReachable, showAmongFiles } from './among-files.ts';
import { verifying } from './entry-menu.ts';

/** Context menu of a box of the map. */
export function spaceMenu(folder: PhonePlace, node: SpaceNode | undefined): MenuItems {
  const { act, find, space } = windowWords;
  if (node === undefined || node.folded > 0)
    return [{ label: find.nothingChosen, disabled: true, run: () => undefined }];
  const place = child(folder, node.name);
  const away = !isReachable(place);
  return [
    ...(node.kind === 'folder' ? [{ label: act.open, icon: FolderOpen, run: () => openInSpace(place) }] : []),
    { label: find.showInFolder, icon: FolderSearch, disabled: away, run: () => showAmongFiles(place) },
    verifying(place, node.kind === 'folder' ? 'folder' : 'file', away),
    {
      label: space.choose({ name: node.name }),
      icon: SquareCheck,
      run: () => toggleInSpace({ place, size: node.bytes }),
    },
    undefined,
    {
      label: act.deleteAsk,
      icon: Trash2,
      look: 'danger',
      disabled: away,
      run: () => openDialog({ kind: 'delete', places: [place] }),
    },
  ];
}
