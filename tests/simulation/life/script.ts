import type { ConflictRule, VerifyLevel } from '../../../shared/domain.ts';
import type { SyncConflicts, SyncDeletions, SyncDirection, SyncLayout } from '../../../shared/sync.ts';
import type { ProfileName } from '../../../electron/virtual/profiles.ts';
import { Random } from '../process/random.ts';
import { MEBIBYTE } from '../process/scaled-down.ts';

/**
 * What will happen in a life, drawn from its seed before it begins: the machines, the files, and what a person and other
 * programs do at which moment. It is data, so that a failing life can be made smaller by leaving parts out.
 */
export interface Script {
  readonly seed: number;
  readonly computer: { readonly home: DiskKind; readonly stick: DiskKind | undefined };
  readonly phones: readonly PhonePlan[];
  readonly files: readonly FilePlan[];
  readonly deeds: readonly Deed[];
  /** The program keeps what it keeps in the real SQLite, not in the twin in memory. */
  readonly database?: 'sqlite';
  /** The program remembers what is on its phones. */
  readonly hasCatalogue?: boolean;
  /** Simulated milliseconds after which everything comes back; `QUIET_FROM_MS` where that is not said. */
  readonly quietFromMs?: number;
}

/** What a disk of the computer is like. */
export type DiskKind = 'ext4' | 'case-blind' | 'decomposing' | 'fat' | 'share' | 'ntfs';

/** A phone; storages beside the internal one are cards. */
export interface PhonePlan {
  readonly profile: ProfileName;
  readonly serial: 'own' | 'placeholder' | 'none';
  readonly hasCard: boolean;
  readonly cardIsLate: boolean;
  /** A card that calls itself as the internal storage does. */
  readonly sameName: boolean;
  /** It thinks about each operation for up to so many milliseconds; 1 where that is not said. */
  readonly answersInMs?: number;
}

/** Where a file or folder is: a disk of the computer, or a storage of a phone by its number. */
export type Side =
  { readonly kind: 'home' | 'stick' } | { readonly kind: 'phone'; readonly phone: number; readonly card: boolean };

/** A file that is there when the life begins. */
export interface FilePlan {
  readonly side: Side;
  /** Path below the top of its disk. */
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly date: number;
}

/**
 * A step of the program: a write to its store, an operation that a phone gets, a call on a disk; `publish`: a file has got its
 * name on a disk of the computer.
 */
export type Step = 'store' | 'phone' | 'disk' | 'publish';

/** A folder pair, and how a run of it goes. */
export interface PairPlan {
  readonly phone: number;
  readonly card: boolean;
  readonly stick: boolean;
  readonly direction: SyncDirection;
  readonly deletions: SyncDeletions;
  readonly conflicts: SyncConflicts;
  readonly layout: SyncLayout;
  readonly automatic: boolean;
}

/** What is imported, and where to. */
export interface PhotoPlan {
  readonly phone: number;
  readonly card: boolean;
  readonly stick: boolean;
}

/** What another program does on a phone through the drive. */
export interface DrivePlan {
  readonly phone: number;
  readonly card: boolean;
  readonly act:
    | 'write'
    | 'replace'
    | 'read'
    | 'remove'
    | 'move'
    | 'copy'
    | 'copy-folder'
    | 'move-folder'
    | 'replace-folder'
    | 'remove-folder';
  /** What is moved or copied goes to the phone's other storage, where it has one. */
  readonly across?: boolean;
  /** The file or folder, by number. */
  readonly which: number;
  readonly size: number;
}

/** A file of a phone that is opened with a program, which saves something else into it, and is saved back. */
export interface OpenPlan {
  readonly phone: number;
  readonly card: boolean;
  readonly which: number;
  /** What is saved; `undefined`: it is only looked at. */
  readonly size: number | undefined;
  /** How long it is open before that. */
  readonly forMs: number;
}

/** Something that happens, `at` milliseconds after the program was started; with `on`, at its so many-th step after that. */
export type Deed = { readonly at: number; readonly on?: { readonly step: Step; readonly count: number } } & (
  | {
      readonly kind: 'push' | 'pull';
      readonly phone: number;
      readonly card: boolean;
      readonly stick: boolean;
      /** One file of the folder, by number; else all of it. */
      readonly file: number | undefined;
      readonly onConflict: ConflictRule;
      readonly verify: VerifyLevel;
      readonly move: boolean;
      /** The target is the folder that the other direction takes from, so that names meet. */
      readonly back: boolean;
    }
  | { readonly kind: 'pause' | 'resume' | 'cancel' | 'retry' | 'remove'; readonly which: number }
  | { readonly kind: 'answer'; readonly choice: 'skip' | 'replace' | 'keep-both'; readonly all: boolean }
  | { readonly kind: 'cable' | 'lock-phone' | 'restart-phone'; readonly phone: number; readonly forMs: number }
  | { readonly kind: 'card'; readonly phone: number; readonly forMs: number }
  | { readonly kind: 'language'; readonly phone: number }
  | { readonly kind: 'quit' | 'kill' | 'power'; readonly forMs: number }
  | { readonly kind: 'killed-writing'; readonly writes: number; readonly forMs: number }
  | { readonly kind: 'database'; readonly writes: number }
  | { readonly kind: 'unmount' | 'yank'; readonly forMs: number }
  | { readonly kind: 'full' | 'read-only'; readonly forMs: number }
  /** It stops answering in the so many-th operation of this code from then on; a person plugs it in again `forMs` later. */
  | {
      readonly kind: 'silent';
      readonly phone: number;
      readonly operation: number;
      readonly times: number;
      readonly phase: 'before' | 'data' | 'response';
      readonly until: 'replug' | 'reset' | 'quiet';
      readonly forMs: number;
    }
  /** Other apps' own data leaves so many bytes free. */
  | {
      readonly kind: 'phone-fills';
      readonly phone: number;
      readonly card: boolean;
      readonly free: number;
      readonly forMs: number;
    }
  /** An update leaves the internal storage another size. */
  | { readonly kind: 'phone-resized'; readonly phone: number; readonly capacity: number }
  /** Nothing can be written to a storage any more. */
  | { readonly kind: 'phone-read-only'; readonly phone: number; readonly card: boolean; readonly forMs: number }
  /** A file goes to the trash, and comes back after `forMs` where that is said. */
  | { readonly kind: 'trash'; readonly side: Side; readonly which: number; readonly forMs: number | undefined }
  /** A phone is full once so many bytes were written to it since the life began. */
  | { readonly kind: 'phone-full'; readonly phone: number; readonly bytes: number; readonly forMs: number }
  | { readonly kind: 'lock-file'; readonly side: Side; readonly which: number; readonly forMs: number }
  | {
      readonly kind: 'create' | 'edit' | 'delete' | 'rename';
      readonly side: Side;
      readonly which: number;
      readonly size: number;
      /** A new name in its own folder, not in the one that transfers bring to. */
      readonly near?: boolean;
      /** Its own name in another spelling: in large letters, or in small ones where it has those. */
      readonly byCase?: boolean;
    }
  /**
   * The source or the target of a file that is to be copied, or is being copied; `size`: `undefined` keeps its own. `patch`:
   * only its middle is another one, and a phone says nothing of it.
   */
  | {
      readonly kind: 'meet';
      readonly which: number;
      readonly part: 'source' | 'target';
      readonly act: 'write' | 'delete' | 'rename' | 'patch' | 'trash';
      readonly size: number | undefined;
    }
  | { readonly kind: 'sync'; readonly pair: PairPlan; readonly confirms: boolean }
  | { readonly kind: 'sync-stop'; readonly which: number }
  | { readonly kind: 'import' | 'free'; readonly photos: PhotoPlan }
  | { readonly kind: 'drive'; readonly drive: DrivePlan }
  | ({ readonly kind: 'open' } & OpenPlan)
  | { readonly kind: 'killed-in-statement'; readonly statements: number; readonly forMs: number }
  | { readonly kind: 'clock'; readonly byMs: number }
);

const NAMES = [
  'photo.jpg',
  'Photo.JPG',
  'film.mp4',
  'ä.txt',
  'a\u0308.txt',
  '12:30?.jpg',
  'end.',
  ' blanks ',
  '.hidden',
  '日本.png',
  'con.txt',
  `${'long'.repeat(50)}.txt`,
  'file (2).jpg',
  '😀.jpg',
  'album/a.jpg',
  'album/b.jpg',
  'Album/a.jpg',
  'deep/er/c.bin',
] as const;

const DAY = 86_400_000;
/** Whole files up to this many bytes go in one piece in a life. */
export const WHOLE_BELOW = MEBIBYTE;
/** Milliseconds in which things happen; then everything comes back and all is waited for. */
const SPAN_MS = 20_000;

/** Where transfers take from and bring to. */
export const FROM_HOME = 'from';
export const TO_HOME = 'to';
export const FROM_PHONE = 'DCIM';
export const TO_PHONE = 'Download';

/** The life of a seed, but for what `more-deeds.ts` adds. */
export function firstDraw(seed: number): Script {
  const random = new Random(seed);
  const home = random.weighted<DiskKind>([
    [7, 'ext4'],
    [2, 'case-blind'],
    [1, 'decomposing'],
  ]);
  const stick = random.weighted<DiskKind | undefined>([
    [4, undefined],
    [3, 'fat'],
    [2, 'ext4'],
    [1, 'share'],
  ]);
  const phones = Array.from(
    {
      length: random.weighted([
        [6, 1],
        [3, 2],
        [1, 3],
      ]),
    },
    () => phoneOf(random),
  );
  const sides = sidesOf(stick !== undefined, phones);
  const files = filesOf(random, sides);
  const deeds = deedsOf(random, sides, phones.length, stick !== undefined);
  return { seed, computer: { home, stick }, phones, files, deeds };
}

function phoneOf(random: Random): PhonePlan {
  const profile = random.weighted<ProfileName>([
    [7, 'android'],
    [1, 'android-no-edit'],
    [1, 'legacy-kernel'],
    [1, 'samsung-old'],
  ]);
  const hasCard = random.chance(0.35);
  return {
    profile,
    serial: random.weighted([
      [8, 'own'],
      [1, 'placeholder'],
      [1, 'none'],
    ]),
    hasCard,
    cardIsLate: hasCard && random.chance(0.2),
    sameName: hasCard && random.chance(0.2),
    // a slow one is interrupted in the midst of something more often
    answersInMs: random.pick([1, 1, 20, 150]),
  };
}

function sidesOf(hasStick: boolean, phones: readonly PhonePlan[]): readonly Side[] {
  const sides: Side[] = [{ kind: 'home' }];
  if (hasStick) sides.push({ kind: 'stick' });
  for (const [phone, { hasCard }] of phones.entries()) {
    sides.push({ kind: 'phone', phone, card: false });
    if (hasCard) sides.push({ kind: 'phone', phone, card: true });
  }
  return sides;
}

/** Folders of a side in which files are: what is taken from first. */
export const foldersOf = (side: Side): readonly [string, string] =>
  side.kind === 'phone' ? [FROM_PHONE, TO_PHONE] : [FROM_HOME, TO_HOME];

/** Bytes of a file. */
export function sizeOf(random: Random): number {
  return random.weighted([
    [2, () => 0],
    [10, () => random.between(8, 3_000)],
    [4, () => random.between(3_000, 20_000)],
    [2, () => 512 * random.between(1, 8) - 12],
    [0.6, () => random.between(WHOLE_BELOW, 3 * WHOLE_BELOW)],
    [0.4, () => random.between(4 * WHOLE_BELOW, 12 * WHOLE_BELOW)],
  ])();
}

function filesOf(random: Random, sides: readonly Side[]): readonly FilePlan[] {
  const files: FilePlan[] = [];
  for (const side of sides)
    for (const folder of foldersOf(side))
      for (
        let left = random.weighted([
          [3, 0],
          [4, 1],
          [3, 2],
          [2, 4],
        ]);
        left > 0;
        left -= 1
      )
        files.push({ side, path: `${folder}/${random.pick(NAMES)}`, size: sizeOf(random), date: dateOf(random) });
  return files;
}

/** When a file was written, in milliseconds since 1970. */
export const dateOf = (random: Random): number =>
  random.weighted([
    [8, () => Date.UTC(2025, 0, 1) + random.below(300) * DAY + random.below(80_000) * 1_000],
    [2, () => Date.UTC(2025, 5, 1) + random.below(1_000_000)],
    [1, () => 0],
  ])();

function deedsOf(random: Random, sides: readonly Side[], phones: number, hasStick: boolean): readonly Deed[] {
  const deeds: Deed[] = [];
  const phone = (): number => random.below(phones);
  const transfers = random.weighted([
    [5, 1],
    [3, 2],
    [1, 3],
  ]);
  for (let left = transfers; left > 0; left -= 1)
    deeds.push({
      at: random.chance(0.7) ? 1_000 : random.below(SPAN_MS),
      kind: random.chance(0.5) ? 'push' : 'pull',
      phone: phone(),
      card: random.chance(0.25),
      stick: hasStick && random.chance(0.5),
      file: random.chance(0.25) ? random.below(10) : undefined,
      onConflict: random.pick(['skip', 'replace', 'keep-both', 'newer', 'larger', 'ask'] as const),
      verify: random.weighted([
        [3, 'sampled'],
        [1, 'size'],
        [1, 'full'],
      ]),
      move: random.chance(0.3),
      back: random.chance(0.25),
    });
  const forMs = (): number =>
    random.weighted([
      [3, () => random.below(300)],
      [3, () => random.below(4_000)],
      [1, () => 60_000],
    ])();
  const side = (): Side => random.pick(sides);
  const some: readonly (readonly [weight: number, make: (at: number) => Deed])[] = [
    [5, (at) => ({ at, kind: 'cable', phone: phone(), forMs: forMs() })],
    [2, (at) => ({ at, kind: 'lock-phone', phone: phone(), forMs: forMs() })],
    [1, (at) => ({ at, kind: 'restart-phone', phone: phone(), forMs: forMs() })],
    [2, (at) => ({ at, kind: 'card', phone: phone(), forMs: forMs() })],
    [1, (at) => ({ at, kind: 'language', phone: phone() })],
    [2, (at) => ({ at, kind: random.pick(['pause', 'resume', 'retry'] as const), which: random.below(3) })],
    [1, (at) => ({ at, kind: 'cancel', which: random.below(3) })],
    [
      2,
      (at) => ({
        at,
        kind: 'answer',
        choice: random.pick(['skip', 'replace', 'keep-both'] as const),
        all: random.chance(0.5),
      }),
    ],
    [1, (at) => ({ at, kind: 'quit', forMs: forMs() })],
    [3, (at) => ({ at, kind: 'kill', forMs: forMs() })],
    [3, (at) => ({ at, kind: 'killed-writing', writes: random.between(1, 12), forMs: forMs() })],
    [3, (at) => ({ at, kind: 'power', forMs: forMs() })],
    [1, (at) => ({ at, kind: 'database', writes: random.between(1, 4) })],
    [
      hasStick ? 3 : 0,
      (at) => ({ at, kind: random.pick(['unmount', 'yank', 'full', 'read-only'] as const), forMs: forMs() }),
    ],
    [1, (at) => ({ at, kind: 'lock-file', side: side(), which: random.below(10), forMs: forMs() })],
    [
      6,
      (at) => ({
        at,
        kind: random.pick(['create', 'edit', 'edit', 'delete', 'rename'] as const),
        side: side(),
        which: random.below(10),
        size: sizeOf(random),
      }),
    ],
    [1, (at) => ({ at, kind: 'clock', byMs: random.pick([-2 * DAY, 2 * DAY, -3_600_000, 61_000]) })],
  ];
  for (let left = random.below(7); left > 0; left -= 1) {
    // most of what is interesting happens while something moves, soon after it began
    const at = random.chance(0.75) ? 1_000 + Math.floor(random.next() ** 2 * 2_500) : random.below(SPAN_MS);
    deeds.push(random.weighted(some)(at));
  }
  return deeds.sort((one, other) => one.at - other.at);
}

/** Simulated milliseconds after which everything comes back. */
export const QUIET_FROM_MS = SPAN_MS;

/** For what was begun last to get under way before everything comes back, in milliseconds. */
const LAST_MS = 4_000;

/** `quietFromMs` of a short life in which this happens. */
export const quietAfter = (deeds: readonly Deed[]): number => Math.max(...deeds.map(({ at }) => at)) + LAST_MS;

/** A name for a file that a person makes. */
export const nameFor = (which: number): string => NAMES[which % NAMES.length] ?? 'x';
