import { create } from 'zustand';
import type { SyncSnapshot } from '../../shared/sync.ts';
import { bridge } from '../bridge/current.ts';
import { tell } from './notices.ts';

/** The last picture of the folder pairs; watched only while somebody looks at it. */
export const useSync = create<{ readonly sync: SyncSnapshot | undefined }>()(() => ({ sync: undefined }));

export const watchSync = (): (() => void) =>
  bridge.subscribe('sync', undefined, ({ snapshot }) => useSync.setState({ sync: snapshot }), tell);
