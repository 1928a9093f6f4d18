import type { Device, LinkSpeed } from '../../shared/domain.ts';
import { describeProblem } from '../../shared/errors.ts';
import type { HostInfo } from '../../shared/snapshots.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** The status line below a phone's name, if there is anything to report. */
export function deviceNote(
  device: Device,
): { readonly text: string; readonly tone: 'quiet' | 'attention' } | undefined {
  const { kind } = device.state;
  const words = windowWords.device;
  if (kind === 'ready') return isSlow(device) ? { text: words.slow, tone: 'attention' } : undefined;
  return { text: words[kind], tone: kind === 'opening' || kind === 'gone' ? 'quiet' : 'attention' };
}

/** What keeps a phone that is plugged in from being used, in one line; nothing where nothing does, or it is not plugged in. */
export function hindrance(device: Device | undefined): string | undefined {
  if (device === undefined) return undefined;
  const { name, state } = device;
  const words = windowWords.lesson;
  switch (state.kind) {
    case 'held':
      if (state.fault !== undefined) return describeProblem({ operation: '', detail: '', ...state }).what;
      return words.heldTitle({ program: state.holder?.program ?? words.anotherProgram, device: name });
    case 'forbidden':
      return words.forbiddenTitle({ device: name });
    case 'opening':
      return words.openingTitle({ device: name });
    case 'recovering':
      return words.silentTitle({ device: name });
    case 'locked':
      return windowWords.transfer.wait.unlock({ device: name });
    case 'ready':
    case 'gone':
      return undefined;
  }
}

const RANK: Readonly<Record<LinkSpeed, number>> = { low: 0, full: 1, high: 2, super: 3, 'super-plus': 4 };

/** True if the link is slower than the phone supports, or so slow that only a bad cable or port explains it. */
export const isSlow = ({ linkSpeed, bestLinkSpeed }: Device): boolean =>
  linkSpeed !== undefined &&
  (RANK[linkSpeed] < RANK.high || (bestLinkSpeed !== undefined && RANK[linkSpeed] < RANK[bestLinkSpeed]));

/** What starts over after an interruption with this phone, in words; nothing where everything resumes. */
export function noResumeWords({ name, resumableUpload, resumableDownload }: Device): string | undefined {
  const words = windowWords.lesson;
  if (resumableUpload && resumableDownload) return undefined;
  if (resumableUpload) return words.noResumeFrom({ device: name });
  return resumableDownload ? words.noResumeTo({ device: name }) : words.noResume({ device: name });
}

/** Written with non-breaking spaces. */
const LINKS: Readonly<Record<LinkSpeed, string>> = {
  low: 'USB 1 (1.5\u00a0Mbit/s)',
  full: 'USB 1 (12\u00a0Mbit/s)',
  high: 'USB 2 (480\u00a0Mbit/s)',
  super: 'USB 3 (5\u00a0Gbit/s)',
  'super-plus': 'USB 3 (10\u00a0Gbit/s)',
};
/** The USB generation of a link and its top speed. */
export const linkName = (link: LinkSpeed): string => LINKS[link];

/** Selects the drawing and text for a phone that cannot be browsed. */
export type Lesson =
  | { readonly kind: 'no-phone'; readonly canTryVirtual: boolean }
  | { readonly kind: 'choose'; readonly devices: readonly Device[] }
  | { readonly kind: 'opening' | 'locked' | 'held' | 'forbidden' | 'recovering' | 'gone'; readonly device: Device };

/** The explanation to show in place of a folder; `undefined` if there is a folder to show. */
export function lessonFor(
  devices: readonly Device[],
  shown: Device | undefined,
  { canTryVirtual }: Pick<HostInfo, 'canTryVirtual'>,
): Lesson | undefined {
  if (shown === undefined) {
    if (devices.length === 0) return { kind: 'no-phone', canTryVirtual };
    return { kind: 'choose', devices };
  }
  const { kind } = shown.state;
  return kind === 'ready' ? undefined : { kind, device: shown };
}
