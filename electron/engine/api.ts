import type {
  DeviceKey,
  Direction,
  Instant,
  LocalPath,
  PhonePlace,
  StorageKey,
  TransferId,
  TransferOptions,
} from '../../shared/domain.ts';
import type {
  CommandArgument,
  CommandName,
  CommandReply,
  Snapshots,
  StreamArgument,
  StreamName,
} from '../../shared/contract.ts';
import type { CatalogueCommandName } from '../../shared/catalogue-contract.ts';
import type { PhotoCommandName } from '../../shared/photos-contract.ts';
import type { SyncCommandName } from '../../shared/sync-contract.ts';
import type { QueueState, TransferView } from '../../shared/snapshots.ts';
import type { Clock } from '../mtp/index.ts';
import type { SleepSignal } from './model/alarm.ts';
import type { NewItem, SecondPlace } from './model/transfer-store.ts';

/** Time comes in as an argument, so that tests own it. */
export interface EngineClock {
  /** The date: what is shown and stored. It may jump either way at any moment, so no duration is measured by it. */
  now(): Instant;
  /** Milliseconds that only run forward: for intervals, deadlines and speeds. Only differences mean something. */
  monotonic(): number;
  /** An aborted sleep ends early and resolves: who sleeps looks at the signal afterwards anyway. */
  sleep(ms: number, signal?: SleepSignal): Promise<void>;
}

/** The real clock. */
export const systemClock: EngineClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end, { once: true });
    }),
};

/** The clock as the protocol takes it, which measures durations and knows no dates. */
export const protocolClock = (clock: EngineClock): Clock => ({
  now: () => clock.monotonic(),
  sleep: (ms) => clock.sleep(ms),
});

/** Commands the engine itself answers; the others belong to the host (see `HOST_COMMANDS`). */
export type HostCommandName =
  | 'hostInfo'
  | 'listLocal'
  | 'pickLocal'
  | 'openCopy'
  | 'reveal'
  | 'showDrive'
  | 'startVirtual'
  | 'plugVirtual'
  | 'stopVerification'
  | 'phoneReport'
  | 'firstChecks'
  | 'quitProgram'
  | 'diagnostics';
/** The commands that the program around the engine answers, for the bridge to tell them from the engine’s. */
export const HOST_COMMANDS: readonly HostCommandName[] = [
  'hostInfo',
  'listLocal',
  'pickLocal',
  'openCopy',
  'reveal',
  'showDrive',
  'startVirtual',
  'plugVirtual',
  'stopVerification',
  'phoneReport',
  'firstChecks',
  'quitProgram',
  'diagnostics',
];
/** Streams the engine tells: those of the contract less those of the catalogue, and comparisons. */
export type EngineStreamName = Exclude<StreamName, 'catalogue' | 'search' | 'verification'>;
/** Commands of folder sync, the catalogue and photos: answered by rooms of their own, which the host brings along. */
export type RoomCommandName = SyncCommandName | CatalogueCommandName | PhotoCommandName;
/** Commands the engine answers: those of the contract less those of the host and of other rooms. */
export type EngineCommandName = Exclude<CommandName, HostCommandName | RoomCommandName>;

/** Something a host may want to tell the user about. */
export type EngineNotice =
  | { readonly kind: 'transfer-finished'; readonly transfer: TransferView }
  | { readonly kind: 'phone-needed'; readonly transfer: TransferView }
  | { readonly kind: 'question'; readonly transfer: TransferView }
  /** A person has said that the phone kept as `from` is the one attached as `to`. */
  | { readonly kind: 'phone-identified'; readonly from: DeviceKey; readonly to: DeviceKey }
  /** The same of one storage of a phone. */
  | {
      readonly kind: 'storage-identified';
      readonly device: DeviceKey;
      readonly from: StorageKey;
      readonly to: StorageKey;
    };

/**
 * The façade. It routes; it knows no protocol word, no SQL word, no sentence for a person.
 * Calls throw `PhoneError`; hosts turn that into data.
 */
export interface EngineApi {
  /** Restores the queue (whatever was active waits for its phone) and begins to watch the bus. */
  start(): Promise<void>;
  execute<N extends EngineCommandName>(name: N, argument: CommandArgument<N>): Promise<CommandReply<N>>;
  /** Calls `listener` with the present snapshot at once (before returning), then with newer ones, at most ten a second. */
  watch<N extends EngineStreamName>(
    name: N,
    argument: StreamArgument<N>,
    listener: (snapshot: Snapshots[N]) => void,
  ): () => void;
  onNotice(listener: (notice: EngineNotice) => void): () => void;
  readonly queueState: QueueState;
  /** Bytes are moving right now: for the host's power-save blocker. */
  readonly moving: boolean;
  /**
   * Finishes the chunks on the wire, stores the state, closes phones and the bus. At most `limitMs`
   * (default 30 s); afterwards everything is resumable in any case.
   */
  stop(limitMs?: number): Promise<void>;

  /** For the terminal: as `upload` and `download` of `execute`, but also says whether it continued one under way. */
  enqueue(request: EnqueueRequest): Promise<{ readonly transfer: TransferId; readonly continued: boolean }>;
  /** Resolves when every item of the transfer is done, failed, cancelled, paused or cannot go on now; with the view then. */
  settled(transfer: TransferId, options: SettleOptions): Promise<TransferView>;
  /** Resolves with a phone that is ready, by serial or (beginning of the) name; without `wanted`, the only or first one. Rejects with `no-phone`, `locked`, `held`, `forbidden` … after `waitMs`. */
  waitForDevice(wanted: string | undefined, waitMs: number): Promise<DeviceKey>;
}

/**
 * A transfer as the terminal asks for it: sources on one side, a folder on the other. Options left out have their
 * defaults.
 */
export type EnqueueRequest =
  | {
      readonly direction: Extract<Direction, 'upload'>;
      readonly sources: readonly LocalPath[];
      readonly to: PhonePlace;
      readonly options?: Partial<TransferOptions>;
    }
  | {
      readonly direction: Extract<Direction, 'download'>;
      readonly sources: readonly PhonePlace[];
      readonly to: LocalPath;
      readonly options?: Partial<TransferOptions>;
    };

/** A transfer whose files were chosen one by one; see `Engine.enqueueItems`. */
export interface ItemsRequest {
  readonly direction: Direction;
  readonly device: DeviceKey;
  readonly storage: StorageKey;
  /** Upload: a phone folder. Download: a local folder; nothing is written outside it. */
  readonly destination: string;
  /** Download: the caller has just seen the destination, so it is never made; `local-missing` where it is away. */
  readonly destinationExists?: boolean;
  readonly title: string;
  /** Who chose them, for whoever finds the transfer later. */
  readonly origin: string;
  /** Download: the same files are to be saved there too; noted with the transfer until `secondMade`. */
  readonly second?: SecondPlace | undefined;
  /** Download: the transfer whose second copies these are. */
  readonly twin?: TransferId | undefined;
  /**
   * Download: where the disk of the destination is mounted, for one that may be away by now; it is waited for. The folder itself
   * is only made on it where `destinationExists` is false.
   */
  readonly mount?: string | undefined;
  readonly items: readonly NewItem[];
  readonly options?: Partial<TransferOptions>;
}

/** How `settled` waits; once `signal` is aborted it resolves with the view as it is. */
export interface SettleOptions {
  /** How long a wait for a phone, space or unlock may last before the promise resolves all the same; Infinity for no end. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}
