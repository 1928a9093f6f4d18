import type { Brand, Instant, PhonePlace } from './domain.ts';
import type { Problem } from './errors.ts';

/** Opening files of a phone with programs of the computer, and looking at them in the window. */

/** Identity of a copy that was fetched to be opened; the same when the program is started again. */
export type CopyId = Brand<string, 'CopyId'>;

/** A copy that is being fetched, or one that can be edited; sizes in bytes. */
export interface CopyView {
  readonly id: CopyId;
  /** The file on the phone. */
  readonly place: PhonePlace;
  /** Its name on the phone. */
  readonly name: string;
  readonly size: number;
  /** Bytes fetched so far. */
  readonly fetched: number;
  /** `away`: the phone is not there, and fetching goes on when it is back. */
  readonly state: 'fetching' | 'away' | 'checking' | 'ready';
  readonly editable: boolean;
  /** It was saved since it was fetched or sent back, and is not on its way to the phone now. */
  readonly changed: boolean;
}

/** What the stream `copies` shows: whatever is being fetched, and all copies that can be edited. */
export interface CopiesSnapshot {
  readonly copies: readonly CopyView[];
}

/** What is looked at, as far as it is known. */
export type LookSnapshot =
  | { readonly kind: 'opening' }
  | { readonly kind: 'failed'; readonly problem: Problem }
  /** `address` is relative to the window's page and lasts as long as the subscription. */
  | (LookFacts & { readonly kind: 'picture' | 'video' | 'audio'; readonly address: string })
  /** `text` is the beginning of the file; `whole`: all of it. */
  | (LookFacts & {
      readonly kind: 'text';
      readonly text: string;
      readonly encoding: TextEncoding;
      readonly whole: boolean;
    })
  /** Nothing of it can be shown. */
  | (LookFacts & { readonly kind: 'facts' });

interface LookFacts {
  /** Bytes. */
  readonly size: number;
  readonly modified: Instant | undefined;
}

/** How a text is encoded, by the name that is shown. */
export type TextEncoding = 'UTF-8' | 'UTF-16 LE' | 'UTF-16 BE' | 'Windows-1252';
