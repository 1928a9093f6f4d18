import { useState, type PointerEvent } from 'react';
import type { TransferId } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { run } from '../stores/host.ts';
import { isOver } from '../view-models/transfers.ts';

/** The drag in the queue: which transfer is held, and what starts and steps it. */
export interface Reorder {
  readonly held: TransferId | undefined;
  /** The dragged transfer would be placed before this one. */
  readonly before: TransferId | undefined;
  readonly start: (event: PointerEvent, id: TransferId) => void;
  readonly step: (id: TransferId, by: -1 | 1) => void;
}

/** Reorders the queue by dragging, or with Alt and an arrow key. The order itself is the engine's. */
export function useReorder(transfers: readonly TransferView[]): Reorder {
  const [held, setHeld] = useState<TransferId>();
  const [before, setBefore] = useState<TransferId>();
  const open = transfers.filter((one) => !isOver(one)).map((one) => one.id);

  const start = (event: PointerEvent, id: TransferId): void => {
    if (event.button !== 0 || (event.target as Element).closest('button, a, input, .items') !== null) return;
    const y = event.clientY;
    let moved = false;
    let target: TransferId | undefined;
    const move = (now: globalThis.PointerEvent): void => {
      if (!moved && Math.abs(now.clientY - y) < 5) return;
      moved = true;
      setHeld(id);
      const row = document.elementFromPoint(now.clientX, now.clientY)?.closest<HTMLElement>('[data-transfer]');
      const over = row?.dataset['transfer'] as TransferId | undefined;
      target = over !== undefined && open.includes(over) ? over : undefined;
      setBefore(target);
    };
    const end = (): void => {
      document.removeEventListener('pointermove', move);
      document.removeEventListener('pointerup', up);
      document.removeEventListener('pointercancel', end);
      setHeld(undefined);
      setBefore(undefined);
    };
    const up = (): void => {
      end();
      if (moved && target !== id) void run('reorder', { transfer: id, before: target });
    };
    document.addEventListener('pointermove', move);
    document.addEventListener('pointerup', up);
    document.addEventListener('pointercancel', end);
  };

  const step = (id: TransferId, by: -1 | 1): void => {
    const at = open.indexOf(id);
    const to = at + by;
    if (at === -1 || to < 0 || to >= open.length) return;
    // Moving one step down means: before the one after the next.
    void run('reorder', { transfer: id, before: by === -1 ? open[to] : open[to + 1] });
  };
  return { held, before, start, step };
}
