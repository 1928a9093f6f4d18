import { create } from 'zustand';
import type { CommandArgument, CommandName, CommandReply, Reply } from '../../shared/contract.ts';
import type { DevicesSnapshot, HostInfo, Settings, TransfersSnapshot } from '../../shared/snapshots.ts';
import { bridge } from '../bridge/current.ts';
import { tell } from './notices.ts';

/** The last snapshots of what every view needs. The truth is the engine's; this is the picture of it. */
interface Host {
  readonly connection: 'connecting' | 'connected' | 'lost';
  readonly lostSince: number | undefined;
  readonly info: HostInfo | undefined;
  readonly devices: DevicesSnapshot | undefined;
  readonly transfers: TransfersSnapshot;
  readonly settings: Settings | undefined;
}

export const useHost = create<Host>()(() => ({
  connection: 'connecting',
  lostSince: undefined,
  info: undefined,
  devices: undefined,
  transfers: { session: 'idle', transfers: [], speedHistory: [] },
  settings: undefined,
}));

export const isMac = (): boolean => useHost.getState().info?.platform === 'darwin';

/** A command whose failure is said to the user; the caller only needs to know whether to go on. */
export async function run<N extends CommandName>(
  name: N,
  argument: CommandArgument<N>,
): Promise<Reply<CommandReply<N>>> {
  const reply = await bridge.command(name, argument);
  if (!reply.ok) tell(reply.error);
  return reply;
}

export function startHost(): void {
  const set = useHost.setState;
  bridge.onConnection((state) => {
    set({ connection: state, lostSince: state === 'lost' ? (useHost.getState().lostSince ?? Date.now()) : undefined });
    if (state === 'connected')
      void bridge.command('hostInfo', undefined).then((reply) => {
        if (reply.ok) set({ info: reply.value });
        else tell(reply.error);
      });
  });
  bridge.subscribe('devices', undefined, ({ snapshot }) => set({ devices: snapshot }), tell);
  bridge.subscribe('transfers', undefined, ({ snapshot }) => set({ transfers: snapshot }), tell);
  bridge.subscribe('settings', undefined, ({ snapshot }) => set({ settings: snapshot }), tell);
}
