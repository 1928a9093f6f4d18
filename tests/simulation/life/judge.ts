import type { ItemRow } from '../../../electron/engine/index.ts';
import { foldName, type StorageKey, type TransferId } from '../../../shared/domain.ts';
import { describeProblem } from '../../../shared/errors.ts';
import type { Deed } from './script.ts';
import { isOurs, type LivingWorld } from './world.ts';

/**
 * What must hold at the end of a life, told from the disks alone and from what a person asked for. It shares no code with the
 * engine but the words of its messages and how names are folded.
 */

/** What is wrong, by the promise that was broken. */
export interface Finding {
  readonly kind: 'lost' | 'mixed' | 'untrue' | 'left-behind' | 'waits' | 'nameless' | 'harm' | 'uncaught';
  readonly what: string;
}

/** A transfer that a person asked for. */
export interface Asked {
  readonly id: TransferId;
  readonly deed: Deed & { readonly kind: 'push' | 'pull' };
  /** Where the storages are, by their keys. */
  readonly tops: ReadonlyMap<StorageKey, string>;
  /** The person has chosen a rule, or given an answer, that replaces what is there. */
  mayReplace: boolean;
  /** When it was asked for, in simulated milliseconds. */
  readonly at: number;
  /** The computer's side of it is on the stick; where that was away, the folder below it was meant, as far as anybody knew. */
  readonly onStick: boolean;
}

/** What the judge is told. */
export interface Evidence {
  readonly world: LivingWorld;
  readonly rows: readonly { readonly asked: Asked; readonly items: readonly ItemRow[] }[];
  readonly powerCuts: number;
  readonly harms: readonly string[];
}

/** All that is wrong with how a life ended. */
export function judge(evidence: Evidence): readonly Finding[] {
  const { world, harms } = evidence;
  const files = world.allFiles();
  const there = new Map(files.map(({ path, content }) => [path, content]));
  // what is below the stick nobody sees; it got there if the stick was away when it was asked for, or in the midst of a trial
  const visible = new Map(files.filter(({ isBelow }) => !isBelow).map(({ path, content }) => [path, content]));
  const findings: Finding[] = [
    ...lost(evidence, there),
    ...untrue(evidence, visible),
    ...leftBehind(evidence, visible),
    ...nameless(evidence),
  ];
  for (const { path, content } of files)
    if (content === undefined && !isOurs(path))
      findings.push({ kind: 'mixed', what: `neither whole nor anybody's: ${path}` });
  for (const harm of harms) findings.push({ kind: 'harm', what: harm });
  return findings;
}

type There = ReadonlyMap<string, number | undefined>;

/** No content that existed once is gone, unless a person asked for exactly that. */
function lost({ world, rows }: Evidence, there: There): readonly Finding[] {
  const whole = new Set([...there.values()].filter((content) => content !== undefined));
  const moves = movesOf(rows);
  const replaced = new Set(moves.filter(({ asked }) => asked.mayReplace).map(({ target }) => fold(target)));
  // a person may have taken its successor elsewhere
  const touched = new Set([...world.ledger.touched].map(fold));
  const present = new Set([...there].filter(([, content]) => content !== undefined).map(([path]) => fold(path)));
  return world.ledger
    .lost(whole)
    .filter(
      ({ paths }) =>
        !placesOf(moves, paths).some((path) => replaced.has(path) && (present.has(path) || touched.has(path))),
    )
    .map(({ number }) => ({ kind: 'lost', what: `the content that was first at ${world.ledger.where(number)}` }));
}

/** Where a content may have come to lie, folded: where it was put, and where transfers brought it from there. */
function placesOf(moves: readonly Move[], paths: ReadonlySet<string>): readonly string[] {
  const places = new Set([...paths].map(fold));
  for (const place of places)
    for (const { source, target } of moves) if (fold(source) === place) places.add(fold(target));
  return [...places];
}

/** What is called done is there, whole, on the phone and storage that was meant. */
function untrue({ world, rows, powerCuts }: Evidence, there: There): readonly Finding[] {
  const findings: Finding[] = [];
  const moves = movesOf(rows);
  const folded = new Map([...there].map(([path, content]) => [fold(path), content]));
  for (const { name, size, source, target, asked, isDone } of moves) {
    if (!isDone || (asked.onStick && world.wasStickAway(asked.at))) continue;
    // somebody else was there, or another transfer has it for its own, or has taken it away
    if (world.ledger.touched.has(target)) continue;
    if (moves.some((other) => other.asked !== asked && fold(other.target) === fold(target))) continue;
    if (moves.some((other) => other.asked.deed.move && fold(other.source) === fold(target))) continue;
    const sent = mayHold(world, moves, source, size);
    const exact = there.get(target);
    const alike = folded.get(fold(target));
    // a disk that stores names its own way has it under another spelling
    const content = exact ?? (alike !== undefined && sent.has(alike) ? alike : undefined);
    // a copy that was not promised to outlive a power cut: it is gone, or what it replaced is back
    const isBefore = content === undefined || world.ledger.versions(target).includes(content);
    if (isBefore && powerCuts > 0 && asked.deed.kind === 'pull' && !asked.deed.move) continue;
    if (content !== undefined && sent.has(content)) continue;
    findings.push({
      kind: 'untrue',
      what: `${name} is called done, but ${target} ${content === undefined ? 'is not there' : 'is something else'}`,
    });
  }
  return findings;
}

/** A file that a transfer was to copy. */
interface Move {
  readonly asked: Asked;
  readonly name: string;
  readonly size: number;
  readonly source: string;
  readonly target: string;
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
        isDone: item.state.kind === 'done' && item.state.outcome.kind === 'moved',
      })),
  );

/** What a source can have held: what somebody put there, and what transfers brought there. */
function mayHold(world: LivingWorld, moves: readonly Move[], path: string, size: number): ReadonlySet<number> {
  const contents = new Set<number>(size === 0 ? [0] : []);
  const paths = [path];
  const seen = new Set<string>();
  for (let next = paths.pop(); next !== undefined; next = paths.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const content of world.ledger.versions(next)) contents.add(content);
    for (const move of moves) if (fold(move.target) === fold(next)) paths.push(move.source);
  }
  return contents;
}

/** Nothing that the program made is left. */
function leftBehind({ rows, world, powerCuts }: Evidence, there: There): readonly Finding[] {
  // a part whose source is gone may be the best copy left
  const mayStay = rows.some(({ asked, items }) =>
    items.some((item) => world.ledger.touched.has(sourceOf(asked, item))),
  );
  if (mayStay) return [];
  const ours = [...there].filter(([path]) => isOurs(path) && !isOnStranger(world, path));
  const others = new Set([...there].filter(([path]) => !isOurs(path)).map(([, content]) => content));
  return ours
    .filter(
      ([path, content]) =>
        // the power went before the disk had noted that this name was taken away
        powerCuts === 0 || path.startsWith('/sim/') || !(content === 0 || others.has(content)),
    )
    .map(([path]) => ({ kind: 'left-behind', what: path }));
}

/** On a phone that nothing identifies: what was made there in an earlier plug cannot be told from another phone's. */
const isOnStranger = ({ phones }: LivingWorld, path: string): boolean =>
  phones.some(({ plan, tops }) => plan.serial !== 'own' && tops.some((top) => path.startsWith(`${top}/`)));

/** Every message names a file that a person knows. */
function nameless({ rows }: Evidence): readonly Finding[] {
  return rows.flatMap(({ items }) =>
    items.flatMap(({ name, state }) => {
      const problem = state.kind === 'failed' ? state.problem : undefined;
      if (problem === undefined) return [];
      const { what, remedy } = describeProblem(problem);
      return isOurs(what) || isOurs(remedy) ? [{ kind: 'nameless' as const, what: `${name}: ${what} ${remedy}` }] : [];
    }),
  );
}

const fold = (path: string): string => path.split('/').map(foldName).join('/');

function targetOf(asked: Asked, item: ItemRow): string {
  const path = asked.deed.kind === 'push' ? (asked.tops.get(item.storage) ?? '?') + item.phone : item.local;
  return item.savedAs === undefined ? path : `${path.slice(0, path.lastIndexOf('/'))}/${item.savedAs}`;
}

const sourceOf = (asked: Asked, item: ItemRow): string =>
  asked.deed.kind === 'push' ? item.local : (asked.tops.get(item.storage) ?? '?') + item.phone;
