import type { DroppedFile } from '../../shared/contract.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import { upload } from '../stores/actions.ts';
import { endDropping, hover, targetOf } from '../stores/dropping.ts';
import { useHost } from '../stores/host.ts';
import { say, useNotices } from '../stores/notices.ts';
import { useWindow } from '../stores/window.ts';
import { collect, unreadableWords, type DropEntry } from '../view-models/drop.ts';
import { windowWords } from '../../shared/words/made/window.ts';

const carriesFiles = (transfer: DataTransfer | null): transfer is DataTransfer =>
  transfer !== null && transfer.types.includes('Files');

const filesIn = (transfer: DataTransfer): number => [...transfer.items].filter((item) => item.kind === 'file').length;

/** Accepts files dragged from the system anywhere over the window. Returns the unsubscribe function. */
export function listenForDrops(): () => void {
  const over = (event: DragEvent): void => {
    // Without this the browser would navigate to the file.
    event.preventDefault();
    const transfer = event.dataTransfer;
    if (transfer === null) return;
    const target = carriesFiles(transfer) ? targetOf(event.target as Element) : undefined;
    transfer.dropEffect = target === undefined ? 'none' : 'copy';
    hover(target, { kind: carriesFiles(transfer) ? 'upload' : undefined, items: filesIn(transfer) });
  };
  const left = (event: DragEvent): void => {
    if (event.relatedTarget === null) endDropping();
  };
  const dropped = (event: DragEvent): void => {
    event.preventDefault();
    const transfer = event.dataTransfer;
    const target = targetOf(event.target as Element);
    endDropping();
    if (transfer === null) return;
    if (!carriesFiles(transfer)) {
      say(windowWords.drop.onlyFiles);
      return;
    }
    if (target === undefined) {
      say(windowWords.drop.onTarget);
      return;
    }
    void take(transfer, target.place);
  };
  const pasted = (event: ClipboardEvent): void => {
    const { place } = useWindow.getState();
    if (place === undefined || !carriesFiles(event.clipboardData) || isTextField(event.target)) return;
    event.preventDefault();
    void take(event.clipboardData, place);
  };
  document.addEventListener('dragenter', over);
  document.addEventListener('dragover', over);
  document.addEventListener('dragleave', left);
  document.addEventListener('drop', dropped);
  document.addEventListener('paste', pasted);
  return () => {
    document.removeEventListener('dragenter', over);
    document.removeEventListener('dragover', over);
    document.removeEventListener('dragleave', left);
    document.removeEventListener('drop', dropped);
    document.removeEventListener('paste', pasted);
  };
}

/** Whether an element takes typed text or keys for itself. */
export const isTextField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

/** Browsers clear the `DataTransfer` after the event, so everything is read from it before the first `await`. */
async function take(transfer: DataTransfer, to: PhonePlace): Promise<void> {
  const plain = [...transfer.files];
  if (useHost.getState().info?.drops === 'paths') {
    await upload(
      plain.map((file) => ({ path: file.name, file })),
      to,
    );
    return;
  }
  const entries: DropEntry[] = [];
  const loose: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (entry !== null) entries.push(entry);
    else if (file !== null) loose.push(file);
  }
  const walked = await collect(entries);
  // Items without a path: a pasted picture has bytes; a file that has disappeared has none.
  const files = [...walked.files, ...loose.filter((file) => file.size > 0).map((file) => ({ path: file.name, file }))];
  const unreadable = [...walked.unreadable, ...loose.filter((file) => file.size === 0).map((file) => file.name)];
  if (unreadable.length > 0)
    useNotices.getState().add({
      tone: 'bad',
      what: unreadableWords(unreadable),
      remedy: windowWords.drop.checkPermissions,
      detail: unreadable.slice(0, 200).join('\n'),
    });
  await upload(files, to);
}

/** Uploads files of an `<input type="file">`; those of a folder carry their path within it. */
export async function uploadPicked(files: readonly File[], to: PhonePlace): Promise<void> {
  const dropped: readonly DroppedFile[] = files.map((file) => ({
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
    file,
  }));
  if (dropped.length === 0) {
    say(windowWords.drop.nothing);
    return;
  }
  await upload(dropped, to);
}
