import { Random } from '../process/random.ts';
import { BEGIN, here } from './rare-deeds.ts';
import {
  FROM_PHONE,
  TO_PHONE,
  dateOf,
  nameFor,
  quietAfter,
  sizeOf,
  type Deed,
  type DrivePlan,
  type FilePlan,
  type PhonePlan,
  type Script,
} from './script.ts';

/**
 * Lives in which other programs do several things at once through the drive, to few files of one phone, so that names meet.
 * Drawn from a sequence of its own, so that the other lives stay what they are.
 */

const SALT = 0x6472_6d76;
const SHARE = 0.03;
/** Bytes of the largest file: what is asked for between its pieces matters, not how many there are. */
const MOST_BYTES = 400_000;
/** Bytes of the largest file that another program writes on the phone itself. */
const MOST_BYTES_OF_OTHERS = 20_000;
const MOST_FILES = 4;
/** Names that a file of a phone can have at the beginning. */
const NAMES = 18;
/** Operations of the phone within which most of what is asked for is done. */
const MOST_OPERATIONS = 60;

const FILE_ACTS = ['write', 'replace', 'read', 'remove', 'move', 'move', 'move', 'copy', 'copy'] as const;
const FOLDER_ACTS = ['copy-folder', 'move-folder', 'replace-folder', 'remove-folder', 'move', 'write'] as const;

/** The life of a seed where it is such a one; `undefined` for most seeds. */
export function aimedAtDrive(long: Script): Script | undefined {
  const random = new Random(long.seed ^ SALT);
  const [first] = long.phones;
  if (first === undefined || !random.chance(SHARE)) return undefined;
  return driveLife(long, first, random);
}

function driveLife(long: Script, first: PhonePlan, random: Random): Script {
  const hasCard = random.chance(0.5);
  const phone: PhonePlan = {
    ...first,
    hasCard,
    cardIsLate: false,
    sameName: hasCard && random.chance(0.1),
    answersInMs: random.pick([1, 20, 150]),
  };
  const files = Array.from({ length: random.between(1, MOST_FILES) }, () => fileOn(random, hasCard));
  const deeds = deedsOn(random, hasCard).sort((one, other) => one.at - other.at);
  return {
    seed: long.seed,
    computer: { home: long.computer.home, stick: undefined },
    phones: [phone],
    files: [...files, here('here.txt', 900)],
    deeds,
    hasCatalogue: random.chance(0.3),
    quietFromMs: quietAfter(deeds),
  };
}

const onCard = (random: Random, hasCard: boolean): boolean => hasCard && random.chance(0.4);
const sizeIn = (random: Random, most: number): number => Math.min(sizeOf(random), most);

const fileOn = (random: Random, hasCard: boolean): FilePlan => ({
  side: { kind: 'phone', phone: 0, card: onCard(random, hasCard) },
  path: `${random.pick([FROM_PHONE, FROM_PHONE, TO_PHONE])}/${nameFor(random.below(NAMES))}`,
  size: sizeIn(random, MOST_BYTES),
  date: dateOf(random),
});

/** What is asked of the drive, and what meets it. */
function deedsOn(random: Random, hasCard: boolean): Deed[] {
  const spanMs = random.pick([30, 300, 1_500, 4_000]);
  const soon = (): number => BEGIN + random.below(spanMs);
  const acts: readonly DrivePlan['act'][] = random.chance(0.35) ? FOLDER_ACTS : FILE_ACTS;
  const deeds = Array.from({ length: random.between(2, 5) }, (): Deed => ({
    at: soon(),
    kind: 'drive',
    drive: {
      phone: 0,
      card: onCard(random, hasCard),
      across: hasCard && random.chance(0.4),
      act: random.pick(acts),
      which: random.below(10),
      size: sizeIn(random, MOST_BYTES),
    },
  }));
  if (random.chance(0.5)) deeds.push(trouble(random));
  if (random.chance(0.25))
    deeds.push({
      at: soon(),
      kind: random.pick(['create', 'edit', 'delete', 'rename'] as const),
      side: { kind: 'phone', phone: 0, card: onCard(random, hasCard) },
      which: random.below(6),
      size: sizeIn(random, MOST_BYTES_OF_OTHERS),
      near: random.chance(0.6),
    });
  if (random.chance(0.2))
    deeds.push({
      at: soon(),
      kind: random.pick(['push', 'pull', 'pull'] as const),
      phone: 0,
      card: onCard(random, hasCard),
      stick: false,
      file: undefined,
      onConflict: random.pick(['skip', 'replace', 'keep-both'] as const),
      verify: 'sampled',
      move: random.chance(0.4),
      back: random.chance(0.3),
    });
  return deeds;
}

/** The phone or the program goes in the midst of it. */
const trouble = (random: Random): Deed => ({
  at: BEGIN,
  on: { step: 'phone', count: random.between(5, MOST_OPERATIONS) },
  kind: random.pick(['cable', 'cable', 'kill', 'lock-phone', 'card', 'restart-phone'] as const),
  phone: 0,
  forMs: random.pick([300, 3_000, 12_000]),
});
