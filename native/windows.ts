import type { Holder } from '../shared/domain.ts';
import type { Native, Outside } from './native.ts';

/**
 * Windows. Phones are bound to the system's own MTP driver (WPD), which lists but does not share them: libusb sees
 * the phone and cannot open it. UsbDk, a driver installed once by an administrator, lends a phone to one program
 * while that has it open; Explorer gets it back afterwards.
 */

const USBDK_PAGE = 'https://github.com/daynix/UsbDk/releases';

/** From `sc query UsbDk`: whether the driver is installed and running. The state's number is the same in every language. */
export function usbDkState(scQuery: string): 'running' | 'stopped' | 'absent' {
  const state = /:\s*(\d)\s+[A-Z_]+/u.exec(
    scQuery.slice(Math.max(0, scQuery.search(/STATE|ÉTAT|STATUS|ESTADO|STATO/u))),
  )?.[1];
  if (!/UsbDk/iu.test(scQuery) || /\b1060\b/u.test(scQuery)) return 'absent';
  return state === '4' ? 'running' : 'stopped';
}

export class WindowsNative implements Native {
  readonly #outside: Outside;
  readonly #systemRoot: string;
  #usbDk: 'running' | 'stopped' | 'absent' = 'absent';

  constructor(outside: Outside, systemRoot: string) {
    this.#outside = outside;
    this.#systemRoot = systemRoot;
  }

  holderOf(): Promise<Holder | undefined> {
    // With UsbDk another program may have the phone, but Windows does not tell which.
    if (this.#usbDk === 'running') return Promise.resolve(undefined);
    return Promise.resolve({ program: 'Windows’ own MTP driver', pid: undefined, releasable: false });
  }

  heldFix(): string | undefined {
    switch (this.#usbDk) {
      case 'running':
        return 'Close other phone programs (Phone Link, Smart Switch, Photos) and Explorer windows that show the phone, then try again.';
      case 'stopped':
        return 'The UsbDk driver is installed but not running: restart Windows, then try again.';
      case 'absent':
        return `Install the UsbDk driver once (as an administrator) from ${USBDK_PAGE}, restart Replug and plug the phone in again. While Replug uses the phone, Explorer does not show it.`;
    }
  }

  forbiddenFix(): string {
    return this.heldFix() ?? '';
  }

  release(): Promise<boolean> {
    return Promise.resolve(false);
  }

  putBack(): Promise<void> {
    return Promise.resolve();
  }

  async wantsUsbDk(): Promise<boolean> {
    if (!(await this.#outside.exists(`${this.#systemRoot}\\System32\\UsbDkHelper.dll`))) {
      this.#usbDk = 'absent';
      return false;
    }
    const { output } = await this.#outside.run(`${this.#systemRoot}\\System32\\sc.exe`, ['query', 'UsbDk'], 5000);
    this.#usbDk = usbDkState(output);
    return this.#usbDk === 'running';
  }
}
