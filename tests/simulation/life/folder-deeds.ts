import { Random } from '../process/random.ts';
import { BEGIN, there, type Rare } from './rare-deeds.ts';
import { sizeOf, type Deed } from './script.ts';

/**
 * Folders of a phone that other programs copy, move, replace and delete through the drive. Drawn from a sequence of its own, so
 * that the other lives stay what they are.
 */

const SALT = 0x666f_6c64;
const SHARE = 0.03;

/** What is added to a life; nothing to most. */
export function folderDeeds(seed: number): Rare {
  const random = new Random(seed ^ SALT);
  if (!random.chance(SHARE)) return { deeds: [], files: [] };
  const files = ['album/a.jpg', 'album/b.jpg', 'deep/er/c.bin']
    .filter(() => random.chance(0.8))
    .map((name) => there(name, sizeOf(random)));
  const deeds = Array.from({ length: random.between(2, 4) }, (_, index): Deed => ({
    // the first one makes what the others replace and delete
    at: BEGIN + (index === 0 ? 0 : 1_000 + random.below(4_000)),
    kind: 'drive',
    drive: {
      phone: 0,
      card: false,
      act:
        index === 0
          ? random.pick(['copy-folder', 'move-folder'] as const)
          : random.pick(['copy-folder', 'move-folder', 'replace-folder', 'replace-folder', 'remove-folder'] as const),
      which: random.below(10),
      size: 0,
    },
  }));
  if (random.chance(0.6))
    deeds.push({
      at: BEGIN,
      on: { step: 'phone', count: random.between(5, 60) },
      kind: random.pick(['cable', 'cable', 'kill', 'lock-phone'] as const),
      phone: 0,
      forMs: random.pick([300, 3_000, 12_000]),
    });
  return { deeds, files };
}
