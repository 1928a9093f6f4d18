import { parentOf } from '../../../shared/domain.ts';
import type { EngineContext } from '../context.ts';
import type { ItemRow } from '../model/transfer-store.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';

/** How long a shown folder waits for more to arrive before it is told, milliseconds. */
const ARRIVALS_MS = 300;

/** Tells shown folders of what arrived in them: soon, and once for many small files. */
export class Arrivals {
  readonly #context: EngineContext;
  readonly #browser: PhoneBrowser;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(context: EngineContext, browser: PhoneBrowser) {
    this.#context = context;
    this.#browser = browser;
  }

  add(row: ItemRow): void {
    const folder = parentOf(row.phone);
    const key = `${row.transfer}\n${folder}`;
    if (this.#timers.has(key)) return;
    const transfer = this.#context.store.transfer(row.transfer);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      // a download changes the phone only where it moves
      if (transfer === undefined || (transfer.direction === 'download' && !transfer.options.move)) return;
      this.#context.guard('arrivals', () => {
        this.#browser.changed(transfer.device, folder);
      });
    }, ARRIVALS_MS);
    timer.unref();
    this.#timers.set(key, timer);
  }
}
