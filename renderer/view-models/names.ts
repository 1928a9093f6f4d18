/** Characters that phones refuse. Checked while the user types, before the phone is asked. */
const FORBIDDEN = /[\\/:*?"<>|\u0000-\u001f\u007f]/u;
/** In bytes: Android's file systems count bytes, not characters. */
const LONGEST = 255;

/** Why a phone would refuse this name, as one sentence; `undefined` for a good one. Outer spaces do not count. */
export function nameComplaint(name: string, taken: (name: string) => boolean): string | undefined {
  const trimmed = name.trim();
  if (trimmed === '') return 'A name cannot be empty.';
  if (trimmed === '.' || trimmed === '..') return 'This name has a meaning of its own. Choose another.';
  const wrong = FORBIDDEN.exec(trimmed)?.[0];
  if (wrong !== undefined)
    return /[\u0000-\u001f\u007f]/u.test(wrong) ? 'A name cannot hold invisible signs.' : `A name cannot hold ${wrong}`;
  const length = new TextEncoder().encode(trimmed).length;
  if (length > LONGEST) return `Too long by ${length - LONGEST}: phones keep at most ${LONGEST} bytes.`;
  if (taken(trimmed)) return 'There is already something of that name.';
  return undefined;
}

/** `New folder`, `New folder 2`, … */
export function freeName(wanted: string, taken: (name: string) => boolean): string {
  if (!taken(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken(`${wanted} ${number}`)) return `${wanted} ${number}`;
}
