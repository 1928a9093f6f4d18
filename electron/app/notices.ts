import { Notification } from 'electron';
import type { Words } from './notice-words.ts';

/** Held while they are shown, because a garbage-collected notification loses its click handler. */
const shown = new Set<Notification>();
const MOST_KEPT = 20;

/** Shows a notification where the system has any. Fails silently but for a line in the log. */
export function notify(words: Words, onClick: () => void, log: (line: string) => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ ...words, silent: false });
  shown.add(notification);
  for (const oldest of shown) {
    if (shown.size <= MOST_KEPT) break;
    shown.delete(oldest);
  }
  notification.on('click', () => {
    shown.delete(notification);
    onClick();
  });
  notification.on('failed', (_event, error) => {
    shown.delete(notification);
    log(`a notification could not be shown: ${error}`);
  });
  notification.show();
}
