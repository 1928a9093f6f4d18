import type { DeviceKey } from '../../shared/domain.ts';
import type { PhotoLook } from '../../shared/photos.ts';
import type { Replug } from '../compose.ts';
import type { LookWish } from '../photos/index.ts';
import type { CommandContext } from './command-context.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** What `import` and `free` have in common. */

function lookWords(look: PhotoLook): string | undefined {
  switch (look.kind) {
    case 'listing':
      return terminalWords.sync.scanning({ folders: look.folders, files: look.files });
    case 'indexing':
      return terminalWords.photos.indexing({ count: look.files });
    case 'comparing':
      return terminalWords.photos.comparing({ done: look.done, all: look.all });
    default:
      return undefined;
  }
}

/**
 * Looks at a phone's photos, and shows how it goes. Problems of single folders are told. Answers whether all of the phone
 * could be looked at. Rejects as `Photos.look`.
 */
export async function lookAtPhotos(
  { output, interruption }: CommandContext,
  { engine, photos }: Replug,
  device: DeviceKey,
  wish: LookWish,
): Promise<boolean> {
  const stop = engine.watch('photos', undefined, ({ phones }) => {
    const look = phones.find((phone) => phone.device === device)?.look;
    const words = look === undefined ? undefined : lookWords(look);
    if (words !== undefined) output.bar(() => words);
  });
  try {
    await photos.look(device, { ...wish, signal: interruption.signal });
  } finally {
    stop();
    output.endBar();
  }
  const problems = photos.snapshot().phones.find((phone) => phone.device === device)?.problems ?? [];
  for (const problem of problems) output.problem(problem);
  // a folder of the library that is away counts as it was
  return problems.every(({ kind }) => kind === 'local-missing');
}
