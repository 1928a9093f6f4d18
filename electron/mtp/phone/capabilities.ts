import type { Capabilities } from './phone-types.ts';
import type { Effects } from './quirks.ts';
import { DeviceProp, Operation } from '../wire/codes.ts';
import type { DeviceInfo } from '../wire/datasets.ts';

/**
 * What the phone can do: what it advertises at first, corrected by its first 0x2005 (Sony's Android 4.4 and 5
 * advertise edit operations and refuse them). Never keyed on "android.com": Samsung lacks the text and may have the
 * operations.
 */
export class KnownCapabilities {
  readonly #operations: Set<number>;
  readonly #battery: boolean;
  #propList: Capabilities['propList'];
  /** As they are known now; asked for with each listing. */
  #current: Capabilities | undefined;
  /** Whether a property list of all properties is worth asking for; false once the phone has refused one. */
  allProps = true;

  constructor(info: DeviceInfo, effects: Effects) {
    this.#operations = new Set(info.operations);
    this.#battery = info.deviceProps.includes(DeviceProp.BatteryLevel);
    this.#propList = this.#operations.has(Operation.GetObjectPropList) && !effects.noPropList ? 'unproven' : 'no';
  }

  supports(operation: number): boolean {
    return this.#operations.has(operation);
  }

  /** The phone answered 0x2005 (or a camera stalled, or it answered OK and did nothing): it is not asked again in this connection. */
  correct(operation: number): void {
    this.#operations.delete(operation);
    this.#current = undefined;
    if (operation === Operation.GetObjectPropList) this.#propList = 'no';
  }

  judgePropList(verdict: 'trusted' | 'no'): void {
    this.#propList = verdict;
    this.#current = undefined;
  }

  current(): Capabilities {
    this.#current ??= this.#describe();
    return this.#current;
  }

  #describe(): Capabilities {
    const has = (...operations: readonly number[]): boolean =>
      operations.every((operation) => this.#operations.has(operation));
    const write = has(Operation.SendObjectInfo, Operation.SendObject);
    const edit = write && has(Operation.SendPartialObject, Operation.BeginEditObject, Operation.EndEditObject);
    return {
      edit,
      truncate: edit && has(Operation.TruncateObject),
      partialRead: has(Operation.GetPartialObject64) ? 64 : has(Operation.GetPartialObject) ? 32 : 'none',
      rename: has(Operation.SetObjectPropValue),
      move: has(Operation.MoveObject),
      copy: has(Operation.CopyObject),
      delete: has(Operation.DeleteObject),
      write,
      thumbnails: has(Operation.GetThumb),
      propList: this.#propList,
      battery: this.#battery && has(Operation.GetDevicePropValue),
    };
  }
}
