import type { Bridge } from '../../shared/contract.ts';
import type { WindowRequest } from '../../shared/window-requests.ts';
import { electronBridge } from './electron.ts';
import { loopbackBridge } from './loopback.ts';
import { takeToken } from './token.ts';

/** The only bridge of this window: Electron's if its preload script is present, otherwise the loopback one. */
export const bridge: Bridge =
  window.replug === undefined
    ? loopbackBridge(location, takeToken(location, history, sessionStorage))
    : electronBridge(window.replug);

/** Starts a drag out of the window; `undefined` where the host cannot do that. */
export const startDrag: ((paths: readonly string[]) => void) | undefined = window.replug?.startDrag?.bind(
  window.replug,
);

/** Subscribes to requests from the desktop (menus, opened files). Never called in a browser. */
export const onRequest: ((listener: (request: WindowRequest) => void) => () => void) | undefined =
  window.replug?.onRequest?.bind(window.replug);
