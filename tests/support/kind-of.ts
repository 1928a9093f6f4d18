import { isPhoneError } from '../../shared/errors.ts';

/** The kind of the `PhoneError` that a call throws; `undefined` where it throws nothing. */
export function kindOf(act: () => void): string | undefined {
  try {
    act();
  } catch (error) {
    return isPhoneError(error) ? error.kind : String(error);
  }
  return undefined;
}
