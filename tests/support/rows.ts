import { deviceKey, localPath, phonePath, storageKey, transferId } from '../../shared/domain.ts';
import type { NewItem, TransferRow } from '../../electron/engine/model/transfer-store.ts';

/** Complete rows for tests: a transfer and an item of it. A test overrides the fields it is about. */

export const DEVICE = deviceKey('Maker', 'S1');
export const STORAGE = storageKey(3, 'Internal storage', 64e9);

export const transferRow = (id: string, change: Partial<TransferRow> = {}): TransferRow => ({
  id: transferId(id),
  direction: 'upload',
  device: DEVICE,
  deviceName: 'Phone',
  storage: STORAGE,
  storageName: 'Internal storage',
  destination: '/Download',
  sources: { kind: 'local', paths: [localPath('/home/me/Fotos')] },
  title: `Title ${id}`,
  options: { onConflict: 'ask', onName: 'legal', verify: 'sampled', large: 'resumable', move: false },
  position: 1,
  createdAt: 1000.25,
  planned: false,
  planFailed: false,
  targetMount: undefined,
  targetSeen: false,
  doubted: false,
  intent: 'run',
  finishedAt: undefined,
  removed: false,
  conflictAnswer: undefined,
  nameAnswer: undefined,
  bytesMoved: 0,
  bytesResent: 0,
  ...change,
});

export const newItem = (name: string, size = 10, change: Partial<NewItem> = {}): NewItem => ({
  kind: 'file',
  name,
  local: localPath(`/home/me/${name}`),
  storage: STORAGE,
  phone: phonePath(`/Download/${name}`),
  size,
  modified: 123.5,
  ...change,
});
