import { app, protocol, session, type Session, type WebContents } from 'electron';
import type { ServedFile } from '../engine/looking/served-file.ts';
import { isOwnAddress, pagesOf, SCHEME } from './pages.ts';

/** What no window of Replug may do, whatever its page asks for. Set up before the first window exists. */

/** To be called before Electron is ready; later is too late for both settings. */
export function guardBeforeReady(): void {
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    // `stream`: video and audio are played in ranges
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/**
 * Serves Replug’s own pages to the window, and what is looked at in it, and refuses everything else: permissions, the network, other pages. Call it
 * once Electron is ready, before the first window.
 */
export function guardSession(
  rendererFolder: string,
  look: (pathname: string) => ServedFile | undefined,
  log: (line: string) => void,
): void {
  const own = session.defaultSession;
  own.protocol.handle(SCHEME, pagesOf(rendererFolder, look));
  refusePermissions(own);
  // Blocks every network request: pages, scripts, images. The page's content security policy does the same.
  own.webRequest.onBeforeRequest((details, answer) => {
    const allowed = isOwnAddress(details.url) || /^(data|blob|devtools):/.test(details.url);
    if (!allowed) log(`a request was refused: ${details.url.slice(0, 200)}`);
    answer({ cancel: !allowed });
  });
  app.on('web-contents-created', (_event, contents) => guardContents(contents, log));
}

/** Only copying a fix to the clipboard with its button; no other permission is ever granted. */
const isGranted = (permission: string, address: string): boolean =>
  permission === 'clipboard-sanitized-write' && isOwnAddress(address);

function refusePermissions(own: Session): void {
  own.setPermissionRequestHandler((contents, permission, answer) => answer(isGranted(permission, contents.getURL())));
  own.setPermissionCheckHandler((_contents, permission, origin) => isGranted(permission, `${origin}/`));
  own.setDevicePermissionHandler(() => false);
}

function guardContents(contents: WebContents, log: (line: string) => void): void {
  contents.setWindowOpenHandler(({ url }) => {
    log(`a new window was refused: ${url.slice(0, 200)}`);
    return { action: 'deny' };
  });
  // covers frames inside the page too: a window never leaves its own address
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
