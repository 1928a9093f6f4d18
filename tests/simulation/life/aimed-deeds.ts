import { Random } from '../process/random.ts';
import { BEGIN, largeOf, there, transfer, type Rare } from './rare-deeds.ts';
import { FROM_HOME, TO_PHONE, sizeOf, type Deed, type Script } from './script.ts';

/**
 * Meetings on a stick that take three things at once, or a file system of its own. Drawn from a sequence of its own, so that the
 * other lives stay what they are.
 */

const SALT = 0x6169_6d65;
const SHARE = 0.025;
/** Calls on a disk from the beginning of a download, between which names are tried on its target. */
const FIRST_TRIAL = 10;
const LAST_TRIAL = 55;
/** Such calls within which one small file is there. */
const LAST_CALL = 110;

/** A script that has a stick, and what happens in it; `undefined` for most seeds. */
export function aimedAt(long: Script): (Rare & { readonly script: Script }) | undefined {
  const random = new Random(long.seed ^ SALT);
  if (!random.chance(SHARE)) return undefined;
  const [first, ...others] = long.phones;
  if (first === undefined) return undefined;
  const script = {
    ...long,
    computer: { ...long.computer, stick: random.chance(0.5) ? 'fat' : (long.computer.stick ?? 'fat') },
    phones: random.chance(0.1) ? [first, ...others] : [first],
  } as const;
  return { script, ...random.pick(AIMED)(random) };
}

/** The stick goes, or takes nothing more, while names are tried on it. */
const troubleInTrials = (random: Random, kind: 'read-only' | 'unmount' | 'yank'): Deed & { readonly on: object } => ({
  at: BEGIN,
  on: { step: 'disk', count: random.between(FIRST_TRIAL, LAST_TRIAL) },
  kind,
  forMs: random.pick([50, 300, 4_000]),
});

const AIMED: readonly ((random: Random) => Rare)[] = [
  // what was tried stays for now, and nothing is planned anew
  (random) => ({
    files: [there('photo.jpg', sizeOf(random))],
    deeds: [
      transfer('pull', random, { stick: true }),
      troubleInTrials(random, random.pick(['read-only', 'read-only', 'unmount', 'yank'] as const)),
    ],
  }),
  // and is in a folder that is sent
  (random) => {
    const trouble = troubleInTrials(random, 'read-only');
    return {
      files: [
        { ...there('photo.jpg', sizeOf(random)), side: { kind: 'stick' }, path: `${FROM_HOME}/photo.jpg` },
        { ...there('other.jpg', sizeOf(random)), path: `${TO_PHONE}/other.jpg` },
      ],
      deeds: [
        transfer('pull', random, { stick: true, back: true }),
        trouble,
        transfer('push', random, { stick: true, on: { step: 'disk', count: trouble.on.count + random.between(1, 8) } }),
      ],
    };
  },
  // a download is cancelled while its disk is away
  (random) => {
    const trouble = troubleInTrials(random, random.pick(['unmount', 'yank'] as const));
    return {
      files: [there('film.mp4', largeOf(random))],
      deeds: [
        transfer('pull', random, { stick: true, back: random.chance(0.5) }),
        { ...trouble, on: { ...trouble.on, count: random.between(LAST_TRIAL, LAST_CALL) }, forMs: 8_000 },
        { at: BEGIN + random.between(500, 4_000), kind: 'cancel', which: 0 },
      ],
    };
  },
  // a file of a pair that is called the same, in another spelling
  (random) => {
    const pair = {
      phone: 0,
      card: false,
      stick: true,
      direction: 'to-computer',
      deletions: random.pick(['ignore', 'mirror'] as const),
      conflicts: random.pick(['keep-both', 'replace', 'newer', 'skip'] as const),
      layout: random.chance(0.2) ? 'year-month' : 'as-on-phone',
      automatic: random.chance(0.2),
    } as const;
    const at = BEGIN + random.between(1_000, 6_000);
    const respelled: Deed = {
      at,
      kind: 'rename',
      side: { kind: 'phone', phone: 0, card: false },
      which: random.below(3),
      size: 0,
      near: true,
      byCase: true,
    };
    return {
      files: ['Song.mp3', 'album/a.jpg'].map((name) => there(name, sizeOf(random))),
      deeds: [
        { at: BEGIN, kind: 'sync', pair, confirms: true },
        respelled,
        ...(random.chance(0.5) ? [{ at: at + random.below(3_000), kind: 'sync', pair, confirms: true } as const] : []),
        ...(random.chance(0.3) ? [{ ...respelled, at: at + random.below(4_000) }] : []),
      ],
    };
  },
];
