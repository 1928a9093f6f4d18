import { Random } from '../process/random.ts';
import { BEGIN, there, type Rare } from './rare-deeds.ts';
import { sizeOf, type Deed } from './script.ts';

/**
 * Files of a phone that a person opens, edits and saves back. Drawn from a sequence of its own, so that the other lives stay
 * what they are.
 */

const SALT = 0x6f70_656e;
const SHARE = 0.03;

/** What is added to a life; nothing to most. */
export function openDeeds(seed: number): Rare {
  const random = new Random(seed ^ SALT);
  if (!random.chance(SHARE)) return { deeds: [], files: [] };
  const deeds = Array.from({ length: random.between(1, 3) }, (_, index): Deed => ({
    at: BEGIN + (index === 0 ? 0 : random.below(8_000)),
    kind: 'open',
    phone: 0,
    card: false,
    which: random.below(3),
    // what is empty before and after is not told apart
    size: random.chance(0.85) ? Math.max(8, sizeOf(random)) : undefined,
    forMs: random.pick([0, 50, 500, 4_000]),
  }));
  // somebody edits it on the phone meanwhile, or takes it away
  if (random.chance(0.4))
    deeds.push({
      at: BEGIN + random.below(5_000),
      kind: random.pick(['edit', 'edit', 'rename', 'delete'] as const),
      side: { kind: 'phone', phone: 0, card: false },
      which: random.below(3),
      size: sizeOf(random),
    });
  if (random.chance(0.6))
    deeds.push({
      at: BEGIN,
      on: { step: random.pick(['phone', 'disk', 'store'] as const), count: random.between(1, 60) },
      kind: random.pick(['cable', 'kill', 'kill', 'lock-phone'] as const),
      phone: 0,
      forMs: random.pick([300, 3_000, 12_000]),
    });
  return { deeds, files: [there('opened.txt', sizeOf(random))] };
}
