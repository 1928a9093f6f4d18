import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Remembers, by an empty file beside the database, that a phone could be opened on this computer. */
export function openedBefore(db: string) {
  const file = path.join(path.dirname(path.resolve(db)), 'phone-opened');
  return {
    has: (): Promise<boolean> =>
      access(file).then(
        () => true,
        () => false,
      ),
    // without it the next start only warns once too often
    note: (): Promise<void> => writeFile(file, '').catch(() => undefined),
  };
}
