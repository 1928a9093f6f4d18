import { ipcMain, type IpcMainEvent, type WebContents } from 'electron';
import type { FromHost } from '../../shared/contract.ts';
import type { WindowRequest } from '../../shared/window-requests.ts';
import type { BridgeConnection, BridgeHost } from '../engine/bridge-host.ts';
import { CONTRACT, DRAG, REQUESTS } from './channels.ts';
import { isOwnAddress } from './pages.ts';

/** Whom windows are connected to. */
export interface WireOptions {
  readonly bridge: BridgeHost;
  /** The window asks to drag files out. `paths` is unchecked input. */
  readonly drag: (contents: WebContents, paths: unknown) => void;
  readonly log: (line: string) => void;
}

interface Line {
  readonly contents: WebContents;
  connection: BridgeConnection;
  /** Whether the window listens for requests. */
  listening: boolean;
}

/**
 * Connects windows to the bridge. Accepts messages only from the main frame of a window registered here, showing our
 * own page. Their content is checked by `BridgeHost`, as for a browser.
 */
export class Wire {
  readonly #options: WireOptions;
  readonly #lines = new Map<number, Line>();
  #waiting: WindowRequest[] = [];

  constructor(options: WireOptions) {
    this.#options = options;
    ipcMain.on(CONTRACT, (event, message: unknown) => this.#from(event)?.connection.receive(message));
    ipcMain.on(REQUESTS, (event) => {
      const line = this.#from(event);
      if (line === undefined) return;
      line.listening = true;
      for (const request of this.#waiting.splice(0)) line.contents.send(REQUESTS, request);
    });
    ipcMain.on(DRAG, (event, paths: unknown) => {
      if (this.#from(event) !== undefined) this.#options.drag(event.sender, paths);
    });
  }

  join(contents: WebContents): void {
    const line: Line = { contents, connection: this.#connect(contents), listening: false };
    const { id } = contents;
    this.#lines.set(id, line);
    // a reloaded page restarts its message numbers, so to the engine it is a new window
    contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (!isMainFrame || isSameDocument) return;
      line.connection.close();
      line.connection = this.#connect(contents);
      line.listening = false;
    });
    contents.on('render-process-gone', () => {
      line.connection.close();
      line.listening = false;
    });
    contents.once('destroyed', () => {
      line.connection.close();
      this.#lines.delete(id);
    });
  }

  /** Sends a request to the current window, or to the next one that listens. */
  request(request: WindowRequest): void {
    const line = [...this.#lines.values()].find((one) => one.listening && !one.contents.isDestroyed());
    if (line === undefined) this.#waiting.push(request);
    else line.contents.send(REQUESTS, request);
  }

  close(): void {
    for (const line of this.#lines.values()) line.connection.close();
    this.#waiting = [];
  }

  #connect(contents: WebContents): BridgeConnection {
    return this.#options.bridge.connect((message: FromHost) => {
      if (!contents.isDestroyed()) contents.send(CONTRACT, message);
    });
  }

  #from(event: IpcMainEvent): Line | undefined {
    const { sender, senderFrame } = event;
    const line = this.#lines.get(sender.id);
    if (
      line !== undefined &&
      line.contents === sender &&
      senderFrame !== null &&
      senderFrame === sender.mainFrame &&
      isOwnAddress(senderFrame.url)
    )
      return line;
    this.#options.log(`a message from ${senderFrame?.url.slice(0, 200) ?? 'a frame that is gone'} was refused`);
    return undefined;
  }
}
