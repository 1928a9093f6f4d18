import { windowWords } from '../../shared/words/made/window.ts';

/** Characters that phones refuse. Checked while the user types, before the phone is asked. */
const FORBIDDEN = /[\\/:*?"<>|\u0000-\u001f\u007f]/u;
/** In bytes: Android's file systems count bytes, not characters. */
const LONGEST = 255;

/** Why a phone would refuse this name, as one sentence; `undefined` for a good one. Outer spaces do not count. */
export function nameComplaint(name: string, taken: (name: string) => boolean): string | undefined {
  const trimmed = name.trim();
  const words = windowWords.name;
  if (trimmed === '') return words.empty;
  if (trimmed === '.' || trimmed === '..') return words.reserved;
  const wrong = FORBIDDEN.exec(trimmed)?.[0];
  if (wrong !== undefined)
    return /[\u0000-\u001f\u007f]/u.test(wrong) ? words.invisible : words.forbidden({ sign: wrong });
  const length = new TextEncoder().encode(trimmed).length;
  if (length > LONGEST) return words.tooLong({ count: length - LONGEST, most: LONGEST });
  if (taken(trimmed)) return words.taken;
  return undefined;
}

/** `New folder`, `New folder 2`, … */
export function freeName(wanted: string, taken: (name: string) => boolean): string {
  if (!taken(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken(`${wanted} ${number}`)) return `${wanted} ${number}`;
}
