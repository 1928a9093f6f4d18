import type { PhonePlace } from '../../shared/domain.ts';
import { uploadPicked } from './system-drop.ts';

/** The browser's chooser, which Electron has as well. Made for the occasion: a page has only one, with one target. */
function choose(to: PhonePlace, folder: boolean): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.hidden = true;
  input.webkitdirectory = folder;
  // In the document, so that it outlives garbage collection while the chooser is open.
  document.body.append(input);
  input.addEventListener('cancel', () => input.remove());
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.remove();
    void uploadPicked(files, to);
  });
  input.click();
}

export const pickFiles = (to: PhonePlace): void => choose(to, false);
export const pickFolder = (to: PhonePlace): void => choose(to, true);
