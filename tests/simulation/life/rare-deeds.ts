import type { Random } from '../process/random.ts';
import {
  FROM_HOME,
  FROM_PHONE,
  TO_HOME,
  WHOLE_BELOW,
  sizeOf,
  type Deed,
  type FilePlan,
  type Script,
  type Step,
} from './script.ts';

/** Meetings that chance alone seldom brings about: the files and the deeds of each come together. */

/** What has to be there, and to happen, for one rare thing to meet another. */
export interface Rare {
  readonly deeds: readonly Deed[];
  readonly files: readonly FilePlan[];
}

const DATE = Date.UTC(2025, 3, 4, 5, 6, 8);
/** When most of what happens in a life begins. */
export const BEGIN = 1_000;

/** One transfer of one phone's internal storage and the person's folder. */
export const transfer = (
  kind: 'push' | 'pull',
  random: Random,
  with_: Partial<Deed & { readonly kind: 'push' }> = {},
): Deed => ({
  at: BEGIN,
  phone: 0,
  card: false,
  stick: false,
  file: undefined,
  onConflict: random.pick(['skip', 'replace', 'keep-both'] as const),
  verify: random.pick(['size', 'sampled'] as const),
  move: false,
  back: false,
  ...with_,
  kind,
});
/** A file in the person's folder. */
export const here = (name: string, size: number): FilePlan => ({
  side: { kind: 'home' },
  path: `${FROM_HOME}/${name}`,
  size,
  date: DATE,
});
/** One on the first phone. */
export const there = (name: string, size: number): FilePlan => ({
  side: { kind: 'phone', phone: 0, card: false },
  path: `${FROM_PHONE}/${name}`,
  size,
  date: DATE,
});
/** Bytes of a file that goes in several pieces. */
export const largeOf = (random: Random): number => random.between(3 * WHOLE_BELOW, 12 * WHOLE_BELOW);
const stepOf = (random: Random, step: Step, most: number): NonNullable<Deed['on']> => ({
  step,
  count: random.between(1, most),
});

/** Each is drawn as often as any other. */
export const RARE: readonly ((script: Script, random: Random) => Rare)[] = [
  // a source that is written to while it is read, by somebody who keeps its size
  (_, random) => ({
    files: [here('large.bin', largeOf(random))],
    deeds: [
      transfer('push', random, { move: random.chance(0.5) }),
      {
        at: BEGIN,
        on: stepOf(random, random.pick(['phone', 'disk', 'store'] as const), 40),
        kind: 'meet',
        which: random.below(3),
        part: 'source',
        act: 'write',
        size: undefined,
      },
    ],
  }),
  // an original that is edited after its copy has got its name
  (_, random) => ({
    files: [there('moved.jpg', random.chance(0.5) ? largeOf(random) : sizeOf(random))],
    deeds: [
      transfer('pull', random, { move: true }),
      {
        at: BEGIN,
        on: random.chance(0.5) ? stepOf(random, 'publish', 3) : stepOf(random, 'disk', 60),
        kind: 'meet',
        which: random.below(3),
        part: 'source',
        act: 'write',
        size: random.chance(0.5) ? undefined : sizeOf(random),
      },
    ],
  }),
  // what was made of an upload is given up while its phone is away
  (_, random) => ({
    files: [here('large.bin', largeOf(random))],
    deeds: [
      transfer('push', random),
      { at: BEGIN, on: stepOf(random, 'phone', 60), kind: 'cable', phone: 0, forMs: 4_000 },
      { at: BEGIN + random.between(500, 4_000), kind: 'cancel', which: 0 },
    ],
  }),
  // and while the card that it is on is
  (script, random) => ({
    files: [here('large.bin', largeOf(random))],
    deeds:
      script.phones[0]?.hasCard === true
        ? [
            transfer('push', random, { card: true }),
            { at: BEGIN, on: stepOf(random, 'phone', 60), kind: 'card', phone: 0, forMs: 4_000 },
            { at: BEGIN + random.between(500, 4_000), kind: 'cancel', which: 0 },
          ]
        : [],
  }),
  // a target that somebody writes to right before it would be replaced, or got its name
  (_, random) => ({
    files: [
      there('met.jpg', random.chance(0.5) ? largeOf(random) : sizeOf(random)),
      { ...here('met.jpg', sizeOf(random)), path: `${TO_HOME}/${FROM_PHONE}/met.jpg` },
    ],
    deeds: [
      transfer('pull', random, { onConflict: 'replace', move: random.chance(0.3) }),
      {
        at: BEGIN,
        on: stepOf(random, 'disk', 60),
        kind: 'meet',
        which: random.below(3),
        part: 'target',
        act: random.pick(['write', 'write', 'rename'] as const),
        size: random.chance(0.5) ? undefined : sizeOf(random),
      },
    ],
  }),
  // an upload that goes on where it was
  (_, random) => ({
    files: [here('large.bin', 2 * largeOf(random))],
    deeds: [
      transfer('push', random),
      {
        at: BEGIN,
        on: stepOf(random, 'store', 25),
        kind: random.pick(['kill', 'cable'] as const),
        phone: 0,
        forMs: 3_000,
      },
    ],
  }),
  // a phone that is full in the midst of it
  (_, random) => {
    const size = largeOf(random);
    return {
      files: [here('large.bin', size), here('small.txt', sizeOf(random))],
      deeds: [
        transfer('push', random, { move: random.chance(0.3) }),
        {
          at: BEGIN,
          kind: 'phone-full',
          phone: 0,
          bytes: random.below(size),
          forMs: random.pick([300, 4_000, 60_000]),
        },
        ...(random.chance(0.3) ? [{ at: BEGIN + random.between(500, 4_000), kind: 'cancel', which: 0 } as const] : []),
      ],
    };
  },
  // names are tried in a folder that is being sent
  (script, random) => ({
    files: [here('photo.jpg', sizeOf(random))],
    deeds: [
      transfer('pull', random, { at: random.between(300, BEGIN), file: 0, back: true }),
      transfer('push', random, { phone: script.phones.length - 1 }),
    ],
  }),
  // a disk that goes while it is asked what it is
  (script, random) => ({
    files: [there('photo.jpg', sizeOf(random))],
    deeds:
      script.computer.stick === undefined
        ? []
        : [
            transfer('pull', random, { stick: true }),
            {
              at: BEGIN,
              on: stepOf(random, 'disk', 16),
              kind: random.pick(['unmount', 'unmount', 'yank', 'read-only'] as const),
              forMs: random.pick([5, 50, 300, 8_000]),
            },
          ],
  }),
];
