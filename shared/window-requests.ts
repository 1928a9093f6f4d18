import type { LocalPath } from './domain.ts';

/**
 * What the desktop asks of a window, beside the contract: only Electron has menus and is handed files by the system.
 * A browser window never hears any of it.
 */

/** Menu entries that the window carries out, named as its own keyboard commands are. */
export const MENU_COMMANDS = [
  'back',
  'forward',
  'up',
  'filter',
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
] as const;
export type MenuCommand = (typeof MENU_COMMANDS)[number];

export type WindowRequest =
  | { readonly kind: 'perform'; readonly command: MenuCommand }
  /** Files given to Replug outside its window: “Send to”, “Open with”, a second start with paths. */
  | { readonly kind: 'send'; readonly paths: readonly LocalPath[] };
