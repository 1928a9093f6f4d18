import {
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  ChevronRight,
  Ellipsis,
  FolderPlus,
  LayoutGrid,
  List,
  Menu,
  PanelRight,
  Upload,
} from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import type { Device, PhonePlace } from '../../shared/domain.ts';
import { IconButton } from '../parts/button.tsx';
import { DropdownMenu, type MenuItems } from '../parts/menu.tsx';
import { dropTarget } from '../stores/dropping.ts';
import { showHidden, sortFolder, useFolder } from '../stores/folder.ts';
import { useCatalogue } from '../stores/catalogue.ts';
import { useFind } from '../stores/find.ts';
import { run, useHost } from '../stores/host.ts';
import { go, goBack, goForward, goUp, openDialog, useWindow } from '../stores/window.ts';

import { keys } from '../view-models/keys.ts';
import { crumbs, storageOf } from '../view-models/places.ts';
import { SearchField } from './search-field.tsx';
import { reportShownPhone } from './shown-device.ts';
import { pickFiles, pickFolder } from './upload-input.ts';
import './toolbar.css';
import { windowWords } from '../../shared/words/made/window.ts';

interface ToolbarProps {
  readonly place: PhonePlace | undefined;
  readonly device: Device | undefined;
  readonly usable: boolean;
}

/** Navigation, path, filter and commands of the open folder; inactive unless the phone is `usable`. */
export function Toolbar({ place, device, usable }: ToolbarProps): ReactNode {
  const mac = useHost((state) => state.info?.platform === 'darwin');
  const { back, forward, layout, inspector } = useWindow();
  const isFinding = useFind((state) => state.isOpen);
  const canFind = useCatalogue((state) => state.enabled && state.phones.length > 0) || isFinding;
  const shown = usable ? place : undefined;
  const { act } = windowWords;
  return (
    <header className="toolbar">
      <div className="toolbar-menu">
        <IconButton
          label={windowWords.place.phonesAndPlaces}
          icon={Menu}
          onClick={() => useWindow.setState((state) => ({ sidebar: !state.sidebar }))}
        />
      </div>
      <div className="toolbar-group">
        <IconButton
          label={act.back}
          keys={mac ? keys(mac, 'Mod', '[') : keys(mac, 'Alt', '←')}
          icon={ArrowLeft}
          disabled={back.length === 0}
          onClick={goBack}
        />
        <IconButton
          label={act.forward}
          keys={mac ? keys(mac, 'Mod', ']') : keys(mac, 'Alt', '→')}
          icon={ArrowRight}
          disabled={forward.length === 0}
          onClick={goForward}
        />
        <IconButton
          label={act.parentFolder}
          keys={keys(mac, mac ? 'Mod' : 'Alt', '↑')}
          icon={ArrowUp}
          disabled={shown === undefined || shown.path === '/'}
          onClick={goUp}
        />
      </div>
      {shown === undefined ? <div className="crumbs" /> : <Breadcrumb place={shown} />}
      {shown === undefined && !canFind ? null : <SearchField device={shown === undefined ? undefined : device} />}
      {shown === undefined ? null : (
        <>
          {/* results have one layout */}
          {isFinding ? null : (
            <div className="toolbar-group" role="group" aria-label={windowWords.toolbar.layout}>
              <IconButton
                label={windowWords.toolbar.asList}
                keys={keys(mac, 'Mod', '1')}
                icon={List}
                pressed={layout === 'list'}
                onClick={() => useWindow.setState({ layout: 'list' })}
              />
              <IconButton
                label={windowWords.toolbar.asGrid}
                keys={keys(mac, 'Mod', '2')}
                icon={LayoutGrid}
                pressed={layout === 'grid'}
                onClick={() => useWindow.setState({ layout: 'grid' })}
              />
            </div>
          )}
          <div className="toolbar-group">
            <IconButton
              label={act.newFolder}
              keys={keys(mac, 'Mod', 'Shift', 'N')}
              icon={FolderPlus}
              onClick={() => useWindow.setState({ making: true })}
            />
            <DropdownMenu
              items={[
                { label: windowWords.toolbar.uploadFiles, keys: keys(mac, 'Mod', 'U'), run: () => pickFiles(shown) },
                { label: windowWords.toolbar.uploadFolder, run: () => pickFolder(shown) },
              ]}
            >
              <button type="button" className="button upload-button">
                <Upload size={16} strokeWidth={1.75} aria-hidden />
                <span>{windowWords.toolbar.upload}</span>
              </button>
            </DropdownMenu>
            <IconButton
              label={act.details}
              keys={keys(mac, 'Mod', 'I')}
              icon={PanelRight}
              pressed={inspector}
              onClick={() => useWindow.setState({ inspector: !inspector })}
            />
            <More place={shown} />
          </div>
        </>
      )}
    </header>
  );
}

function More({ place }: { readonly place: PhonePlace }): ReactNode {
  const mac = useHost((state) => state.info?.platform === 'darwin');
  const hidden = useHost((state) => state.settings?.showHidden ?? false);
  const sort = useFolder((state) => state.sort);
  const words = windowWords.toolbar;
  const by = (label: string, column: typeof sort.column): MenuItems[number] => ({
    label,
    checked: sort.column === column,
    run: () => sortFolder({ column, descending: sort.column === column ? !sort.descending : column === 'modified' }),
  });
  return (
    <DropdownMenu
      items={[
        by(words.sortName, 'name'),
        by(words.sortSize, 'size'),
        by(words.sortKind, 'kind'),
        by(words.sortDate, 'modified'),
        undefined,
        {
          label: windowWords.shortcut.hidden,
          checked: hidden,
          keys: keys(mac, 'Mod', mac ? '.' : 'H'),
          run: () => toggleHidden(),
        },
        {
          label: windowWords.act.refresh,
          keys: mac ? keys(mac, 'Mod', 'R') : 'F5',
          run: () => void run('refresh', { place }),
        },
        undefined,
        { label: windowWords.shortcut.title, keys: 'F1', run: () => openDialog({ kind: 'shortcuts' }) },
        { label: windowWords.phoneReport.menu, run: reportShownPhone },
      ]}
    >
      <button type="button" className="icon-button" aria-label={words.more}>
        <Ellipsis size={16} strokeWidth={1.75} aria-hidden />
      </button>
    </DropdownMenu>
  );
}

/** Shows or hides hidden files, and keeps it in the settings. */
export function toggleHidden(): void {
  const shown = !(useHost.getState().settings?.showHidden ?? false);
  showHidden(shown);
  void run('setSettings', { ...NO_SETTINGS, showHidden: shown });
}

/** Settings that change nothing. */
export const NO_SETTINGS = {
  onConflict: undefined,
  onName: undefined,
  verify: undefined,
  large: undefined,
  downloadFolder: undefined,
  showHidden: undefined,
  notifications: undefined,
  preventSleep: undefined,
  appearance: undefined,
  language: undefined,
  catalogue: undefined,
} as const;

function Breadcrumb({ place }: { readonly place: PhonePlace }): ReactNode {
  const devices = useHost((state) => state.devices?.devices ?? []);
  const trail = crumbs(place, storageOf(place, devices));
  const box = useRef<HTMLOListElement>(null);
  // Deep paths are scrolled to the end, which shows the current folder.
  useEffect(() => {
    if (box.current === null) return;
    // Where lines run from right to left, the end is at the left, which is negative.
    const along = getComputedStyle(box.current).direction === 'rtl' ? -1 : 1;
    box.current.scrollLeft = along * box.current.scrollWidth;
  }, [place]);
  return (
    <nav className="crumbs" aria-label={windowWords.place.path}>
      <ol ref={box}>
        {trail.map((crumb, index) => (
          <li key={crumb.place.path}>
            {index === 0 ? null : <ChevronRight size={14} strokeWidth={1.75} aria-hidden />}
            <button
              type="button"
              title={crumb.name}
              aria-current={index === trail.length - 1 ? 'page' : undefined}
              onClick={() => go(crumb.place)}
              {...dropTarget(crumb.place, crumb.name)}
            >
              <span className="ends" dir="auto">
                {crumb.name}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
