/**
 * The selected entries, by name, so that entries which arrive, disappear or are sorted differently do not affect it.
 * Pure: every function returns a new selection.
 */
export interface Selection {
  readonly chosen: ReadonlySet<string>;
  /** Start of a range: the last entry selected without Shift. */
  readonly anchor: string | undefined;
  /** The entry that has the keyboard focus. */
  readonly focus: string | undefined;
}

/** The shown entries in order, as far as selecting needs them. */
export interface Order {
  readonly length: number;
  idAt(position: number): string | undefined;
  /** -1 if the entry is not shown. */
  indexOf(id: string): number;
}

/** Nothing selected and no focus. */
export const NOTHING: Selection = { chosen: new Set(), anchor: undefined, focus: undefined };

/** This entry alone, with the focus. */
export const only = (id: string): Selection => ({ chosen: new Set([id]), anchor: id, focus: id });

/** Modifier keys held during a click. */
export interface Keys {
  /** Shift: select from the anchor to here. */
  readonly range: boolean;
  /** Ctrl or Cmd: toggle this entry. */
  readonly toggle: boolean;
}

/** The selection after a click on an entry; without a modifier only that entry is left. */
export function click(selection: Selection, order: Order, id: string, keys: Keys): Selection {
  if (keys.range) return rangeTo(selection, order, id, keys.toggle);
  if (!keys.toggle) return only(id);
  const chosen = new Set(selection.chosen);
  if (!chosen.delete(id)) chosen.add(id);
  return { chosen, anchor: id, focus: id };
}

/** A right click on a selected entry keeps the selection; on any other entry it selects that one. */
export const context = (selection: Selection, id: string): Selection =>
  selection.chosen.has(id) ? { ...selection, focus: id } : only(id);

/** Replaces the previous range, so that Shift with an arrow key can shrink it again. */
function rangeTo(selection: Selection, order: Order, id: string, add: boolean): Selection {
  const anchor = selection.anchor ?? selection.focus ?? order.idAt(0) ?? id;
  const from = order.indexOf(anchor);
  const to = order.indexOf(id);
  if (to === -1) return selection;
  // The anchor may have been filtered out or deleted; the range then starts here.
  if (from === -1) return only(id);
  const chosen = new Set(add ? selection.chosen : []);
  for (let position = Math.min(from, to); position <= Math.max(from, to); position++) {
    const one = order.idAt(position);
    if (one !== undefined) chosen.add(one);
  }
  return { chosen, anchor, focus: id };
}

/** Number of entries to move, limited at both ends; or one of the ends. */
export type Way = number | 'first' | 'last';

/** Arrow keys, Page Up and Down, Home, End. With `range` the selection extends. */
export function move(selection: Selection, order: Order, way: Way, range: boolean): Selection {
  const id = order.idAt(landing(selection, order, way));
  if (id === undefined) return selection;
  return range ? rangeTo(selection, order, id, false) : only(id);
}

/** Ctrl with an arrow key moves the focus and keeps the selection. */
export function walk(selection: Selection, order: Order, way: Way): Selection {
  const id = order.idAt(landing(selection, order, way));
  return id === undefined ? selection : { ...selection, focus: id };
}

function landing(selection: Selection, order: Order, way: Way): number {
  if (way === 'first') return 0;
  if (way === 'last') return order.length - 1;
  const at = selection.focus === undefined ? -1 : order.indexOf(selection.focus);
  // Without a focus, any step goes to the first or the last entry.
  if (at === -1) return way > 0 ? 0 : order.length - 1;
  return Math.min(order.length - 1, Math.max(0, at + way));
}

/** Every listed entry; anchor and focus stay, or go to the first one. */
export function all(selection: Selection, order: Order): Selection {
  const chosen = new Set<string>();
  for (let position = 0; position < order.length; position++) {
    const id = order.idAt(position);
    if (id !== undefined) chosen.add(id);
  }
  return { chosen, anchor: selection.anchor ?? order.idAt(0), focus: selection.focus ?? order.idAt(0) };
}

/** Nothing selected; the focus stays. */
export const none = (selection: Selection): Selection => ({ ...NOTHING, focus: selection.focus });

/**
 * Deselects entries that are no longer shown, after filtering or listing again; otherwise an invisible file could be
 * deleted.
 */
export function prune(selection: Selection, order: Order): Selection {
  const gone = [...selection.chosen].filter((id) => order.indexOf(id) === -1);
  const kept = (id: string | undefined): string | undefined =>
    id !== undefined && order.indexOf(id) !== -1 ? id : undefined;
  const anchor = kept(selection.anchor);
  const focus = kept(selection.focus);
  if (gone.length === 0 && anchor === selection.anchor && focus === selection.focus) return selection;
  const chosen = new Set(selection.chosen);
  for (const id of gone) chosen.delete(id);
  return { chosen, anchor, focus };
}

/** Milliseconds; letters typed within this time form one prefix. */
export const TYPING_PAUSE = 900;

/** Letters typed so far and when the last one came, in milliseconds. */
export interface Typing {
  readonly letters: string;
  readonly at: number;
}

/**
 * Type-to-select: repeating one letter cycles through the names that start with it, different letters form a prefix.
 */
export function typed(
  typing: Typing | undefined,
  letter: string,
  now: number,
): { readonly typing: Typing; readonly again: boolean } {
  const goesOn = typing !== undefined && now - typing.at < TYPING_PAUSE;
  if (goesOn && typing.letters === letter) return { typing: { letters: letter, at: now }, again: true };
  const letters = goesOn ? typing.letters + letter : letter;
  return { typing: { letters, at: now }, again: letters.length === 1 };
}
