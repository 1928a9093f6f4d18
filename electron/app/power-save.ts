import { powerMonitor, powerSaveBlocker } from 'electron';

/** Keeps the computer awake while bytes move, and only then. The screen may go dark. */
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

export interface PowerNews {
  /** Woken up: the cable may be another, and what was open may be dead. */
  readonly onResume: () => void;
  /** The system goes down (Linux, macOS): the last moment to finish what is on the wire. */
  readonly onShutdown: (event: { preventDefault(): void }) => void;
}

export function watchPower({ onResume, onShutdown }: PowerNews): void {
  powerMonitor.on('resume', onResume);
  // Electron's types leave out that this one event can be held up
  powerMonitor.on('shutdown', ((event: { preventDefault(): void }) => onShutdown(event)) as () => void);
}
