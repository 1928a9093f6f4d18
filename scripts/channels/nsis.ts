import { createHash } from 'node:crypto';

/** electron-builder's namespace for the ids of NSIS installers (NsisTarget.js). */
const NAMESPACE = '50e065bc-3134-11e6-9bab-38c9862bdaf3';

/** The name under which an installer made by electron-builder registers itself: a UUID, version 5, of the app's id. */
export function uninstallKey(appId: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(appId)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
