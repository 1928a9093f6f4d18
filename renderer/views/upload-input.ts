import type { PhonePlace } from '../../shared/domain.ts';
import { uploadPicked } from './system-drop.ts';

/**
 * Opens the browser's file chooser, which Electron has too. Creates an input for each use, because each has its own
 * destination.
 */
function choose(to: PhonePlace, folder: boolean): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.hidden = true;
  input.webkitdirectory = folder;
  // Attached to the document so that it is not garbage-collected while the chooser is open.
  document.body.append(input);
  input.addEventListener('cancel', () => input.remove());
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.remove();
    void uploadPicked(files, to);
  });
  input.click();
}

/** Asks for files and uploads them. */
export const pickFiles = (to: PhonePlace): void => choose(to, false);
/** Asks for a folder and uploads it with all in it. */
export const pickFolder = (to: PhonePlace): void => choose(to, true);
