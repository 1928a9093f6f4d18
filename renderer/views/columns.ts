import { useEffect, useState } from 'react';

/** How many tiles of this width stand side by side in an element, as wide as it is now; `tile` 0: it is not asked for. */
export function useColumns(element: HTMLDivElement | null, tile: number): number {
  const [columns, setColumns] = useState(4);
  useEffect(() => {
    if (element === null || tile === 0) return;
    const observer = new ResizeObserver(() => setColumns(Math.max(1, Math.floor((element.clientWidth - 16) / tile))));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, tile]);
  return columns;
}
