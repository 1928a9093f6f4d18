import type { Device, Instant } from '../../../shared/domain.ts';
import { matchStorage } from '../../../shared/storages.ts';
import type { ItemView, QueueState, TransferCounts, TransferView, WaitingFor } from '../../../shared/snapshots.ts';
import { systemClock } from '../api.ts';
import type { EngineContext } from '../context.ts';
import type { FreeSpace } from '../devices/free-space.ts';
import { questionOf } from '../model/question-id.ts';
import { SpeedMeter } from '../model/speed-meter.ts';
import type { ItemCounts, ItemRow, TransferRow, TransferStore } from '../model/transfer-store.ts';

/** Rows as a window sees them. Pure but for what they read from the store. */

export const itemView = (row: ItemRow): ItemView => ({
  id: row.id,
  transfer: row.transfer,
  kind: row.kind,
  name: row.name,
  local: row.local,
  phone: row.phone,
  size: row.size,
  confirmed: row.confirmed,
  state: row.state.kind,
  stopping: row.state.kind === 'stopping' ? row.state.next : undefined,
  waitingFor: row.state.kind === 'waiting' ? row.state.for : undefined,
  question: questionOf(row),
  outcome: row.state.kind === 'done' ? row.state.outcome : undefined,
  problem: row.state.kind === 'failed' ? row.state.problem : undefined,
  savedAs: row.savedAs,
});

/** Questions shown at once. */
const QUESTIONS = 5;

/** What a view is made from besides the rows. */
type ViewContext = Pick<EngineContext, 'store' | 'clock' | 'speedOf' | 'totals' | 'unsaved'> & {
  readonly space: Pick<FreeSpace, 'known'>;
};

/**
 * A transfer as windows show it. `inFlight` is what is on the wire now: bytes not confirmed yet, the name of the
 * current item, and what is away that the planning waits for.
 */
export function transferView(
  context: ViewContext,
  row: TransferRow,
  device: (Pick<Device, 'name' | 'state'> & Partial<Pick<Device, 'storages'>>) | undefined,
  inFlight: {
    readonly bytes: number;
    readonly current: string | undefined;
    readonly away?: 'source' | 'target' | undefined;
  },
): TransferView {
  const { store } = context;
  const counts = store.counts(row.id);
  const { byState } = counts;
  const away = device?.state.kind === 'ready' && isAway(row, device.storages);
  const ready = device?.state.kind === 'ready' && !away;
  const waiting = byState.waiting > 0 ? store.itemsIn(row.id, ['waiting'], 1)[0] : undefined;
  const planAway = row.planned ? undefined : inFlight.away;
  const state = planAway
    ? row.intent === 'pause'
      ? 'paused'
      : 'waiting'
    : stateOf(row, byState, counts.total, ready, inFlight.current !== undefined);
  const waits =
    state !== 'waiting'
      ? undefined
      : planAway
        ? ({ kind: planAway } as const)
        : waitingOf(waiting, device, away ? row.storageName : undefined);
  const waitingFor = waiting === undefined ? waits : context.space.known(waits, waiting, row.device);
  const failed = byState.failed > 0 ? store.itemsIn(row.id, ['failed'], 1)[0] : undefined;
  const meter = context.speedOf(row.id);
  const speed = state === 'running' ? meter.speed(context.clock.monotonic()) : undefined;
  const left = counts.bytesTotal - counts.bytesConfirmed;
  const unsaved = context.unsaved(row.id);
  return {
    id: row.id,
    direction: row.direction,
    device: row.device,
    deviceName: device?.name ?? row.deviceName,
    storage: row.storage,
    storageName: row.storageName,
    destination: row.destination,
    title: row.title,
    options: row.options,
    state,
    waitingFor,
    waitingSince: waitingFor === undefined ? undefined : waitingSince(waiting, device),
    counts: countsOf(counts),
    bytesTotal: counts.bytesTotal,
    bytesConfirmed: counts.bytesConfirmed,
    bytesInFlight: inFlight.bytes,
    bytesMoved: row.bytesMoved + unsaved.bytesMoved,
    bytesResent: row.bytesResent + unsaved.bytesResent,
    run: { ...context.totals(row.id) },
    speed,
    timeLeft: speed === undefined || speed <= 0 ? undefined : left / speed,
    currentItem: inFlight.current,
    problem: failed?.state.kind === 'failed' ? failed.state.problem : undefined,
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
    questions: byState.asking > 0 ? store.itemsIn(row.id, ['asking'], QUESTIONS).map(itemView) : [],
  };
}

/**
 * The transfers of a store that another process works on, in the order of its queue, the finished ones last. What only
 * that process knows is left out: speed, the file under way, whether its phone is there (it is taken to be).
 */
export function storedTransferViews(store: TransferStore): readonly TransferView[] {
  const nothing = { bytesMoved: 0, bytesResent: 0 };
  const context: ViewContext = {
    store,
    clock: systemClock,
    speedOf: (): SpeedMeter => new SpeedMeter(),
    totals: () => nothing,
    unsaved: () => nothing,
    space: { known: (what) => what },
  };
  const views = store
    .transfers()
    .map((row) =>
      transferView(context, row, { name: row.deviceName, state: { kind: 'ready' } }, { bytes: 0, current: undefined }),
    );
  return [
    ...views.filter((view) => view.finishedAt === undefined),
    ...views.filter((view) => view.finishedAt !== undefined),
  ];
}

type ByState = ReturnType<EngineContext['store']['counts']>['byState'];

function stateOf(
  row: TransferRow,
  byState: ByState,
  total: number,
  ready: boolean,
  active: boolean,
): TransferView['state'] {
  if (!row.planned) {
    if (row.sources.kind !== 'phone') return 'planning';
    // a phone is not listed for a transfer that is paused; what is here is, and its items are paused then
    if (row.intent === 'pause') return 'paused';
    return ready ? 'planning' : 'waiting';
  }
  if (byState.stopping > 0) return 'stopping';
  // a lane's steps are stored only where a crash must find them, so the lane itself says that it works
  if (active || byState.moving + byState.confirming > 0) return 'running';
  const idle = byState.preparing + byState.queued + byState.waiting + byState.paused;
  if (row.intent === 'pause' && idle > 0) return 'paused';
  if (row.intent === 'cancel' && idle + byState.asking > 0) return 'stopping';
  if (byState.preparing + byState.queued > 0) {
    if (!ready) return 'waiting';
    return byState.preparing > 0 ? 'running' : 'queued';
  }
  if (byState.waiting > 0) return 'waiting';
  // a question holds up nothing but its own item; when only questions are left, the transfer waits for the user
  if (byState.asking > 0) return 'waiting';
  if (byState.paused > 0) return 'paused';
  if (byState.failed > 0) return 'failed';
  // also before anything was listed; what was complete before the cancel came is done
  if (row.intent === 'cancel' && (byState.cancelled > 0 || total === 0)) return 'cancelled';
  if (total > 0 && byState.cancelled === total) return 'cancelled';
  return 'done';
}

/** What is still to be listed on a storage that is not there now. */
const isAway = (row: TransferRow, storages: Device['storages'] | undefined): boolean =>
  !row.planned &&
  row.sources.kind === 'phone' &&
  storages !== undefined &&
  row.sources.places.some(({ storage }) => matchStorage(storage, storages) === undefined);

function waitingOf(
  item: ItemRow | undefined,
  device: Pick<Device, 'state'> | undefined,
  away: string | undefined,
): WaitingFor | undefined {
  if (device?.state.kind === 'locked') return { kind: 'unlock' };
  if (device === undefined || device.state.kind !== 'ready') return { kind: 'phone' };
  if (away !== undefined) return { kind: 'storage', name: away };
  return item?.state.kind === 'waiting' ? item.state.for : undefined;
}

function waitingSince(item: ItemRow | undefined, device: Pick<Device, 'state'> | undefined): Instant | undefined {
  if (item?.state.kind === 'waiting') return item.state.since;
  return device?.state.kind === 'gone' ? device.state.since : undefined;
}

const countsOf = ({ byState, total, moved, alreadyThere, verified, skipped }: ItemCounts): TransferCounts => ({
  total,
  done: byState.done,
  moved,
  alreadyThere,
  verified,
  skipped,
  failed: byState.failed,
  cancelled: byState.cancelled,
  waiting: byState.waiting,
  asking: byState.asking,
  paused: byState.paused,
});

/** The one state that stands for all transfers. */
export function queueState(views: readonly Pick<TransferView, 'state'>[], foreground: boolean): QueueState {
  const has = (...states: readonly TransferView['state'][]): boolean =>
    views.some((view) => states.includes(view.state));
  if (has('running', 'planning', 'stopping', 'queued')) return foreground ? 'running' : 'running-in-background';
  if (has('waiting', 'paused')) return 'paused';
  if (has('failed')) return 'failed';
  if (has('done')) return 'completed';
  return 'idle';
}
