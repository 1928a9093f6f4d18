import { create } from 'zustand';
import type { LocalPath, PhonePlace, VerifyLevel } from '../../shared/domain.ts';
import type { Problem } from '../../shared/errors.ts';
import { MOST_COPIES, type ComparedCopy, type VerificationSnapshot } from '../../shared/verify.ts';
import { summaryOfCopies } from '../../shared/verify-words.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { bridge } from '../bridge/current.ts';
import { placeName } from '../view-models/places.ts';
import { run, useHost } from './host.ts';
import { say } from './notices.ts';
import { openDialog, useWindow } from './window.ts';

/** The comparison of a copy with the phone. It goes on while its dialog is closed; there is one at a time. */

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
  const change = (news: Pick<Verification, 'told' | 'problem'>): void => {
    const { last } = get();
    if (last?.id !== id || !isComparing(last)) return;
    const now = { ...last, ...news };
    set({ last: now });
    if (!isComparing(now)) announce(now);
  };
  end = bridge.subscribe(
    'verification',
    { id, place: what.place, local: what.local, level: what.level, most: LISTED },
    ({ snapshot }) => change({ told: snapshot, problem: snapshot.problem }),
    (problem) => change({ told: get().last?.told, problem }),
  );
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
      { id, place, local, level, most: MOST_COPIES },
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
