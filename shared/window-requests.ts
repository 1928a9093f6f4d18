import type { LocalPath } from './domain.ts';

/**
 * What the desktop asks of a window, besides the contract. Only Electron has menus and receives files from the
 * system; a browser window gets none of this.
 */

/** Menu entries that the window executes, named like its own keyboard commands. */
export const MENU_COMMANDS = [
  'back',
  'forward',
  'up',
  'filter',
  'find',
  'new-folder',
  'upload',
  'save',
  'refresh',
  'hidden',
  'list',
  'grid',
  'inspector',
  'drawer',
  'history',
  'settings',
  'shortcuts',
  'report-phone',
] as const;
/** One of `MENU_COMMANDS`. */
export type MenuCommand = (typeof MENU_COMMANDS)[number];

/** What the main process sends a window: a command of the menu, or paths to send to a phone. */
export type WindowRequest =
  | { readonly kind: 'perform'; readonly command: MenuCommand }
  /** Files passed to Replug from outside its window: “Send to”, “Open with”, a second start with paths. */
  | { readonly kind: 'send'; readonly paths: readonly LocalPath[] };
