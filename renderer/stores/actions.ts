import {
  baseNameOf,
  parentOf,
  type DeviceKey,
  type LocalPath,
  type PhonePlace,
  type TransferId,
  samePlace,
} from '../../shared/domain.ts';
import type { DroppedFile } from '../../shared/contract.ts';
import { bridge } from '../bridge/current.ts';
import { at, child, placeKey, placeName } from '../view-models/places.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { chosenFound, useFind } from './find.ts';
import { useFolder } from './folder.ts';
import { run, useHost } from './host.ts';
import { say, tell, useNotices } from './notices.ts';
import { chosenInSpace, dropChosen } from './space.ts';
import { useSpool } from './spooling.ts';
import { done } from './undo.ts';
import { closeDialog, openDialog, select, useWindow } from './window.ts';
import { NOTHING, only } from '../view-models/selection.ts';

/** User actions, each in one place. Views and keyboard shortcuts call these. */

const devices = () => useHost.getState().devices?.devices ?? [];

/**
 * What is chosen on the page Space, the chosen results of an open search, else the selected entries of the open folder that are still listed; a filter that
 * hides them leaves them out.
 */
export const chosenPlaces = (): readonly PhonePlace[] => {
  const { place, page, selection } = useWindow.getState();
  if (page === 'space') return chosenInSpace();
  if (useFind.getState().isOpen) return chosenFound();
  if (place === undefined) return [];
  const { listing } = useFolder.getState();
  return [...selection.chosen].filter((name) => listing.indexOf(name) !== -1).map((name) => child(place, name));
};

/**
 * Resolves the paths of dropped files, or uploads their bytes to the host, then starts one transfer for all of them.
 */
export async function upload(files: readonly DroppedFile[], to: PhonePlace): Promise<void> {
  if (files.length === 0) return;
  const spooling = useSpool.getState();
  const id = spooling.begin(files.length);
  let problems = 0;
  let example = '';
  const accepted = await bridge.acceptDrop(
    files,
    (sent, total) => spooling.progress(id, sent, total),
    (problem) => {
      problems++;
      example ||= problem.subject ?? '';
    },
  );
  spooling.finish(id);
  if (problems > 0)
    useNotices.getState().add({
      tone: 'bad',
      what:
        problems === 1
          ? windowWords.drop.unreadableOne({ name: example })
          : windowWords.drop.unreadableFiles({ count: problems }),
      remedy: windowWords.drop.mayHaveMoved,
    });
  if (!accepted.ok) return tell(accepted.error);
  if (accepted.value.length === 0) return;
  await run('upload', { sources: accepted.value, to, options: undefined });
  useWindow.setState({ drawer: true });
}

/** Queues a download and opens the drawer; without `to` it goes to the folder in the settings. */
export async function download(sources: readonly PhonePlace[], to: LocalPath | undefined): Promise<void> {
  if (sources.length === 0) return;
  const reply = await run('download', { sources, to, options: undefined });
  if (reply.ok) useWindow.setState({ drawer: true });
}

/** The native file chooser if the host has one, otherwise our own dialog over the host's folders. */
export async function pick(
  want: 'folder' | 'file',
  title: string,
  action: string,
  picked: (path: LocalPath) => void,
): Promise<void> {
  if (useHost.getState().info?.canPick === true) {
    const reply = await run('pickLocal', { kind: want, title });
    if (reply.ok && reply.value.path !== undefined) picked(reply.value.path);
    return;
  }
  openDialog({ kind: 'pick', want, title, action, picked });
}

/** Asks for a folder on the computer and downloads there; does nothing if nothing is selected. */
export function saveTo(sources: readonly PhonePlace[] = chosenPlaces()): void {
  if (sources.length === 0) return;
  void pick(
    'folder',
    windowWords.notice.saveTo({ what: itemsWords(sources) }),
    windowWords.act.saveHere,
    (path) => void download(sources, path),
  );
}

/** The name in quotes for one place, else the number: `3 items`. */
export const itemsWords = (places: readonly PhonePlace[]): string => {
  const [first] = places;
  return places.length === 1 && first !== undefined
    ? commonWords.quoted({ name: baseNameOf(first.path) })
    : commonWords.count.items({ count: places.length });
};

/** Makes a folder in the open one and selects it; ends the naming even if the phone refuses. */
export async function makeFolder(name: string): Promise<void> {
  const { place } = useWindow.getState();
  useWindow.setState({ making: false });
  if (place === undefined) return;
  const reply = await run('makeFolder', { place, name });
  if (reply.ok) select(only(name));
}

/** Renames an entry of the open folder, with undo; the same or an empty name only ends the naming. */
export async function rename(from: string, name: string): Promise<void> {
  const { place } = useWindow.getState();
  if (place !== undefined && (await renameAt(child(place, from), from, name))) select(only(name));
}

/** Renames the entry `from` at a place, with undo; tells whether it has the new name. */
export async function renameAt(place: PhonePlace, from: string, name: string): Promise<boolean> {
  useWindow.setState({ renaming: undefined });
  if (name === from || name === '') return false;
  const reply = await run('rename', { place, name });
  if (!reply.ok) return false;
  done(windowWords.notice.renamed({ name }), {
    undone: () => windowWords.notice.undoneRename,
    undo: async () => (await run('rename', { place: child(at(place, parentOf(place.path)), name), name: from })).ok,
  });
  return true;
}

/**
 * Moves objects within one phone, with undo; those already in `to` stay, and another phone is refused with a notice.
 */
export async function moveOnPhone(sources: readonly PhonePlace[], to: PhonePlace): Promise<void> {
  const moving = sources.filter((one) => !samePlace(at(one, parentOf(one.path)), to) && !samePlace(one, to));
  const [first] = moving;
  if (first === undefined) return;
  if (first.device !== to.device) {
    say(windowWords.notice.acrossPhones);
    return;
  }
  const reply = await run('moveOnPhone', { sources: moving, to });
  if (!reply.ok) return;
  select(NOTHING);
  done(windowWords.notice.moved({ what: itemsWords(moving), folder: placeName(to, devices()) }), {
    undone: () => windowWords.notice.undoneMove,
    undo: () => moveBack(moving, to),
  });
}

/** Moves what was moved to `to` back to the folders that it came from; results of a search come from several. */
async function moveBack(moved: readonly PhonePlace[], to: PhonePlace): Promise<boolean> {
  const folders = new Map<string, { readonly folder: PhonePlace; readonly sources: PhonePlace[] }>();
  for (const one of moved) {
    const folder = at(one, parentOf(one.path));
    const known = folders.get(placeKey(folder)) ?? { folder, sources: [] };
    known.sources.push(child(to, baseNameOf(one.path)));
    folders.set(placeKey(folder), known);
  }
  for (const { folder, sources } of folders.values())
    if (!(await run('moveOnPhone', { sources, to: folder })).ok) return false;
  return true;
}

async function copyOnPhone(sources: readonly PhonePlace[], to: PhonePlace): Promise<void> {
  const reply = await run('copyOnPhone', { sources, to });
  if (reply.ok) say(windowWords.notice.copiedTo({ what: itemsWords(sources), folder: placeName(to, devices()) }));
}

/** Puts the selected entries on the window’s own clipboard; the system’s stays as it is. */
export function toClipboard(kind: 'copy' | 'move'): void {
  const places = chosenPlaces();
  if (places.length === 0) return;
  useWindow.setState({ clipboard: { kind, places } });
  const what = itemsWords(places);
  say(kind === 'copy' ? windowWords.notice.clipboardCopied({ what }) : windowWords.notice.clipboardCut({ what }));
}

/** Copies or moves what is on the window’s clipboard to the open folder; what was cut can be pasted once. */
export function paste(): void {
  const { clipboard, place } = useWindow.getState();
  if (clipboard === undefined || place === undefined) return;
  if (clipboard.kind === 'move') {
    useWindow.setState({ clipboard: undefined });
    void moveOnPhone(clipboard.places, place);
  } else void copyOnPhone(clipboard.places, place);
}

/** Opens the dialog that counts the selected entries and asks before it deletes them. */
export function askToDelete(): void {
  const places = chosenPlaces();
  if (places.length > 0) openDialog({ kind: 'delete', places });
}

/** `agreement`: what was counted when it was asked; what has changed since stays. */
export async function deleteNow(places: readonly PhonePlace[], agreement: string | undefined): Promise<void> {
  closeDialog();
  useWindow.setState({ leaving: new Set(places.map((one) => baseNameOf(one.path))) });
  const reply = await run('delete', { sources: places, agreement });
  useWindow.setState({ leaving: new Set() });
  if (!reply.ok) return;
  dropChosen(places);
  say(windowWords.notice.deleted({ what: itemsWords(places) }));
}

/** Saves a transfer’s report as a file; signs that file names cannot hold become `_`. */
export async function exportReport(transfer: TransferId, title: string, format: 'json' | 'csv'): Promise<void> {
  const reply = await run('report', { transfer, format });
  if (!reply.ok) return;
  const type = format === 'json' ? 'application/json' : 'text/csv';
  const name = windowWords.notice.reportFile({ title }).replace(/[^\p{L}\p{M}\p{N} ._-]/gu, '_');
  saveText(`${name}.${format}`, type, reply.value.text);
}

/** Saves a text as a file through a download link, which works in browsers and in Electron. */
export function saveText(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Asks for a folder in which the missing sources of a transfer are looked for, and tells how many were found. */
export function locate(transfer: TransferId): void {
  void pick('folder', windowWords.notice.whereNow, windowWords.act.search, (path) => {
    void run('locate', { transfer, path }).then((reply) => {
      if (!reply.ok) return;
      const { found, missing } = reply.value;
      say(
        missing.length === 0
          ? windowWords.notice.found({ count: found })
          : windowWords.notice.foundSome({ found, missing: missing.length }),
      );
    });
  });
}

/** Starts a virtual phone; `undefined` if it did not start, which a notice has told. */
export async function tryVirtual(): Promise<DeviceKey | undefined> {
  const reply = await run('startVirtual', { folder: undefined });
  return reply.ok ? reply.value.device : undefined;
}
