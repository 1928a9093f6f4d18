import { isAnonymous, type DeviceKey } from '../../../shared/domain.ts';
import type { EngineContext } from '../context.ts';
import { Alarm } from '../model/alarm.ts';

/** What waiting for a phone needs of the engine. */
export type ReadyContext = Pick<EngineContext, 'registry' | 'clock' | 'limits'>;

/**
 * Resolves when it is worth asking the phone again: it is ready, the signal aborted, or it is one that nothing identifies,
 * has gone and will be another one when it comes back. `refused`: it was asked while it was there, and refused (it is
 * locked, or its card is out); then something has changed about it, or a while has passed.
 */
export async function untilReady(
  { registry, clock, limits }: ReadyContext,
  device: DeviceKey,
  refused: boolean,
  signal: AbortSignal,
): Promise<void> {
  const isHere = (): boolean => registry.devices.some(({ key, state }) => key === device && state.kind !== 'gone');
  const isOver = (): boolean =>
    signal.aborted || registry.connection(device) !== undefined || (isAnonymous(device) && !isHere());
  let mayAsk = !refused;
  while (!mayAsk || !isOver()) {
    const changed = new Alarm();
    const ring = (): void => {
      changed.ring();
    };
    const stop = [registry.onReady(ring), registry.onChange(ring)];
    signal.addEventListener('abort', ring, { once: true });
    if (signal.aborted) ring();
    await clock.sleep(limits.lookAgainMs, changed);
    signal.removeEventListener('abort', ring);
    for (const end of stop) end();
    mayAsk = true;
  }
}
