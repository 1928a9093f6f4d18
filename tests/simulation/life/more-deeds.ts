import { Random } from '../process/random.ts';
import { folderDeeds } from './folder-deeds.ts';
import { openDeeds } from './open-deeds.ts';
import { driveDeeds, phoneDeeds, remembers } from './phone-deeds.ts';
import { RARE } from './rare-deeds.ts';
import {
  QUIET_FROM_MS,
  WHOLE_BELOW,
  firstDraw,
  sizeOf,
  type Deed,
  type PairPlan,
  type PhotoPlan,
  type Script,
  type Side,
  type Step,
} from './script.ts';

/**
 * What is added to some lives, drawn from a sequence of its own so that the other lives stay what they are: folder pairs, and
 * deeds at exactly one step of the program, where two rare things meet.
 */

const SYNC_SHARE = 0.25;
const CLOSE_SHARE = 0.6;
const SALT = 0x51ab_3c07;
const PHOTO_SHARE = 0.15;
const SQLITE_SHARE = 0.03;
const RARE_SHARE = 0.15;
/** Of sticks that are not FAT; drawn by itself. */
const NTFS_SHARE = 0.25;
const STICK_SALT = 0x6e74_6673;
/** Of a third sequence, for what came after the second. */
const LATER_SALT = 0x0dd5_e1f2;
/** Steps of a transfer of ordinary size; most of what is interesting is among the first. */
const MOST_STEPS: Readonly<Record<Step, number>> = { store: 40, phone: 50, disk: 80, publish: 4 };

/** Statements of the database in a transfer of ordinary size. */
const MOST_STATEMENTS = 120;

/** The long life of a seed. */
export function longLife(seed: number): Script {
  const script = firstDraw(seed);
  const random = new Random(script.seed ^ SALT);
  const hasPairs = random.chance(SYNC_SHARE);
  const isClose = random.chance(CLOSE_SHARE);
  let { deeds, files } = script;
  if (hasPairs) deeds = [...withoutMoves(deeds, random), ...pairDeeds(script, random)];
  if (isClose) {
    if (random.chance(0.3) && files.length > 0) {
      const large = random.below(files.length);
      const size = random.between(2 * WHOLE_BELOW, 9 * WHOLE_BELOW);
      files = files.map((file, index) => (index === large ? { ...file, size } : file));
    }
    deeds = [...deeds, ...closeDeeds(script, deeds, random)];
  }
  const later = new Random(script.seed ^ LATER_SALT);
  // a pair that mirrors takes its copy away with what was freed: a person who wants both has asked for it
  const hasPhotos = later.chance(PHOTO_SHARE) && !hasPairs;
  if (hasPhotos) deeds = [...deeds, ...photoDeeds(script, later)];
  if (later.chance(RARE_SHARE)) {
    const rare = later.pick(RARE)(script, later);
    deeds = [...deeds, ...rare.deeds];
    files = [...files, ...rare.files];
  }
  const onPhones = phoneDeeds(script, deeds.filter(isBeginning));
  const folders = folderDeeds(script.seed);
  const opened = openDeeds(script.seed);
  deeds = [...deeds, ...onPhones.deeds, ...driveDeeds(script), ...folders.deeds, ...opened.deeds];
  files = [...files, ...onPhones.files, ...folders.files, ...opened.files];
  const isReal = later.chance(SQLITE_SHARE);
  if (isReal) deeds = [...deeds, ...statementDeeds(deeds, later)];
  const { home, stick } = script.computer;
  const isNtfs = stick !== undefined && stick !== 'fat' && new Random(script.seed ^ STICK_SALT).chance(NTFS_SHARE);
  return {
    ...script,
    computer: { home, stick: isNtfs ? 'ntfs' : stick },
    files,
    deeds: [...deeds].sort((one, other) => one.at - other.at),
    ...(isReal ? { database: 'sqlite' } : {}),
    ...(remembers(script.seed) ? { hasCatalogue: true } : {}),
  };
}

function photoDeeds(script: Script, random: Random): readonly Deed[] {
  const phone = random.below(script.phones.length);
  const photos: PhotoPlan = {
    phone,
    card: script.phones[phone]?.hasCard === true && random.chance(0.3),
    stick: script.computer.stick !== undefined && random.chance(0.4),
  };
  const deeds: Deed[] = [{ at: 1_000, kind: 'import', photos }];
  if (random.chance(0.4)) deeds.push({ at: 4_000 + random.below(12_000), kind: 'import', photos });
  for (let left = random.between(1, 2); left > 0; left -= 1)
    deeds.push({
      at: random.chance(0.5) ? 2_000 + random.below(3_000) : random.below(QUIET_FROM_MS),
      kind: 'free',
      photos,
    });
  const sides: readonly Side[] = [
    { kind: photos.stick ? 'stick' : 'home' },
    { kind: 'phone', phone, card: photos.card },
  ];
  for (let left = random.below(3); left > 0; left -= 1)
    deeds.push({
      at: 2_000 + random.below(12_000),
      kind: random.pick(['create', 'edit', 'edit', 'delete', 'rename'] as const),
      side: random.pick(sides),
      which: random.below(10),
      size: sizeOf(random),
      near: random.chance(0.7),
    });
  // what is freed a moment before the power goes must have outlived it
  const freed = deeds.find(({ kind }) => kind === 'free');
  if (freed !== undefined && random.chance(0.3))
    deeds.push({ at: freed.at + random.below(1_500), kind: 'power', forMs: 500 });
  return deeds;
}

/** The program dies between two statements of its database. */
function statementDeeds(deeds: readonly Deed[], random: Random): readonly Deed[] {
  const begins = deeds.filter(isBeginning).map(({ at }) => at);
  return Array.from({ length: random.between(1, 3) }, (): Deed => ({
    at: begins.length > 0 ? random.pick(begins) : 1_000,
    kind: 'killed-in-statement',
    statements: Math.floor(random.next() ** 1.5 * MOST_STATEMENTS),
    forMs: random.pick([50, 300, 3_000]),
  }));
}

/** Whether a deed begins something that moves files. */
export const isBeginning = ({ kind }: Deed): boolean =>
  kind === 'push' || kind === 'pull' || kind === 'sync' || kind === 'import' || kind === 'free';

/** Who moves a file away from a pair that mirrors deletions has asked for its copy to go: such lives have no moves. */
const withoutMoves = (deeds: readonly Deed[], random: Random): readonly Deed[] =>
  deeds
    .filter(({ kind }) => (kind !== 'push' && kind !== 'pull') || random.chance(0.3))
    .map((deed) => (deed.kind === 'push' || deed.kind === 'pull' ? { ...deed, move: false } : deed));

function pairDeeds(script: Script, random: Random): readonly Deed[] {
  const deeds: Deed[] = [];
  for (let left = random.chance(0.2) ? 2 : 1; left > 0; left -= 1) {
    const phone = random.below(script.phones.length);
    const pair: PairPlan = {
      phone,
      card: script.phones[phone]?.hasCard === true && random.chance(0.3),
      stick: script.computer.stick !== undefined && random.chance(0.4),
      direction: random.pick(['to-computer', 'to-phone'] as const),
      deletions: random.pick(['ignore', 'mirror', 'mirror'] as const),
      conflicts: random.pick(['keep-both', 'replace', 'newer', 'skip'] as const),
      layout: random.chance(0.15) ? 'year-month' : 'as-on-phone',
      automatic: random.chance(0.25),
    };
    const confirms = random.chance(0.6);
    for (const at of [1_000, 5_000 + random.below(4_000), 12_000 + random.below(5_000)])
      if (at === 1_000 || random.chance(0.6)) deeds.push({ at, kind: 'sync', pair, confirms });
    if (random.chance(0.15)) deeds.push({ at: 1_000 + random.below(2_000), kind: 'sync-stop', which: 0 });
    const sides: readonly Side[] = [
      { kind: pair.stick ? 'stick' : 'home' },
      { kind: 'phone', phone: pair.phone, card: pair.card },
    ];
    for (let edits = random.below(5); edits > 0; edits -= 1)
      deeds.push({
        at: random.chance(0.7) ? 3_000 + random.below(12_000) : random.below(QUIET_FROM_MS),
        kind: random.pick(['create', 'edit', 'edit', 'delete', 'delete', 'rename'] as const),
        side: random.pick(sides),
        which: random.below(10),
        size: sizeOf(random),
        near: random.chance(0.7),
      });
  }
  return deeds;
}

function closeDeeds(script: Script, deeds: readonly Deed[], random: Random): readonly Deed[] {
  const begins = deeds.filter(isBeginning).map(({ at }) => at);
  const phone = (): number => random.below(script.phones.length);
  const forMs = (): number => random.pick([50, 300, 3_000, 60_000]);
  const hasStick = script.computer.stick !== undefined;
  const some: readonly (readonly [weight: number, make: () => Omit<Deed, 'at' | 'on'>])[] = [
    [
      8,
      () => ({
        kind: 'meet',
        which: random.chance(0.6) ? 0 : random.below(4),
        part: random.pick(['source', 'target'] as const),
        act: random.pick(['write', 'write', 'write', 'delete', 'rename'] as const),
        size: random.chance(0.4) ? undefined : sizeOf(random),
      }),
    ],
    [3, () => ({ kind: 'cancel', which: random.below(3) })],
    [
      1,
      () => ({ kind: random.pick(['pause', 'remove', 'quit', 'database'] as const), which: 0, forMs: 500, writes: 2 }),
    ],
    [2, () => ({ kind: 'cable', phone: phone(), forMs: forMs() })],
    [1, () => ({ kind: 'card', phone: phone(), forMs: forMs() })],
    [1, () => ({ kind: 'lock-phone', phone: phone(), forMs: forMs() })],
    [2, () => ({ kind: 'kill', forMs: forMs() })],
    [1, () => ({ kind: 'power', forMs: forMs() })],
    [
      hasStick ? 3 : 0,
      () => ({ kind: random.pick(['unmount', 'yank', 'full', 'read-only'] as const), forMs: forMs() }),
    ],
  ];
  return Array.from({ length: random.between(1, 3) }, (): Deed => {
    const step = random.pick(['store', 'phone', 'disk'] as const);
    const on = { step, count: 1 + Math.floor(random.next() ** 1.5 * MOST_STEPS[step]) };
    return { at: begins.length > 0 ? random.pick(begins) : 1_000, on, ...random.weighted(some)() } as Deed;
  });
}
