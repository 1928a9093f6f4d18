import type { DeviceState } from '../../../shared/domain.ts';
import { LADDER_START, nextStep, type DeviceBus, type LadderPosition, type OpenPhoneOptions } from '../../mtp/index.ts';
import type { EngineClock } from '../api.ts';

/** At the top of the ladder the user is asked to replug; meanwhile the phone is tried again at this pace. */
const TOP_GAP_MS = 30_000;
/** A timer's longest. */
const AT_REST_MS = 2 ** 31 - 1;

/** What is to be done before a phone is opened again. */
export type Preparations = NonNullable<OpenPhoneOptions['before']>;

/** Whoever climbs: the device that has fallen silent. */
export interface Climber {
  readonly clock: EngineClock;
  /** It was unplugged, the program ends, or somebody else is to have the phone. */
  readonly isOver: () => boolean;
  /** The user stopped the recovery. */
  readonly isResting: () => boolean;
  readonly show: (state: DeviceState) => void;
  /** Resolves early where something has happened. */
  readonly pause: (ms: number) => Promise<void>;
  readonly open: () => ReturnType<DeviceBus['open']>;
}

/** Climbs the recovery ladder up to its next attempt to open the phone. `running`: an operation was on the wire. Never rejects. */
export async function climb(
  climber: Climber,
  from: LadderPosition,
  running: boolean,
): Promise<[position: LadderPosition, before: Preparations]> {
  const { clock, show, pause } = climber;
  let position = from;
  while (!climber.isOver()) {
    if (climber.isResting()) {
      show({ kind: 'recovering', step: 'rest', nextTryAt: undefined });
      await pause(AT_REST_MS);
      if (climber.isResting()) continue;
      return [LADDER_START, []];
    }
    const next = nextStep(position, running);
    position = next.position;
    const { name, action } = next.step;
    const tell = (ms: number | undefined): void =>
      show({ kind: 'recovering', step: name, nextTryAt: ms === undefined ? undefined : clock.now() + ms });
    switch (action.kind) {
      case 'wait':
        tell(action.milliseconds);
        await pause(action.milliseconds);
        break;
      case 'open':
        tell(0);
        return [position, action.before];
      case 'reset':
        tell(0);
        await reset(climber);
        break;
      case 'ask-user':
        tell(undefined);
        await pause(TOP_GAP_MS);
        return [position, []];
    }
  }
  return [position, []];
}

async function reset({ open }: Climber): Promise<void> {
  try {
    const transport = await open();
    await transport.reset().finally(() => transport.close());
  } catch {
    // what it led to shows at the next attempt
  }
}
