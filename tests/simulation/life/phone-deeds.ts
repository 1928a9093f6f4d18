import { Operation } from '../../../electron/mtp/wire/index.ts';
import { Random } from '../process/random.ts';
import { BEGIN, here, largeOf, there, transfer, type Rare } from './rare-deeds.ts';
import { QUIET_FROM_MS, WHOLE_BELOW, sizeOf, type Deed, type Script } from './script.ts';

/**
 * What phones do by themselves, and their apps and a person with a file manager: they fall silent, fill up, get another size,
 * refuse to be written to, and trash. Drawn from a sequence of its own, so that the other lives stay what they are.
 */

const SALT = 0x2f17_94b1;
const SHARE = 0.2;
/** Lives in which other programs use the drive, and in which the program remembers what is on its phones. */
const DRIVE_SHARE = 0.06;
const CATALOGUE_SHARE = 0.03;
const DRIVE_SALT = 0x6472_6976;
const CATALOGUE_SALT = 0x6361_7461;
/** Of these, those in which files and deeds come together. */
const MEETING_SHARE = 0.25;
const GIBIBYTE = 1024 ** 3;

/** Operations of every session, of a transfer to a phone, and of one from it. */
const ALWAYS: readonly number[] = [
  Operation.OpenSession,
  Operation.GetStorageInfo,
  Operation.GetObjectHandles,
  Operation.GetObjectInfo,
  Operation.GetObjectPropList,
];
const TO_PHONE: readonly number[] = [
  Operation.SendObjectInfo,
  Operation.SendObjectInfo,
  Operation.SendObject,
  Operation.SendObject,
  Operation.SendPartialObject,
  Operation.BeginEditObject,
  Operation.EndEditObject,
  Operation.SetObjectPropValue,
];
const FROM_PHONE: readonly number[] = [
  Operation.GetObject,
  Operation.GetObject,
  Operation.GetObject,
  Operation.GetPartialObject64,
  Operation.DeleteObject,
];

/** What is added to a life; nothing to most. `begins`: what begins to move something in it. */
export function phoneDeeds(script: Script, begins: readonly Deed[]): Rare {
  const random = new Random(script.seed ^ SALT);
  if (!random.chance(SHARE)) return { deeds: [], files: [] };
  if (random.chance(MEETING_SHARE)) return random.pick(MEETINGS)(random);
  return {
    deeds: Array.from({ length: random.between(1, 2) }, () =>
      deedOf(script, random, begins.length > 0 ? random.pick(begins) : undefined),
    ),
    files: [],
  };
}

/** Meetings as those of `rare-deeds.ts`. */
export const MEETINGS: readonly ((random: Random) => Rare)[] = [
  // an original whose middle is edited after its copy has got its name
  (random) => ({
    files: [there('moved.bin', largeOf(random))],
    deeds: [
      transfer('pull', random, { move: true }),
      {
        at: BEGIN,
        on: { step: 'publish', count: random.between(1, 3) },
        kind: 'meet',
        which: random.below(2),
        part: 'source',
        act: 'patch',
        size: undefined,
      },
    ],
  }),
  // a phone that takes nothing more, and does not say why
  (random) => ({
    files: [here('large.bin', largeOf(random)), here('small.txt', random.between(8, 3_000))],
    deeds: [
      transfer('push', random, { move: random.chance(0.3) }),
      {
        at: random.pick([BEGIN - 1, BEGIN + random.below(600)]),
        kind: 'phone-read-only',
        phone: 0,
        card: false,
        forMs: random.pick([300, 60_000]),
      },
    ],
  }),
];

function deedOf(script: Script, random: Random, beginning: Deed | undefined): Deed {
  const begin = beginning?.at ?? BEGIN;
  const phone = beginning !== undefined && 'phone' in beginning ? beginning.phone : random.below(script.phones.length);
  const card = script.phones[phone]?.hasCard === true && random.chance(0.4);
  // soon after something began to move
  const at = random.chance(0.75) ? begin + Math.floor(random.next() ** 2 * 2_500) : random.below(QUIET_FROM_MS);
  const forMs = random.pick([300, 4_000, 60_000]);
  return random.weighted<() => Deed>([
    [
      4,
      () => ({
        at: begin - 1,
        kind: 'silent',
        phone,
        operation: random.pick([...ALWAYS, ...(beginning?.kind === 'push' ? TO_PHONE : FROM_PHONE)]),
        times: random.pick([1, 1, 1, 2, 3]),
        phase: random.pick(['before', 'data', 'response'] as const),
        until: random.pick(['replug', 'replug', 'reset', 'quiet'] as const),
        forMs,
      }),
    ],
    [2, () => ({ at, kind: 'phone-fills', phone, card, free: random.below(6 * WHOLE_BELOW), forMs })],
    [1, () => ({ at, kind: 'phone-resized', phone, capacity: random.pick([40, 48, 62]) * GIBIBYTE })],
    [1, () => ({ at, kind: 'phone-read-only', phone, card, forMs })],
    [
      2,
      () => ({
        at,
        kind: 'trash',
        side: script.files.length > 0 ? random.pick(script.files).side : { kind: 'phone', phone, card },
        which: random.below(10),
        forMs: random.pick([undefined, 300, 4_000]),
      }),
    ],
  ])();
}

/** Whether the program remembers what is on its phones in this life. */
export const remembers = (seed: number): boolean => new Random(seed ^ CATALOGUE_SALT).chance(CATALOGUE_SHARE);

/** What other programs do on one phone, and what comes between. */
export function driveDeeds(script: Script): readonly Deed[] {
  const random = new Random(script.seed ^ DRIVE_SALT);
  if (!random.chance(DRIVE_SHARE)) return [];
  const phone = random.below(script.phones.length);
  const card = script.phones[phone]?.hasCard === true && random.chance(0.3);
  const deeds = Array.from({ length: random.between(2, 5) }, (): Deed => ({
    at: BEGIN + random.below(6_000),
    kind: 'drive',
    drive: {
      phone,
      card,
      act: random.pick(['write', 'write', 'replace', 'replace', 'read', 'remove', 'move', 'move', 'copy'] as const),
      which: random.below(10),
      size: random.chance(0.3) ? largeOf(random) : sizeOf(random),
    },
  }));
  if (random.chance(0.6))
    deeds.push({
      at: BEGIN,
      on: { step: 'phone', count: random.between(5, 60) },
      ...random.pick<
        | { readonly kind: 'cable' | 'kill' | 'lock-phone'; readonly phone: number }
        | { readonly kind: 'card'; readonly phone: number }
      >([
        { kind: 'cable', phone },
        { kind: 'cable', phone },
        { kind: 'kill', phone },
        { kind: 'lock-phone', phone },
        { kind: 'card', phone },
      ]),
      forMs: random.pick([300, 3_000, 12_000]),
    });
  return deeds;
}
