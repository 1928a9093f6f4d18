import { windowWords } from '../../shared/words/made/window.ts';

/** Maps key presses to commands. One table for the file pane, the menus and the list of shortcuts. */
export interface Press {
  readonly key: string;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

/** Where the arrow keys and their like move the focus. */
export type Step = 'up' | 'down' | 'left' | 'right' | 'page-up' | 'page-down' | 'first' | 'last';

/** What a key does in the file pane. `range` extends the selection, `walk` moves the focus without selecting. */
export type PaneCommand =
  | { readonly kind: 'move'; readonly step: Step; readonly range: boolean; readonly walk: boolean }
  | { readonly kind: 'type'; readonly letter: string }
  | {
      readonly kind:
        'open' | 'rename' | 'delete' | 'select-all' | 'clear' | 'toggle' | 'copy' | 'cut' | 'paste' | 'undo' | 'look';
    };

/** Commands that work wherever the focus is, except in a text field. */
export type WindowCommand =
  | 'back'
  | 'forward'
  | 'up'
  | 'filter'
  | 'find'
  | 'new-folder'
  | 'upload'
  | 'save'
  | 'refresh'
  | 'hidden'
  | 'list'
  | 'grid'
  | 'inspector'
  | 'drawer'
  | 'history'
  | 'settings'
  | 'shortcuts'
  | 'report-phone';

const STEPS: Readonly<Record<string, Step>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'first',
  End: 'last',
};

/** The command of a key in the file pane; `undefined` if it has none there. */
export function paneCommand(press: Press, mac: boolean): PaneCommand | undefined {
  const command = mac ? press.meta : press.ctrl;
  const step = STEPS[press.key];
  if (mac && press.meta && press.key === 'ArrowDown') return { kind: 'open' };
  if (step !== undefined && !press.alt && !(mac && press.meta))
    return { kind: 'move', step, range: press.shift, walk: press.ctrl && !press.shift };
  if (command && !press.alt) {
    switch (press.key.toLowerCase()) {
      case 'a':
        return press.shift ? undefined : { kind: 'select-all' };
      case 'c':
        return { kind: 'copy' };
      case 'x':
        return { kind: 'cut' };
      case 'v':
        return { kind: 'paste' };
      case 'z':
        return press.shift ? undefined : { kind: 'undo' };
      case 'backspace':
        return mac ? { kind: 'delete' } : undefined;
      case ' ':
        return { kind: 'toggle' };
      default:
        return undefined;
    }
  }
  if (press.alt || press.meta || press.ctrl) return undefined;
  switch (press.key) {
    case 'Enter':
      return { kind: mac ? 'rename' : 'open' };
    case 'F2':
      return { kind: 'rename' };
    case 'Delete':
      return { kind: 'delete' };
    case ' ':
      return { kind: 'look' };
    case 'Escape':
      return { kind: 'clear' };
    default:
      return [...press.key].length === 1 ? { kind: 'type', letter: press.key } : undefined;
  }
}

/** The command of a key anywhere in the window; `undefined` if it has none. */
export function windowCommand(press: Press, mac: boolean): WindowCommand | undefined {
  const command = mac ? press.meta : press.ctrl;
  if (press.alt && !press.ctrl && !press.meta)
    switch (press.key) {
      case 'ArrowLeft':
        return 'back';
      case 'ArrowRight':
        return 'forward';
      case 'ArrowUp':
        return 'up';
      default:
        return undefined;
    }
  if (mac && press.meta && !press.shift)
    switch (press.key) {
      case '[':
        return 'back';
      case ']':
        return 'forward';
      case 'ArrowUp':
        return 'up';
      default:
        break;
    }
  if (command && !press.alt)
    switch (press.key.toLowerCase()) {
      case 'f':
        return press.shift ? 'find' : 'filter';
      case 'n':
        return press.shift ? 'new-folder' : undefined;
      case 'u':
        return press.shift ? undefined : 'upload';
      case 's':
        return press.shift ? undefined : 'save';
      case 'r':
        return press.shift ? undefined : 'refresh';
      case 'h':
      case '.':
        // Cmd+H hides the application on a Mac.
        return mac && press.key === 'h' ? undefined : 'hidden';
      case '1':
        return 'list';
      case '2':
        return 'grid';
      case 'i':
        return press.shift ? undefined : 'inspector';
      case 'j':
        return press.shift ? undefined : 'drawer';
      case 'y':
        return 'history';
      case ',':
        return 'settings';
      case '/':
        return 'shortcuts';
      default:
        return undefined;
    }
  if (press.ctrl || press.meta || press.alt) return undefined;
  switch (press.key) {
    case 'F1':
    case '?':
      return 'shortcuts';
    case 'F5':
      return 'refresh';
    case 'Backspace':
      return 'up';
    default:
      return undefined;
  }
}

/** Key names as printed on that system's keyboards, in the language that is shown. */
export function keys(mac: boolean, ...parts: readonly string[]): string {
  const words = windowWords.shortcut;
  const signs: Readonly<Record<string, string>> = mac
    ? { Mod: '⌘', Ctrl: 'Ctrl', Shift: '⇧', Alt: '⌥', Delete: '⌘⌫', Space: words.space, Enter: words.enter }
    : {
        Mod: words.ctrl,
        Ctrl: words.ctrl,
        Shift: words.shift,
        Alt: words.alt,
        Delete: words.delete,
        Space: words.space,
        Enter: words.enter,
      };
  return parts.map((part) => signs[part] ?? part).join(mac ? '' : '+');
}

/** Shortcuts that belong together, with keys as they are printed on the keyboard. */
export interface ShortcutGroup {
  readonly title: string;
  readonly lines: readonly { readonly what: string; readonly keys: string }[];
}

/** All shortcuts for the list that the window shows. */
export function shortcutSheet(mac: boolean): readonly ShortcutGroup[] {
  const line = (what: string, ...parts: readonly string[]) => ({ what, keys: keys(mac, ...parts) });
  const words = windowWords.shortcut;
  const act = windowWords.act;
  return [
    {
      title: words.navigate,
      lines: [
        line(act.open, ...(mac ? ['Mod', '↓'] : ['Enter'])),
        line(act.parentFolder, ...(mac ? ['Mod', '↑'] : ['Alt', '↑'])),
        line(act.back, ...(mac ? ['Mod', '['] : ['Alt', '←'])),
        line(act.forward, ...(mac ? ['Mod', ']'] : ['Alt', '→'])),
        line(words.find, words.typeIt),
        line(words.filter, 'Mod', 'F'),
        line(words.phone, 'Mod', 'Shift', 'F'),
        line(act.refresh, ...(mac ? ['Mod', 'R'] : ['F5'])),
        line(words.hidden, 'Mod', mac ? '.' : 'H'),
        line(words.layouts, 'Mod', '1 / 2'),
      ],
    },
    {
      title: words.select,
      lines: [
        line(words.upDown, '↑ ↓'),
        line(words.range, 'Shift', '↑ ↓'),
        line(words.moveFocus, 'Ctrl', '↑ ↓'),
        line(words.toggle, mac ? 'Mod' : 'Ctrl', 'Space'),
        line(words.all, 'Mod', 'A'),
        line(act.look, 'Space'),
        line(act.details, 'Mod', 'I'),
      ],
    },
    {
      title: words.files,
      lines: [
        line(windowWords.toolbar.upload, 'Mod', 'U'),
        line(act.saveTo, 'Mod', 'S'),
        line(act.newFolder, 'Mod', 'Shift', 'N'),
        line(act.rename, mac ? 'Enter' : 'F2'),
        line(words.clipboard, 'Mod', 'C / X / V'),
        line(act.delete, 'Delete'),
        line(words.undo, 'Mod', 'Z'),
      ],
    },
    {
      title: words.window,
      lines: [
        line(windowWords.transfer.label, 'Mod', 'J'),
        line(windowWords.place.history, 'Mod', 'Y'),
        line(windowWords.place.settings, 'Mod', ','),
        line(words.here, 'F1'),
      ],
    },
  ];
}
