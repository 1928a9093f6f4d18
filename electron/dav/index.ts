/**
 * The drive: phones as a WebDAV server (RFC 4918, classes 1 and 2) on 127.0.0.1, which every other program can use.
 *
 * May import: `engine`, `shared`, `saxes`.
 *
 * Invariant: only a program on this computer that knows the address of this run reaches a phone, and no file of it is
 * replaced before its successor is whole on the phone.
 *
 * Begin reading with `server.ts` (who is let in), then `methods.ts` (what each method does) and `drive.ts` (which address is
 * which file).
 */
export { startDrive, type DriveServer } from './server.ts';
export { ShownDrive } from './shown-drive.ts';
export { offersDrive, showDriveCommand } from './show-command.ts';
