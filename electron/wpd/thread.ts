import type { BlockingDriver, Outcome } from './driver.ts';
import type { ListedDevice } from './device-names.ts';

/** What the worker thread is asked and what it says: the words between `client.ts` and `worker.ts`. */

/** Which of a phone's two drivers a call is for. */
export type Route = 'raw' | 'content';

/** A request; each has a number, which its answer has as well. */
export type Request =
  | { readonly number: number; readonly ask: 'list' }
  | { readonly number: number; readonly ask: 'open'; readonly id: string; readonly version: string }
  | { readonly number: number; readonly ask: 'vendor-operations'; readonly device: number }
  | { readonly number: number; readonly ask: 'close'; readonly device: number }
  /** Of another thread, which must keep the device until this is answered. */
  | { readonly number: number; readonly ask: 'cancel'; readonly pointer: bigint }
  | {
      readonly number: number;
      readonly ask: 'call';
      readonly device: number;
      readonly route: Route;
      readonly call: keyof BlockingDriver;
      readonly args: readonly unknown[];
    };

/** What each request is answered with. */
export interface Replies {
  readonly list: readonly ListedDevice[];
  /** With a number for the device and its address, where it is open. */
  readonly open: Outcome & { readonly device?: number; readonly pointer?: bigint };
  readonly 'vendor-operations': readonly number[] | undefined;
  readonly close: undefined;
  /** The HRESULT. */
  readonly cancel: number;
  readonly call: ReturnType<BlockingDriver[keyof BlockingDriver]>;
}

/** What the thread says by itself or in answer. */
export type Message =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly hresult: number; readonly what: string }
  /** An event container of the phone's, made of what Windows reports. */
  | { readonly event: Uint8Array; readonly device: number }
  | { readonly removed: number };
