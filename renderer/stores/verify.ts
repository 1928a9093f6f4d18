import { create } from 'zustand';
import { VERIFY_LEVELS, type LocalPath, type PhonePlace, type VerifyLevel } from '../../shared/domain.ts';
import type { Problem } from '../../shared/errors.ts';
import { MOST_COPIES, type ComparedCopy, type VerificationSnapshot } from '../../shared/verify.ts';
import { summaryOfCopies } from '../../shared/verify-words.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { bridge } from '../bridge/current.ts';
import { placeName } from '../view-models/places.ts';
import { run, useHost } from './host.ts';
import { say } from './notices.ts';
import { openDialog, useWindow } from './window.ts';

/**
 * The comparison of a copy with the phone. It goes on while its dialog is closed, and while the window is loaded again;
 * there is one at a time.
 */

/** One comparison, from its beginning until another begins. */
export interface Verification {
  /** Its number at the host, which no other has. */
  readonly id: string;
  readonly place: PhonePlace;
  readonly want: 'file' | 'folder';
  readonly local: LocalPath;
  readonly level: VerifyLevel;
  readonly told: VerificationSnapshot | undefined;
  /** Why there is none. */
  readonly problem: Problem | undefined;
}

interface Verifying {
  readonly last: Verification | undefined;
}

/** The comparison that runs, or was the last to run. */
export const useVerify = create<Verifying>()(() => ({ last: undefined }));

/** Differences that are listed. */
const LISTED = 500;

const set = useVerify.setState;
const get = useVerify.getState;
let end: (() => void) | undefined;

/** Whether it is still comparing. */
export const isComparing = (one: Verification | undefined): boolean =>
  one !== undefined && one.problem === undefined && one.told?.result === undefined;

/** Opens the dialog for a folder or file of the phone; while another is being compared, it shows that one. */
export function openVerify(place: PhonePlace, want: 'file' | 'folder'): void {
  const { last } = get();
  const shown = last !== undefined && isComparing(last) ? last : { place, want };
  openDialog({ kind: 'verify', place: shown.place, want: shown.want });
}

/** Begins to compare; nothing is changed on either side. */
export function compare(what: Pick<Verification, 'place' | 'want' | 'local' | 'level'>): void {
  end?.();
  const id = crypto.randomUUID();
  set({ last: { ...what, id, told: undefined, problem: undefined } });
  keep({ ...what, id, ended: false });
  const change = changer(id, true);
  end = bridge.subscribe(
    'verification',
    { id, place: what.place, local: what.local, level: what.level, most: LISTED },
    ({ snapshot }) => change({ told: snapshot, problem: snapshot.problem }),
    (problem) => change({ told: get().last?.told, problem }),
  );
}

/** Finds the comparison that this tab had before it was loaded again; called once, when the window starts. */
export function startVerify(): void {
  const before = kept();
  if (before === undefined) return;
  const { id, place, want, local, level, ended } = before;
  set({ last: { id, place, want, local, level, told: undefined, problem: undefined } });
  // whoever saw the end before is not told again
  const change = changer(id, !ended);
  end = bridge.subscribe(
    'verification',
    { id, place, local, level, most: LISTED, join: true },
    ({ snapshot }) => change({ told: snapshot, problem: snapshot.problem }),
    (problem) => {
      const { last } = get();
      if (last?.told !== undefined) change({ told: last.told, problem });
      // it was given up meanwhile, or Replug was started anew
      else if (last?.id === id) set({ last: undefined });
    },
  );
}

/** Takes what is told of one comparison, until its end; `tells` its end, if nobody looks. */
const changer =
  (id: string, tells: boolean) =>
  (news: Pick<Verification, 'told' | 'problem'>): void => {
    const { last } = get();
    if (last?.id !== id || !isComparing(last)) return;
    const now = { ...last, ...news };
    set({ last: now });
    if (isComparing(now)) return;
    const { place, want, local, level } = now;
    keep({ id, place, want, local, level, ended: true });
    // its list stays at the host, and a connection that breaks and is back begins nothing anew
    end?.();
    end = bridge.subscribe(
      'verification',
      { id, place, local, level, most: 0, join: true },
      () => undefined,
      () => undefined,
    );
    if (tells) announce(now);
  };

/** What this tab remembers of its comparison. */
type Kept = Pick<Verification, 'id' | 'place' | 'want' | 'local' | 'level'> & { readonly ended: boolean };
const KEPT = 'replug-comparison';

function keep(one: Kept): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(one));
  } catch {
    // storage may be switched off: then it is not found again
  }
}

function kept(): Kept | undefined {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as Partial<Kept> | null;
    if (found === null || !VERIFY_LEVELS.some((level) => level === found.level)) return undefined;
    const { id, place, want, local, level, ended = false } = found;
    if (id === undefined || place === undefined || local === undefined || level === undefined) return undefined;
    return { id, place, want: want === 'file' ? 'file' : 'folder', local, level, ended };
  } catch {
    return undefined;
  }
}

/** Stops it; what was found until then stays. */
export function stopComparing(): void {
  const { last } = get();
  if (last !== undefined && isComparing(last)) void run('stopVerification', { id: last.id });
}

/** Every difference that was found; those of the list where the host has forgotten the others. */
export function allDifferences(one: Verification): Promise<readonly ComparedCopy[]> {
  const { id, place, local, level, told } = one;
  const listed = told?.copies ?? [];
  if (listed.length < LISTED) return Promise.resolve(listed);
  return new Promise((resolve) => {
    const stop = bridge.subscribe(
      'verification',
      { id, place, local, level, most: MOST_COPIES, join: true },
      ({ snapshot }) => {
        // a bridge never calls back synchronously, so `stop` is assigned by the time it is used
        stop();
        resolve(snapshot.copies.length < listed.length ? listed : snapshot.copies);
      },
      () => resolve(listed),
    );
  });
}

/** Tells the result to whoever has closed the dialog meanwhile. */
function announce(one: Verification): void {
  if (useWindow.getState().dialog?.kind === 'verify') return;
  const name = placeName(one.place, useHost.getState().devices?.devices ?? []);
  const { told, place, want } = one;
  say(
    told === undefined || one.problem !== undefined
      ? windowWords.verify.notCompared({ name })
      : windowWords.verify.finished({ name, summary: summaryOfCopies(told.progress.counts) }),
    { label: windowWords.verify.show, run: () => openVerify(place, want) },
  );
}
