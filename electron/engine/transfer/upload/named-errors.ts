import { PhoneError, isPhoneError } from '../../../../shared/errors.ts';
import { isTemporaryName } from '../../devices/temporary-name.ts';
import type { ItemRun } from '../../model/item-run.ts';

/** Runs `work`; what it rejects with is about the file that a person knows, never about a temporary name. */
export async function named<T>(run: ItemRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isPhoneError(error)) throw error;
    const { subject } = error.problem;
    if (subject === undefined || !isTemporaryName(subject)) throw error;
    throw new PhoneError({ ...error.problem, subject: run.row.name }, { cause: error });
  }
}
