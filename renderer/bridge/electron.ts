import type { Bridge, DroppedFile, FromHost, Reply, ToHost } from '../../shared/contract.ts';
import { localPath, type LocalPath } from '../../shared/domain.ts';
import type { Problem } from '../../shared/errors.ts';
import type { WindowRequest } from '../../shared/window-requests.ts';
import { BridgeClient } from './client.ts';

/** The API that Electron's preload script puts on `window`. */
export interface PreloadApi {
  send(message: ToHost): void;
  onMessage(listener: (message: FromHost) => void): () => void;
  /** Paths of dropped files; '' for a file that is not on the disk. */
  pathsOf(files: readonly File[]): readonly string[];
  /** Starts dragging files that are on the disk out of the window. */
  startDrag?(paths: readonly string[]): void;
  /** Menu commands, and files the system asks Replug to open. */
  onRequest?(listener: (request: WindowRequest) => void): () => void;
}

declare global {
  interface Window {
    readonly replug?: PreloadApi;
  }
}

/**
 * The engine over Electron IPC. It counts as connected from the start; dropped files need no upload, so progress is
 * not told.
 */
export function electronBridge(api: PreloadApi): Bridge {
  const client = new BridgeClient((message) => api.send(message));
  api.onMessage((message) => client.receive(message));
  client.connected();
  return {
    command: (name, argument) => client.command(name, argument),
    subscribe: (name, argument, listener, refused) => client.subscribe(name, argument, listener, refused),
    onConnection: (listener) => client.onConnection(listener),
    acceptDrop: (files, _onProgress, onProblem) => Promise.resolve(pathsOf(api, files, onProblem)),
  };
}

function pathsOf(
  api: PreloadApi,
  files: readonly DroppedFile[],
  onProblem: ((problem: Problem) => void) | undefined,
): Reply<readonly LocalPath[]> {
  const dropped = files.filter((one) => one.file !== undefined);
  const paths = api.pathsOf(dropped.map((one) => one.file as File));
  const found = new Set<LocalPath>();
  dropped.forEach((one, index) => {
    const path = paths[index] ?? '';
    if (path !== '') found.add(localPath(rootOf(path, one.path)));
    else
      onProblem?.({ kind: 'source-missing', operation: 'drop', detail: 'no path on this computer', subject: one.path });
  });
  return { ok: true, value: [...found] };
}

/** The browser's folder chooser returns files only. This derives the folder's path from one of them. */
export function rootOf(path: string, below: string): string {
  const inside = below.indexOf('/');
  return inside === -1 ? path : path.slice(0, path.length - (below.length - inside));
}
