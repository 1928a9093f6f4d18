/**
 * The only code between the window and Electron. It exposes message passing and nothing of Electron itself: no event
 * objects, no choice of channel, no `invoke`.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { FromHost, ToHost } from '../../shared/contract.ts';
import type { WindowRequest } from '../../shared/window-requests.ts';
import { CONTRACT, DRAG, REQUESTS } from './channels.ts';

type DomFile = Parameters<typeof webUtils.getPathForFile>[0];

/**
 * Calls `listener` with the messages of one channel, without Electron's event object; returns the unsubscribe
 * function.
 */
function listen<T>(channel: string, listener: (message: T) => void): () => void {
  const heard = (_event: unknown, message: T): void => listener(message);
  ipcRenderer.on(channel, heard);
  return () => {
    ipcRenderer.removeListener(channel, heard);
  };
}

contextBridge.exposeInMainWorld('replug', {
  send: (message: ToHost): void => ipcRenderer.send(CONTRACT, message),
  onMessage: (listener: (message: FromHost) => void): (() => void) => listen(CONTRACT, listener),
  pathsOf: (files: readonly DomFile[]): readonly string[] => files.map((file) => webUtils.getPathForFile(file)),
  startDrag: (paths: readonly string[]): void => ipcRenderer.send(DRAG, paths),
  onRequest: (listener: (request: WindowRequest) => void): (() => void) => {
    const end = listen(REQUESTS, listener);
    // releases the requests queued before the window listened
    ipcRenderer.send(REQUESTS);
    return end;
  },
});
