import type { ItemRow } from '../../../electron/engine/index.ts';
import type { ItemId, TransferId } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import type { PairId } from '../../../shared/sync.ts';
import { sourceOf, targetOf, targetsOf } from './item-places.ts';
import type { PairEnd } from './judge-pairs.ts';
import { isHidden, isOpened, isOurs, type Held, type LivingWorld } from './world.ts';

/**
 * What must hold at the end of a life, told from the disks alone and from what a person asked for. It shares no code with the
 * engine but the words of its messages and how names are folded.
 */

/** What is wrong, by the promise that was broken. */
export interface Finding {
  readonly kind:
    'lost' | 'mixed' | 'untrue' | 'left-behind' | 'waits' | 'nameless' | 'again' | 'meddled' | 'harm' | 'uncaught';
  readonly what: string;
}

/** A transfer that a person asked for, or a pair of theirs; of several times, the first. */
export interface Asked {
  readonly id: TransferId;
  readonly kind: 'push' | 'pull';
  /** Number of its phone. */
  readonly phone: number;
  /** Real path of its storage. */
  readonly top: string;
  /** It is of a folder pair: a later run may have taken the copy with its source, or renamed it. */
  readonly isOfPair: boolean;
  /** Of which, where it is of one. */
  readonly pair?: PairId;
  /** It was a move at last. */
  readonly moves: boolean;
  /** The person has chosen a rule, or given an answer, that replaces what is there. */
  mayReplace: boolean;
  /** The person has asked for a move of it, be it that they asked for a copy of it after that. */
  mayMove: boolean;
  /** When it was asked for, in simulated milliseconds. */
  readonly at: number;
  /** The computer's side of it is on the stick; where that was away, the folder below it was meant, as far as anybody knew. */
  readonly onStick: boolean;
  /** When it was looked where the disk is, if that is known: each time from the wish to the answer, in simulated milliseconds. */
  readonly looks?: readonly Look[];
}

/** A wish and the first look of the program for its sake; `seenAt` is missing where the program died before. */
export interface Look {
  readonly at: number;
  readonly seenAt: number | undefined;
}

/** What the judge is told. */
export interface Evidence {
  readonly world: LivingWorld;
  readonly rows: readonly { readonly asked: Asked; readonly items: readonly ItemRow[] }[];
  readonly powerCuts: number;
  readonly harms: readonly string[];
  readonly confirmed: ReadonlyMap<ItemId, Confirmed>;
  readonly pairs: readonly PairEnd[];
  /** What a person has asked to be freed, by the keys of its real paths. */
  readonly freed: ReadonlySet<string>;
  /** Where imports of phones went to that are another phone with each plug: nobody goes on with one that was killed. */
  readonly strangersImports: readonly string[];
}

/** What the program noted as confirmed of an item, in bytes. */
export interface Confirmed {
  /** Of the last piece. */
  readonly end: number;
  /** The largest piece. */
  readonly window: number;
  /** What had happened until then that may interrupt a transfer. */
  readonly interruptions: number;
  /** How far it went back at once, beyond one window for each interruption. */
  readonly again: number;
}

/** All that is wrong with how a life ended. */
export function judge(evidence: Evidence): readonly Finding[] {
  const { world, harms, powerCuts, rows } = evidence;
  const files = world.allFiles();
  const end: End = {
    world,
    powerCuts,
    freed: evidence.freed,
    strangersImports: evidence.strangersImports,
    moves: movesOf(rows),
    copies: evidence.pairs.map(({ target }) => target),
    pairs: evidence.pairs,
    mirrors: evidence.pairs.filter(({ plan }) => plan.deletions === 'mirror').map(({ target }) => target),
    all: new Places(world, files),
    // what is below the stick nobody sees; it got there if the stick was away when it was asked for, or in the midst of a trial
    visible: new Places(
      world,
      files.filter(({ isBelow }) => !isBelow),
    ),
  };
  const findings: Finding[] = [
    ...lost(end),
    ...meddled(end),
    ...untrue(end),
    ...leftBehind(end),
    ...nameless(evidence),
    ...again(evidence),
  ];
  for (const { path, content } of files)
    if (content === undefined && !isOurs(path) && !(powerCuts > 0 && isHidden(path)) && !isCutOff(end, path))
      findings.push({ kind: 'mixed', what: `neither whole nor anybody's: ${path}` });
  for (const harm of harms) findings.push({ kind: 'harm', what: harm });
  return findings;
}

/** A life's end, as the rules below look at it. */
interface End {
  readonly world: LivingWorld;
  readonly powerCuts: number;
  readonly freed: ReadonlySet<string>;
  readonly strangersImports: readonly string[];
  readonly moves: readonly Move[];
  readonly all: Places;
  readonly visible: Places;
  readonly pairs: readonly PairEnd[];
  /** Folders of copies that are deleted with their sources. */
  readonly mirrors: readonly string[];
  /** Folders of all copies of pairs: their names follow those of their sources, whatever transfer has brought them. */
  readonly copies: readonly string[];
}

/** What lies where, in any spelling that its disk, or its phone, takes for the same. */
class Places {
  readonly files: readonly Held[];
  readonly #world: LivingWorld;
  readonly #byKey = new Map<string, Held[]>();

  constructor(world: LivingWorld, files: readonly Held[]) {
    this.files = files;
    this.#world = world;
    for (const file of files) {
      const key = world.key(file.path);
      const others = this.#byKey.get(key);
      if (others === undefined) this.#byKey.set(key, [file]);
      else others.push(file);
    }
  }

  /** What is under this name; under another spelling of it where nothing is under this one. */
  at(path: string): readonly (number | undefined)[] {
    const found = this.#byKey.get(this.#world.key(path)) ?? [];
    const exact = found.filter((file) => file.path === path);
    return (exact.length > 0 ? exact : found).map(({ content }) => content);
  }

  /** Whether a content is under any spelling of a name; two files have one where a disk is mounted over another. */
  holds(path: string, content: number): boolean {
    return this.#byKey.get(this.#world.key(path))?.some((file) => file.content === content) === true;
  }
}

/** No content that existed once is gone, unless a person asked for exactly that. */
function lost(end: End): readonly Finding[] {
  const { world, moves, all } = end;
  const whole = new Set(all.files.flatMap(({ content }) => content ?? []));
  // what was replaced is gone, also where the copy was written to before that was noted, and is beside it by now
  const replaced = new Set(
    moves.filter(({ asked }) => asked.mayReplace).flatMap(({ targets }) => targets.map((target) => world.key(target))),
  );
  // a copy that went or was renamed with its source has replaced it before
  const byPair = new Set(
    moves
      .filter(({ asked, isDone }) => asked.isOfPair && asked.mayReplace && isDone)
      .map(({ target }) => world.key(target)),
  );
  // a person may have taken its successor elsewhere
  const isReplaced = (path: string): boolean =>
    replaced.has(world.key(path)) &&
    (world.ledger.isTouched(path) ||
      end.freed.has(world.key(path)) ||
      moves.some(({ asked, source, isDone }) => asked.mayMove && isDone && world.key(source) === world.key(path)) ||
      byPair.has(world.key(path)) ||
      all.at(path).some((content) => content !== undefined));
  return world.ledger
    .lost(whole)
    .filter(({ paths }) => !placesOf(world, moves, paths).some(isReplaced))
    .map(({ number }) => ({ kind: 'lost', what: `the content that was first at ${world.ledger.where(number)}` }));
}

/** Nothing that the program did not make is touched: what nobody wrote to, replaced or moved is where it was. */
function meddled(end: End): readonly Finding[] {
  const { world, moves, all, freed, pairs } = end;
  const asked = new Set([
    ...freed,
    ...moves.flatMap((move) => [
      ...(move.asked.mayReplace ? [world.key(move.target)] : []),
      ...(move.asked.mayMove ? [world.key(move.source)] : []),
    ]),
  ]);
  // what held the same as the source of a pair has become its copy, and goes with the source's next version
  const isCopy = (path: string, number: number): boolean =>
    moves.some(
      (move) =>
        move.asked.isOfPair &&
        move.isDone &&
        world.key(move.target) === world.key(path) &&
        world.ledger.isTouched(move.source) &&
        mayHold(end, move).has(number),
    );
  // and it is renamed with its source, without a transfer
  const hasFollowed = (path: string, number: number): boolean =>
    pairs.some(
      ({ target, rows }) =>
        world.key(path).startsWith(`${world.key(target)}/`) &&
        rows.some((row) => row.adopted && all.holds(`${target}/${row.target}`, number)),
    );
  return world.ledger
    .untouched()
    .filter(({ path, number }) => !asked.has(world.key(path)) && !all.holds(path, number))
    .filter(({ path, number }) => !isCopy(path, number) && !hasFollowed(path, number))
    .map(({ path }) => ({ kind: 'meddled', what: `${path} is not there any more, or is another file` }));
}

/** Where a content may have come to lie: where it was put, and where transfers brought it from there. */
function placesOf(world: LivingWorld, moves: readonly Move[], paths: ReadonlySet<string>): readonly string[] {
  const places = new Map([...paths].map((path) => [world.key(path), path]));
  for (const [place] of places)
    for (const { source, target } of moves)
      if (world.key(source) === place && !places.has(world.key(target))) places.set(world.key(target), target);
  return [...places.values()];
}

/** Whether the stick was away when a transfer was asked for, or went before anybody could have looked. */
const wasStickAway = (world: LivingWorld, { at, looks }: Asked): boolean =>
  looks === undefined
    ? world.wasStickAway(at)
    : looks.some((look) => world.wasStickAway(look.at, (look.seenAt ?? look.at) - look.at));

/** What is called done is there, whole, on the phone and storage that was meant. */
function untrue(end: End): readonly Finding[] {
  const { world, moves, powerCuts } = end;
  return moves.flatMap((move): Finding[] => {
    const { name, target, asked, isDone } = move;
    if (!isDone || (asked.isOfPair && isChanged(end, move.source))) return [];
    if (asked.kind === 'pull' && isTorn(world, moves, move.source)) return [];
    // the folder below the stick was meant, as far as anybody knew
    const isBelow = asked.onStick && wasStickAway(world, asked);
    const there = (isBelow ? end.all : end.visible).at(target);
    const sent = mayHold(end, move);
    if (there.some((content) => content !== undefined && sent.has(content))) return [];
    const isRenamed = end.copies.some((folder) => move.source.startsWith(`${folder}/`));
    if (isRenamed && there.some((content) => content !== undefined)) return [];
    const isTouched = world.ledger.isTouched(target);
    const before = world.ledger.versions(target);
    if (there.length === 0) {
      if (isTouched) return [];
      // another transfer has taken it away
      if (moves.some((other) => other.asked.mayMove && world.key(other.source) === world.key(target))) return [];
      if (end.freed.has(world.key(target))) return [];
      // or a pair has taken it for its copy, which has got the new name of its source
      const folder = end.copies.find((one) => target.startsWith(`${one}/`));
      const isSent = ({ path, content }: Held): boolean =>
        path.startsWith(`${folder}/`) && content !== undefined && sent.has(content);
      if (folder !== undefined && isChanged(end, move.source) && end.visible.files.some(isSent)) return [];
      // or a pair has taken it for its copy, which went or was renamed with its source
      if (end.mirrors.some((folder) => target.startsWith(`${folder}/`)) && isChanged(end, move.source)) return [];
      if (
        moves.some(
          (other) =>
            other.asked.isOfPair && world.key(other.target) === world.key(target) && isChanged(end, other.source),
        )
      )
        return [];
    }
    // somebody else has put something there, or another transfer has it for its own
    if (isTouched && there.some((content) => content !== undefined && before.includes(content))) return [];
    const others = moves.filter((other) => other.asked !== asked && world.key(other.target) === world.key(target));
    if (others.some((other) => there.some((content) => content !== undefined && mayHold(end, other).has(content))))
      return [];
    // a copy that was not promised to outlive a power cut: it is gone, or what it replaced is back
    const isBefore = there.every((content) => content !== undefined && before.includes(content));
    const isPromised = asked.moves && !isTakenByOther(end, move) && !isStillThere(end, move, sent);
    if (isBefore && powerCuts > 0 && asked.kind === 'pull' && !isPromised) return [];
    const what = there.length === 0 ? 'is not there' : 'is something else';
    return [{ kind: 'untrue', what: `${name} is called done, but ${target} ${what}` }];
  });
}

/** Whether another transfer moved the source: one that was asked for as a move later has nothing left to delete. */
const isTakenByOther = ({ world, moves }: End, { asked, source }: Move): boolean =>
  moves.some(
    (other) =>
      other.asked !== asked && other.isDone && other.asked.mayMove && world.key(other.source) === world.key(source),
  );

/** Whether the original stays, as where a copy that was asked for as a move later was found to be gone. */
const isStillThere = ({ visible }: End, { source }: Move, sent: ReadonlySet<number>): boolean =>
  visible.at(source).some((content) => content !== undefined && sent.has(content));

const isChanged = ({ world, visible }: End, source: string): boolean =>
  world.ledger.isTouched(source) || visible.at(source).length === 0;

/** A file that a transfer was to copy. */
interface Move {
  readonly asked: Asked;
  readonly name: string;
  readonly size: number;
  readonly source: string;
  readonly target: string;
  /** Wherever it may have been brought to, the last one last. */
  readonly targets: readonly string[];
  readonly isDone: boolean;
}

const movesOf = (rows: Evidence['rows']): readonly Move[] =>
  rows.flatMap(({ asked, items }) =>
    items
      .filter(({ kind }) => kind === 'file')
      .map((item) => ({
        asked,
        name: item.name,
        size: item.size,
        source: sourceOf(asked, item),
        target: targetOf(asked, item),
        targets: targetsOf(asked, item),
        isDone: item.state.kind === 'done' && item.state.outcome.kind === 'moved',
      })),
  );

/** What the source of a move can have held: what somebody put there, what transfers brought there, and what is there now. */
function mayHold({ world, moves, pairs, all }: End, { source, size }: Move): ReadonlySet<number> {
  const contents = new Set<number>(size === 0 ? [0] : []);
  const paths = [source];
  const seen = new Set<string>();
  for (let next = paths.pop(); next !== undefined; next = paths.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const content of world.ledger.versions(next)) contents.add(content);
    // somebody may have written to it while another program moved it
    for (const content of all.at(next)) if (content !== undefined) contents.add(content);
    for (const move of moves)
      if (move.targets.some((target) => world.key(target) === world.key(next))) paths.push(move.source);
    // a pair gives its copies the names of their sources, in the same folders or by date
    for (const pair of pairs) {
      if (!next.startsWith(`${pair.target}/`)) continue;
      const within = next.slice(pair.target.length);
      paths.push(pair.source + within);
      for (const row of pair.rows) if (`/${row.target}` === within) paths.push(`${pair.source}/${row.path}`);
    }
  }
  return contents;
}

/** Until a program has looked for the disk of what was asked for, in simulated milliseconds. */
const FIRST_LOOK_MS = 300;

/** Nothing that the program made is left. */
function leftBehind(end: End): readonly Finding[] {
  const { world, visible } = end;
  return (
    visible.files
      .filter(({ path }) => isOurs(path) && !isOpened(path) && !isOnStranger(world, path))
      .filter(({ path }) => !world.wasBroughtBack(path))
      .filter((file) => !mayStay(end, file) && !isOldCopy(end, file))
      // names tried on a stick that was not there when it was asked for: the place that is known is the folder below it
      .filter(
        ({ path, content }) =>
          content !== 0 ||
          !path.startsWith(`${world.top({ kind: 'stick' })}/`) ||
          !path.includes('/.replug-') ||
          !end.moves.some(({ asked }) => asked.onStick && world.wasStickAway(asked.at, FIRST_LOOK_MS)),
      )
      // names tried for an import that was killed before it was noted: the next one to that folder finds them
      .filter(
        ({ path, content }) =>
          content !== 0 ||
          !end.strangersImports.some((to) => `${to}/`.startsWith(`${path.slice(0, path.lastIndexOf('/'))}/`)),
      )
      .map(({ path }) => ({ kind: 'left-behind', what: path }))
  );
}

/** Whether it is in the copy of a folder that a kill broke off, and its original was written to since: nothing proves what it is. */
const isOldCopy = ({ world: { ledger } }: End, { path, content = 0 }: Held): boolean =>
  isOurs(path.slice(0, path.lastIndexOf('/'))) && ledger.isTouched(ledger.where(content));

/** Whether a part file of a download may be the best that is left: its source is gone, or is another file by now. */
function mayStay({ world, moves, visible }: End, { path }: Held): boolean {
  return moves.some(({ asked, source, target, targets }) => {
    if (asked.kind !== 'pull' || !path.startsWith(`${world.realFolder(target)}/`)) return false;
    // begun for the name that it was to have first
    if (!targets.some((one) => isPartOf(path, one))) return false;
    // of a phone that nothing identifies nobody can tell any more whether it still has the source
    return isOnStranger(world, source) || world.ledger.isTouched(source) || visible.at(source).length === 0;
  });
}

/** Whether a part file is that of a target; its name is that of the target, as far as it fits, and a sign. */
function isPartOf(part: string, target: string): boolean {
  const name = target.slice(target.lastIndexOf('/') + 1).normalize('NFC');
  const partName = part.slice(part.lastIndexOf('/') + 1).normalize('NFC');
  if (!partName.endsWith('.replug-part')) return false;
  const beginning = partName.replace(/(\.[0-9a-z]+)?\.replug-part$/u, '');
  return name.startsWith(beginning);
}

/** On a phone that nothing identifies: what was made there in an earlier plug cannot be told from another phone's. */
const isOnStranger = ({ phones }: LivingWorld, path: string): boolean =>
  phones.some(({ plan, tops }) => plan.serial !== 'own' && tops.some((top) => path.startsWith(`${top}/`)));

/**
 * Whether it may be what a killed program has left of an upload, or a copy of that: on a phone that nobody knows again; or of a
 * source that was written to while it was read, and is not there any more. Then nothing tells that it is not another's.
 */
const isCutOff = ({ world, moves }: End, path: string): boolean =>
  (isOnStranger(world, path) && hasBrokenOff(world, moves, path)) ||
  isTorn(world, moves, path) ||
  moves.some(({ asked, source, target }) => asked.kind === 'pull' && target === path && isTorn(world, moves, source));

const isTorn = (world: LivingWorld, moves: readonly Move[], path: string): boolean =>
  hasBrokenOff(world, moves, path, (source) => world.ledger.isTouched(source) && world.holds(source) === undefined);

/** Whether an upload to this place did not end well, of such a source. */
const hasBrokenOff = (
  world: LivingWorld,
  moves: readonly Move[],
  path: string,
  isSuch: (source: string) => boolean = () => true,
): boolean =>
  moves.some(
    ({ asked, source, target, isDone }) =>
      asked.kind === 'push' && !isDone && world.key(target) === world.key(path) && isSuch(source),
  );

/** Whether a text has a name of the program's own; whoever saves back a copy that was opened knows in which folder it is. */
const isNameless = (text: string): boolean => isOurs(text.replaceAll(/\/[0-9a-f]+\.replug-copy\//gu, '/'));

/** Every message names a file that a person knows. */
function nameless({ rows }: Evidence): readonly Finding[] {
  return rows.flatMap(({ items }) =>
    items.flatMap(({ name, state }) => {
      const problem = state.kind === 'failed' ? state.problem : undefined;
      if (problem === undefined) return [];
      const { what, remedy } = describeProblem(problem);
      // the best copy left is called what it is called
      const isKept = problem.advice?.id === 'part-kept';
      return isNameless(what) || (isNameless(remedy) && !isKept)
        ? [{ kind: 'nameless' as const, what: `${name}: ${what} ${remedy}` }]
        : [];
    }),
  );
}

/** What was confirmed is not sent again, but for one window an interruption. */
function again({ rows, world, confirmed, powerCuts }: Evidence): readonly Finding[] {
  // what was confirmed may be gone with the power
  if (powerCuts > 0) return [];
  const covered = world.allFiles().filter(({ path, isBelow }) => isBelow && isOurs(path));
  return rows.flatMap(({ asked, items }) =>
    items.flatMap((item) => {
      // what was fetched while its disk was away lies below it, and is out of reach once the disk is back
      if (targetsOf(asked, item).some((target) => covered.some(({ path }) => path.startsWith(`${target}.`)))) return [];
      const bytes = confirmed.get(item.id)?.again ?? 0;
      // another file is sent from its beginning; and a phone may tell another date of what it was sent just now
      const isNew = rows.some((other) =>
        other.items.some((one) => targetOf(other.asked, one) === sourceOf(asked, item)),
      );
      if (
        bytes <= 0 ||
        isNew ||
        [sourceOf(asked, item), ...targetsOf(asked, item)].some((path) => world.ledger.isTouched(path))
      )
        return [];
      return [{ kind: 'again' as const, what: `${bytes} bytes of ${item.name} too many were sent again` }];
    }),
  );
}
