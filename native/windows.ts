import type { Advice } from '../shared/errors.ts';
import type { Native } from './native.ts';

/**
 * Windows binds phones to its own MTP driver (WPD), which shares them with nobody: libusb sees the phone and cannot
 * open it (LIBUSB_ERROR_NOT_SUPPORTED). Replug does not use that driver yet, and says so.
 */
export class WindowsNative implements Native {
  holderOf(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  cannotOpen(): Advice {
    return { id: 'windows-driver' };
  }

  forbiddenAdvice(): Advice {
    return this.cannotOpen();
  }

  release(): Promise<boolean> {
    return Promise.resolve(false);
  }

  putBack(): Promise<void> {
    return Promise.resolve();
  }
}
