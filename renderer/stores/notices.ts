import { create } from 'zustand';
import { describeProblem, type Problem } from '../../shared/errors.ts';

/** A short message at the bottom of the window. It never blocks anything. */
export interface Notice {
  readonly id: number;
  readonly tone: 'plain' | 'bad';
  readonly what: string;
  readonly remedy: string | undefined;
  /** Technical detail, shown behind *Details*. */
  readonly detail: string | undefined;
  readonly action: { readonly label: string; readonly run: () => void } | undefined;
}

interface Notices {
  readonly notices: readonly Notice[];
  readonly add: (notice: Partial<Notice> & { readonly what: string }) => number;
  readonly close: (id: number) => void;
}

let last = 0;

/** The notices on screen, at most three; a new one replaces an old one with the same text. */
export const useNotices = create<Notices>()((set) => ({
  notices: [],
  add: (notice) => {
    const id = ++last;
    const whole: Notice = { tone: 'plain', remedy: undefined, detail: undefined, action: undefined, ...notice, id };
    set((state) => {
      // Repeated problems are shown once: ten failed thumbnails must not cover the window.
      const others = state.notices.filter((one) => one.what !== whole.what);
      return { notices: [...others, whole].slice(-3) };
    });
    return id;
  },
  close: (id) => set((state) => ({ notices: state.notices.filter((one) => one.id !== id) })),
}));

/** Shows a plain notice and returns its number. */
export const say = (what: string, action?: Notice['action']): number => useNotices.getState().add({ what, action });

const technical = (problem: Problem): string =>
  [
    `${problem.kind} · ${problem.operation}`,
    problem.detail,
    problem.code === undefined ? '' : `response 0x${problem.code.toString(16).padStart(4, '0')}`,
  ]
    .filter((part) => part !== '')
    .join('\n');

/** Shows a problem as a notice; one that says `cancelled` is not shown. */
export function tell(problem: Problem): void {
  if (problem.kind === 'cancelled') return;
  const words = describeProblem(problem);
  useNotices.getState().add({ tone: 'bad', what: words.what, remedy: words.remedy, detail: technical(problem) });
}
