import { Direction, Tooltip } from 'radix-ui';
import { Suspense, lazy, useEffect, useState, type ReactNode } from 'react';
import { directionOf } from '../shared/words/languages.ts';
import { useFind } from './stores/find.ts';
import { useHost } from './stores/host.ts';
import { showHidden } from './stores/folder.ts';
import { useWindow } from './stores/window.ts';
import { lessonFor } from './view-models/devices.ts';
import { windowTitle } from './view-models/title.ts';
import { Dialogs } from './views/dialogs/dialogs.tsx';
import { Drawer } from './views/drawer.tsx';
import { DropWords } from './views/drop-words.tsx';
import { listenToDesktop } from './views/desktop.ts';
import { useFollow } from './views/follow.ts';
import { EditedCopies } from './views/edited.tsx';
import { FindPane } from './views/find.tsx';
import { History } from './views/history.tsx';
import { IdentityQuestions } from './views/identity.tsx';
import { Inspector } from './views/inspector.tsx';
import { EngineLost, Lesson } from './views/lesson.tsx';
import { Notices } from './views/notices.tsx';
import { Pane } from './views/pane.tsx';
import { useShownDevice } from './views/shown-device.ts';
import { Sidebar } from './views/sidebar.tsx';
import { NoResume } from './views/no-resume.tsx';
import { SlowCable } from './views/slow-cable.tsx';
import { StatusBar } from './views/status-bar.tsx';
import { Sync } from './views/sync.tsx';
import { listenForDrops } from './views/system-drop.ts';
import { Toolbar } from './views/toolbar.tsx';
import { listenForKeys } from './views/window-keys.ts';
import './views/app.css';
import { useLanguage } from './stores/language.ts';

export function App(): ReactNode {
  const sidebar = useWindow((state) => state.sidebar);
  // all below is drawn again in another language
  const { language } = useLanguage();
  useEffect(listenForDrops, []);
  useEffect(listenForKeys, []);
  useEffect(listenToDesktop, []);
  useTheme();
  return (
    <Direction.Provider dir={directionOf(language)}>
      <Following />
      <Tooltip.Provider delayDuration={500}>
        <div className="app" data-sidebar={sidebar ? 'open' : 'usual'}>
          <Sidebar />
          <div className="app-veil" onClick={() => useWindow.setState({ sidebar: false })} />
          <Centre />
        </div>
        <DropWords />
        <Dialogs />
      </Tooltip.Provider>
    </Direction.Provider>
  );
}

/** What follows the transfers. It draws nothing, so that their progress does not have all of the window drawn again. */
function Following(): ReactNode {
  useFollow();
  useTitle();
  return null;
}

function Centre(): ReactNode {
  const page = useWindow((state) => state.page);
  const lost = useLost();
  return (
    <main className="main">
      {lost ? null : <IdentityQuestions />}
      {lost ? null : <EditedCopies />}
      {page === 'browse' || lost ? <Browse lost={lost} /> : PAGES[page]}
      <Notices />
      <Drawer />
    </main>
  );
}

/** Loaded when it is first opened: nobody needs it to begin. */
const Space = lazy(async () => ({ default: (await import('./views/space.tsx')).Space }));
const Photos = lazy(async () => ({ default: (await import('./views/photos.tsx')).Photos }));

const PAGES = {
  history: <History />,
  sync: <Sync />,
  space: (
    <Suspense fallback={<div className="body" />}>
      <Space />
    </Suspense>
  ),
  photos: (
    <Suspense fallback={<div className="body" />}>
      <Photos />
    </Suspense>
  ),
} as const;

/** Used until the host has described itself. */
const UNKNOWN_HOST = { canTryVirtual: false, platform: 'other' } as const;

function Browse({ lost }: { readonly lost: boolean }): ReactNode {
  const place = useWindow((state) => state.place);
  const inspector = useWindow((state) => state.inspector);
  const devices = useHost((state) => state.devices?.devices);
  const host = useHost((state) => state.info);
  const device = useShownDevice();
  const lesson = devices === undefined ? undefined : lessonFor(devices, device, host ?? UNKNOWN_HOST);
  const usable = !lost && lesson === undefined && place !== undefined;
  const isFinding = useFind((state) => state.isOpen) && !lost;
  return (
    <>
      <Toolbar place={place} device={device} usable={usable} />
      {usable && device !== undefined ? <SlowCable device={device} /> : null}
      {usable && device !== undefined ? <NoResume device={device} /> : null}
      <div className="body">
        {lost ? (
          <EngineLost />
        ) : isFinding ? (
          <>
            <FindPane />
            {inspector ? <Inspector place={undefined} /> : null}
          </>
        ) : lesson !== undefined ? (
          <Lesson lesson={lesson} />
        ) : place !== undefined ? (
          <>
            <Pane place={place} />
            {inspector ? <Inspector place={place} /> : null}
          </>
        ) : null}
      </div>
      {usable && !isFinding ? <StatusBar /> : null}
    </>
  );
}

/** Milliseconds. Shorter interruptions are not shown: the bridge reconnects before anyone could read the message. */
const BRIEF = 1200;
function useLost(): boolean {
  const lost = useHost((state) => state.connection === 'lost');
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), BRIEF);
    return () => clearTimeout(timer);
  }, [lost]);
  return shown;
}

function useTheme(): void {
  const appearance = useHost((state) => state.settings?.appearance ?? 'system');
  const hidden = useHost((state) => state.settings?.showHidden ?? false);
  useEffect(() => {
    if (appearance === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = appearance;
  }, [appearance]);
  useEffect(() => showHidden(hidden), [hidden]);
}

function useTitle(): void {
  const transfers = useHost((state) => state.transfers);
  const title = windowTitle(transfers);
  useEffect(() => {
    document.title = title;
  }, [title]);
}
