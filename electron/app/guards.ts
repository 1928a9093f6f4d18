import { app, protocol, session, type Session, type WebContents } from 'electron';
import { isOwnAddress, pagesOf, SCHEME } from './pages.ts';

/** What no window of Replug may do, whatever its page wants. All of it is set before the first window exists. */

/** Before Electron is ready; afterwards it is too late for both. */
export function guardBeforeReady(): void {
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

export function guardSession(rendererFolder: string, log: (line: string) => void): void {
  const own = session.defaultSession;
  own.protocol.handle(SCHEME, pagesOf(rendererFolder));
  refusePermissions(own);
  // Nothing comes from the network: no page, no script, no picture. What the policy of the page says, said once more.
  own.webRequest.onBeforeRequest((details, answer) => {
    const allowed = isOwnAddress(details.url) || /^(data|blob|devtools):/.test(details.url);
    if (!allowed) log(`a request was refused: ${details.url.slice(0, 200)}`);
    answer({ cancel: !allowed });
  });
  app.on('web-contents-created', (_event, contents) => guardContents(contents, log));
}

/** The window copies a fix to the clipboard when its button is pressed; nothing else is ever granted. */
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
  // also for frames inside a page: the own address alone, and a window never leaves it
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
