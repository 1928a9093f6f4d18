import type { Device, Holder } from '../../shared/domain.ts';
import { describeProblem, type Problem } from '../../shared/errors.ts';
import type { Output } from './output.ts';
import { printable } from './text.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** What stands between Replug and a phone that is plugged in; the person can put it out of the way. */
export interface Obstacle {
  readonly kind: 'held' | 'locked' | 'forbidden';
  readonly what: string;
  readonly remedy: string;
  readonly holder: Holder | undefined;
}

/** What keeps a phone in this state from being used; `undefined` where nothing does that a person could change. */
export function obstacleOf({ state }: Device): Obstacle | undefined {
  const described = (kind: Obstacle['kind'], more: Pick<Problem, 'holder' | 'fault' | 'advice'>) =>
    describeProblem({ kind, operation: '', detail: '', ...more });
  switch (state.kind) {
    case 'held': {
      const { holder, fault } = state;
      const { what } = described('held', { holder, fault });
      // whoever waits need not try again: Replug does
      return {
        kind: 'held',
        what,
        remedy: fault === undefined ? terminalWords.wait.release : terminalWords.wait.shared,
        holder,
      };
    }
    case 'locked':
      return { kind: 'locked', ...described('locked', {}), holder: undefined };
    case 'forbidden':
      return { kind: 'forbidden', ...described('forbidden', { advice: state.advice }), holder: undefined };
    default:
      return undefined;
  }
}

/** Why no phone, or none of that name, is shown. */
export const noDevices = (wanted: string | undefined): Problem => ({
  kind: 'no-phone',
  operation: 'devices',
  detail: '',
  subject: wanted,
});

/** In one line, for a person. */
export const obstacleText = (device: Device, { what, remedy }: Obstacle): string =>
  printable(terminalWords.wait.obstacle({ device: device.name, what, remedy }));

/** Tells a program what each phone is waited for, once each time it changes. */
export class ObstacleLines {
  readonly #output: Output;
  readonly #told = new Map<string, string>();

  constructor(output: Output) {
    this.#output = output;
  }

  /** Gives those that were not told before. */
  tell(devices: readonly Device[]): readonly string[] {
    return devices.flatMap((device) => {
      const obstacle = obstacleOf(device);
      const text = obstacle === undefined ? undefined : obstacleText(device, obstacle);
      if (this.#told.get(device.key) === text) return [];
      if (obstacle === undefined || text === undefined) {
        // a moment in between, in which it is tried again, is no news
        if (device.state.kind !== 'opening') this.#told.delete(device.key);
        return [];
      }
      this.#told.set(device.key, text);
      this.#output.event('waiting', {
        phone: device.name,
        serial: device.serial,
        for: obstacle.kind,
        holder: obstacle.holder,
        message: obstacle.what,
        remedy: obstacle.remedy,
      });
      return [text];
    });
  }
}
