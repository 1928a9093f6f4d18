import { Random } from '../process/random.ts';
import { aimedAt } from './aimed-deeds.ts';
import { aimedAtDrive } from './aimed-drive.ts';
import { isBeginning, longLife } from './more-deeds.ts';
import { MEETINGS } from './phone-deeds.ts';
import { RARE } from './rare-deeds.ts';
import {
  FROM_HOME,
  FROM_PHONE,
  TO_HOME,
  TO_PHONE,
  WHOLE_BELOW,
  dateOf,
  nameFor,
  quietAfter,
  sizeOf,
  type Deed,
  type FilePlan,
  type Script,
  type Side,
} from './script.ts';

/**
 * The life of a seed: one in 25 is long, with all that `longLife` draws. The others are short: one thing that a person begins
 * on one phone, a file or a few, and what meets it. A short one costs a tenth of a long one, and where two rare things meet
 * they meet in it just the same, so a second of processor finds more in short ones; the long ones are for what takes three
 * things, or two phones.
 */

const LONG_SHARE = 0.04;
/** Of the short ones, those that are a meeting of two rare things and nothing else. */
const RARE_SHARE = 0.25;
/** Of the short ones, those that keep all phones of the long life that they are taken from. */
const ALL_PHONES_SHARE = 0.05;
/** Of the short ones whose long life has the real SQLite, which costs as much as ten others. */
const SQLITE_SHARE = 0.15;
const SALT = 0x2c1b_3c6d;
const MOST_FILES = 4;
/** Bytes of the largest file of a short life: some chunks, none of which tells anything that the others do not. */
const MOST_BYTES = 4 * WHOLE_BELOW;
/** In a short life what comes later than `BEGIN_MS` comes so much sooner, in milliseconds. */
const BEGIN_MS = 1_000;
const SOONER = 4;

const STICK_TROUBLE = new Set<Deed['kind']>(['unmount', 'yank', 'full', 'read-only']);

/** The life of a seed. */
export function scriptOf(seed: number): Script {
  const long = longLife(seed);
  const random = new Random(seed ^ SALT);
  if (random.chance(LONG_SHARE)) return long;
  const aimed = aimedAt(long);
  if (aimed !== undefined) return shortened(aimed.script, aimed.deeds, aimed.files, random);
  const onDrive = aimedAtDrive(long);
  if (onDrive !== undefined) return onDrive;
  const { deeds, files } = random.chance(RARE_SHARE) ? random.pick(ALL_RARE)(long, random) : NOTHING;
  if (deeds.length === 0) return excerptOf(long, random);
  const isOfOne = deeds.every((deed) => (phoneOf(deed) ?? 0) === 0) && !random.chance(ALL_PHONES_SHARE);
  return shortened(isOfOne ? withOnePhone(long, 0) : long, deeds, files, random);
}

const ALL_RARE = [...RARE, ...MEETINGS.map((draw) => (_: Script, random: Random) => draw(random))] as const;
const NOTHING = { deeds: [], files: [] } as const;

/** One thing that is begun in a long life, and some of what else happens in it. */
function excerptOf(long: Script, random: Random): Script {
  const begun = long.deeds.filter((deed) => isBeginning(deed) || deed.kind === 'drive' || deed.kind === 'open');
  if (begun.length === 0) return long;
  const first = random.pick(begun);
  const phone = phoneOf(first) ?? 0;
  const keepsAll = random.chance(ALL_PHONES_SHARE);
  const others = long.deeds.filter(
    (deed) =>
      deed !== first &&
      (keepsAll || (phoneOf(deed) ?? phone) === phone) &&
      (!STICK_TROUBLE.has(deed.kind) || usesStick(first)),
  );
  const chosen = new Set([first]);
  for (let left = random.weighted(HOW_MANY); left > 0 && others.length > 0; left -= 1)
    // what comes at exactly one step meets more than what comes at any moment, and a drive is not used once
    chosen.add(
      random.weighted(others.map((deed) => [deed.on === undefined && deed.kind !== 'drive' ? 1 : 3, deed] as const)),
    );
  const deeds = long.deeds.filter((deed) => chosen.has(deed));
  const one = keepsAll ? long : withOnePhone(long, phone);
  return shortened(one, keepsAll ? deeds : deeds.map((deed) => onPhone(deed, 0)), filesFor(one, first, random), random);
}

/** Deeds beside the one that begins something. */
const HOW_MANY = [
  [1, 0],
  [4, 1],
  [3, 2],
  [1, 3],
] as const;

/** A script with these deeds and files, the stick and the cards only where something uses them, and no longer than it takes. */
function shortened(script: Script, deeds: readonly Deed[], files: readonly FilePlan[], random: Random): Script {
  const keepsSqlite = script.database !== undefined && random.chance(SQLITE_SHARE);
  const soon = deeds
    .filter(({ kind }) => keepsSqlite || kind !== 'killed-in-statement')
    .map((deed) => smaller({ ...deed, at: sooner(deed.at) }));
  const { database, ...rest } = script;
  return {
    ...rest,
    computer: { ...script.computer, stick: soon.some(usesStick) ? script.computer.stick : undefined },
    phones: script.phones.map((plan, number) =>
      soon.some((deed) => usesCard(deed, number)) ? plan : { ...plan, hasCard: false },
    ),
    files: files.map((file) => ({ ...file, size: Math.min(file.size, MOST_BYTES) })),
    deeds: soon.sort((one, other) => one.at - other.at),
    quietFromMs: quietAfter(soon),
    ...(keepsSqlite && database !== undefined ? { database } : {}),
  };
}

const sooner = (at: number): number => (at <= BEGIN_MS ? at : Math.round(BEGIN_MS + (at - BEGIN_MS) / SOONER));

/** A deed of no more bytes than the files of a short life have. */
function smaller(deed: Deed): Deed {
  if ('drive' in deed) return { ...deed, drive: { ...deed.drive, size: Math.min(deed.drive.size, MOST_BYTES) } };
  if ('bytes' in deed) return { ...deed, bytes: deed.bytes % MOST_BYTES };
  return 'size' in deed && deed.size !== undefined ? { ...deed, size: Math.min(deed.size, MOST_BYTES) } : deed;
}

/** Only this phone, as phone 0. */
const withOnePhone = (script: Script, phone: number): Script => ({
  ...script,
  phones: script.phones.filter((_, number) => number === phone),
  files: script.files.flatMap((file) => {
    if (file.side.kind !== 'phone') return [file];
    return file.side.phone === phone ? [{ ...file, side: { ...file.side, phone: 0 } }] : [];
  }),
});

/** Some of the files of both sides of what is begun, and at least one that it is about. */
function filesFor(script: Script, first: Deed, random: Random): readonly FilePlan[] {
  const { here, there, source } = sidesOf(script, first);
  const files = script.files
    .filter(({ side }) => isSame(side, here) || isSame(side, there))
    .filter((_, __, all) => all.length <= MOST_FILES || random.chance(MOST_FILES / all.length));
  if (files.some(({ side, path }) => isSame(side, source.side) && path.startsWith(`${source.folder}/`))) return files;
  const path = `${source.folder}/${nameFor(random.below(100))}`;
  return [...files, { side: source.side, path, size: sizeOf(random), date: dateOf(random) }];
}

/** The sides of what is begun, and the folder that it takes from. */
function sidesOf(
  { computer, phones }: Script,
  deed: Deed,
): { readonly here: Side; readonly there: Side; readonly source: { readonly side: Side; readonly folder: string } } {
  const phone = phones.length === 1 ? 0 : (phoneOf(deed) ?? 0);
  const here: Side = { kind: usesStick(deed) && computer.stick !== undefined ? 'stick' : 'home' };
  const card = phones[phone]?.hasCard === true && usesCard(deed, phoneOf(deed) ?? 0);
  const there: Side = { kind: 'phone', phone, card };
  switch (deed.kind) {
    case 'push':
      return { here, there, source: { side: here, folder: deed.back ? TO_HOME : FROM_HOME } };
    case 'pull':
      return { here, there, source: { side: there, folder: deed.back ? TO_PHONE : FROM_PHONE } };
    case 'sync': {
      const isHere = deed.pair.direction === 'to-phone';
      return { here, there, source: isHere ? { side: here, folder: FROM_HOME } : { side: there, folder: FROM_PHONE } };
    }
    default:
      return { here, there, source: { side: there, folder: FROM_PHONE } };
  }
}

const isSame = (one: Side, other: Side): boolean =>
  one.kind === 'phone' && other.kind === 'phone'
    ? one.phone === other.phone && one.card === other.card
    : one.kind === other.kind;

/** Which phone a deed is about. */
function phoneOf(deed: Deed): number | undefined {
  if ('phone' in deed) return deed.phone;
  if ('pair' in deed) return deed.pair.phone;
  if ('photos' in deed) return deed.photos.phone;
  if ('drive' in deed) return deed.drive.phone;
  return 'side' in deed && deed.side.kind === 'phone' ? deed.side.phone : undefined;
}

function onPhone(deed: Deed, phone: number): Deed {
  if ('phone' in deed) return { ...deed, phone };
  if ('pair' in deed) return { ...deed, pair: { ...deed.pair, phone } };
  if ('photos' in deed) return { ...deed, photos: { ...deed.photos, phone } };
  if ('drive' in deed) return { ...deed, drive: { ...deed.drive, phone } };
  return 'side' in deed && deed.side.kind === 'phone' ? { ...deed, side: { ...deed.side, phone } } : deed;
}

function usesStick(deed: Deed): boolean {
  if ('stick' in deed) return deed.stick;
  if ('pair' in deed) return deed.pair.stick;
  if ('photos' in deed) return deed.photos.stick;
  return STICK_TROUBLE.has(deed.kind) || ('side' in deed && deed.side.kind === 'stick');
}

/** Whether a deed is about the card of the phone of this number. */
function usesCard(deed: Deed, phone: number): boolean {
  if (phoneOf(deed) !== phone) return false;
  if (deed.kind === 'card') return true;
  if ('card' in deed) return deed.card;
  if ('pair' in deed) return deed.pair.card;
  if ('photos' in deed) return deed.photos.card;
  if ('drive' in deed) return deed.drive.card;
  return 'side' in deed && deed.side.kind === 'phone' && deed.side.card;
}
