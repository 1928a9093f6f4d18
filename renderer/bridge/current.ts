import type { Bridge } from '../../shared/contract.ts';
import type { WindowRequest } from '../../shared/window-requests.ts';
import { electronBridge } from './electron.ts';
import { loopbackBridge } from './loopback.ts';
import { takeToken } from './token.ts';

/** The one bridge of this window, chosen by what is there. */
export const bridge: Bridge =
  window.replug === undefined
    ? loopbackBridge(location, takeToken(location, history, sessionStorage))
    : electronBridge(window.replug);

/** Whether files can be dragged out of the window into the system. */
export const startDrag: ((paths: readonly string[]) => void) | undefined = window.replug?.startDrag?.bind(
  window.replug,
);

/** What the desktop asks of this window; a browser asks nothing. */
export const onRequest: ((listener: (request: WindowRequest) => void) => () => void) | undefined =
  window.replug?.onRequest?.bind(window.replug);
