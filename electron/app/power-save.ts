import { powerMonitor, powerSaveBlocker } from 'electron';

/** Keeps the computer awake while files are moved or compared, only. The screen may turn off. */
export class PowerSaveBlocker {
  #blocker: number | undefined;

  set(wanted: boolean): void {
    if (wanted === (this.#blocker !== undefined)) return;
    if (this.#blocker === undefined) this.#blocker = powerSaveBlocker.start('prevent-app-suspension');
    else {
      powerSaveBlocker.stop(this.#blocker);
      this.#blocker = undefined;
    }
  }
}

/** What Replug does when the computer wakes up or shuts down. */
export interface PowerNews {
  /** The computer woke up: the cable may be another one, and open connections may be dead. */
  readonly onResume: () => void;
  /** The system shuts down (Linux, macOS): the last chance to finish the chunk in flight. */
  readonly onShutdown: (event: { preventDefault(): void }) => void;
}

/** Listens to the computer’s power events for the rest of the process. */
export function watchPower({ onResume, onShutdown }: PowerNews): void {
  powerMonitor.on('resume', onResume);
  // Electron's types omit that this event can be delayed
  powerMonitor.on('shutdown', ((event: { preventDefault(): void }) => onShutdown(event)) as () => void);
}
