import type { Phone, StorageId } from '../../electron/mtp/index.ts';

/** What a session does to a phone; each action uses what the phone has reported so far. */

export const EVERY_ACTION = [
  'storages',
  'list-root',
  'list-folder',
  'read-chunk',
  'read-whole',
  'thumbnail',
  'write-whole',
  'write-in-place',
  'make-folder',
  'rename',
  'delete',
  'battery',
  'free-space',
] as const;
export type Action = (typeof EVERY_ACTION)[number];

const bytes = new Uint8Array(700).fill(0x52);

export async function perform(phone: Phone, action: Action): Promise<void> {
  const storage = async (): Promise<StorageId> => (await phone.storages())[0]?.id ?? (0x10001 as StorageId);
  const file = async (id: StorageId) => (await phone.list(id, 'root')).find((object) => object.kind === 'file');
  switch (action) {
    case 'storages':
      await phone.storages();
      return;
    case 'list-root':
      await phone.list(await storage(), 'root');
      return;
    case 'list-folder': {
      const id = await storage();
      const folder = (await phone.list(id, 'root')).find((object) => object.kind === 'folder');
      if (folder !== undefined) await phone.list(id, folder.handle);
      return;
    }
    case 'read-chunk': {
      const found = await file(await storage());
      if (found !== undefined && found.size > 0) await phone.readChunk(found, 0, Math.min(found.size, 4096));
      return;
    }
    case 'read-whole': {
      const found = await file(await storage());
      if (found !== undefined) await phone.readWhole(found, () => undefined);
      return;
    }
    case 'thumbnail': {
      const found = await file(await storage());
      if (found !== undefined) await phone.thumbnail(found.handle);
      return;
    }
    case 'write-whole': {
      const id = await storage();
      await phone.writeWhole(id, 'root', { name: 'w', size: bytes.byteLength, modified: 1e12 }, [bytes]);
      return;
    }
    case 'write-in-place': {
      const id = await storage();
      const handle = await phone.createEmpty(id, 'root', { name: 'p', modified: undefined });
      await phone.beginEdit(handle);
      await phone.writeChunk(handle, 0, bytes);
      await phone.truncate(handle, 100);
      await phone.endEdit(handle);
      await phone.sizeOf(handle);
      return;
    }
    case 'make-folder':
      await phone.makeFolder(await storage(), 'root', 'f');
      return;
    case 'rename': {
      const found = await file(await storage());
      if (found !== undefined) await phone.rename(found.handle, 'renamed');
      return;
    }
    case 'delete': {
      const found = await file(await storage());
      if (found !== undefined) await phone.delete(found.handle, () => true);
      return;
    }
    case 'battery':
      await phone.battery();
      return;
    case 'free-space':
      await phone.freeSpace(await storage());
      return;
  }
}
