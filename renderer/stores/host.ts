import { create } from 'zustand';
import type { CommandArgument, CommandName, CommandReply, Reply } from '../../shared/contract.ts';
import type { Device, DeviceKey } from '../../shared/domain.ts';
import type { DevicesSnapshot, HostInfo, Settings, TransfersSnapshot } from '../../shared/snapshots.ts';
import { bridge } from '../bridge/current.ts';
import { tell } from './notices.ts';

/**
 * The latest snapshots from the engine, shared by all views. The engine owns the state; nothing here is
 * authoritative.
 */
interface Host {
  readonly connection: 'connecting' | 'connected' | 'lost';
  readonly lostSince: number | undefined;
  readonly info: HostInfo | undefined;
  readonly devices: DevicesSnapshot | undefined;
  readonly transfers: TransfersSnapshot;
  readonly settings: Settings | undefined;
}

/** The latest snapshots from the engine, and whether it answers. */
export const useHost = create<Host>()(() => ({
  connection: 'connecting',
  lostSince: undefined,
  info: undefined,
  devices: undefined,
  transfers: { state: 'idle', transfers: [], speedHistory: [] },
  settings: undefined,
}));

/** A phone as it stands now; nothing where it is not known. */
export const useDevice = (key: DeviceKey): Device | undefined =>
  useHost((state) => state.devices?.devices.find((one) => one.key === key));

/** Whether the host, whose keyboard is assumed to be in use, runs macOS; false until it has said. */
export const isMac = (): boolean => useHost.getState().info?.platform === 'darwin';

/** Runs a command and shows its failure to the user. The result only tells the caller whether to continue. */
export async function run<N extends CommandName>(
  name: N,
  argument: CommandArgument<N>,
): Promise<Reply<CommandReply<N>>> {
  const reply = await bridge.command(name, argument);
  if (!reply.ok) tell(reply.error);
  return reply;
}

/** Subscribes to what the whole window needs; called once, when the window starts. */
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
