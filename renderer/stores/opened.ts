import { create } from 'zustand';
import type { PhonePlace } from '../../shared/domain.ts';
import type { CopyId, CopyView } from '../../shared/opening.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { bridge } from '../bridge/current.ts';
import { placeKey } from '../view-models/places.ts';
import { run, useHost } from './host.ts';
import { say, tell } from './notices.ts';
import { closeDialog, useWindow } from './window.ts';

/** Files that are opened with programs of the computer, or in a tab where the window is one itself. */

interface Opened {
  /** What is being fetched, by the place of its file. */
  readonly fetching: ReadonlyMap<string, CopyView>;
  /** Copies that were edited and not saved back. */
  readonly changed: readonly CopyView[];
}
/** The latest snapshot of the copies. */
export const useOpened = create<Opened>()(() => ({ fetching: new Map(), changed: [] }));

/** Subscribes to the copies; called once, when the window starts. */
export function startOpened(): void {
  bridge.subscribe(
    'copies',
    undefined,
    ({ snapshot: { copies } }) =>
      useOpened.setState({
        fetching: new Map(copies.filter((one) => one.state !== 'ready').map((one) => [placeKey(one.place), one])),
        changed: copies.filter((one) => one.changed),
      }),
    tell,
  );
}

/** Whether copies are opened in tabs of this browser, which knows no programs. */
const opensInTabs = (): boolean => useHost.getState().info?.opens === 'tab';

/**
 * Fetches a copy of a file and opens it: with the system's program, or with one that is asked for (`with`). A program or a
 * script is shown in its folder instead, and so is a copy to be edited where there are only tabs.
 */
export async function openFile(place: PhonePlace, how: 'open' | 'with' | 'edit' = 'open'): Promise<void> {
  const edit = how === 'edit';
  const fetched = await run('fetchCopy', { place, edit });
  if (!fetched.ok) return;
  const { copy, name, isProgram } = fetched.value;
  const opened = await run('openCopy', {
    copy,
    how: how === 'with' ? 'with' : edit && opensInTabs() ? 'show' : 'open',
  });
  if (!opened.ok) return;
  if (isProgram) say(windowWords.open.program({ name }));
  else if (edit) say(windowWords.open.editing({ name }));
  if (opened.value.address !== undefined) showTab(opened.value.address, name);
}

/** A browser opens a tab only soon after a key or a click; after a longer wait, a notice asks for one. */
function showTab(address: string, name: string): void {
  const open = (): void => void window.open(address, '_blank', 'noopener');
  if (navigator.userActivation.isActive) open();
  else say(windowWords.open.ready({ name }), { label: windowWords.act.open, run: open });
}

/** Stops fetching a copy; whoever waits for it opens nothing. */
export const stopOpening = (copy: CopyId): void => void run('stopCopy', { copy });

/** Queues the transfer that replaces the phone's file by its edited copy, and shows it. */
export async function saveBack(copy: CopyId): Promise<void> {
  const reply = await run('saveBack', { copy });
  if (reply.ok) useWindow.setState({ drawer: true });
}

/** Gives up the changes to a copy, unless it was changed again since they were shown. */
export async function discardCopy({ id, name }: Pick<CopyView, 'id' | 'name'>): Promise<void> {
  closeDialog();
  const reply = await run('discardCopy', { copy: id });
  if (reply.ok && !reply.value.discarded) say(windowWords.open.stays({ name }));
}
