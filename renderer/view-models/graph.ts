/** SVG path of the throughput graph: one value per second, the newest at the right edge. */
export interface Graph {
  readonly line: string;
  readonly area: string;
  readonly peak: number;
}

/** Seconds that the graph is wide. */
export const SECONDS = 60;

/** Draws bytes per second, oldest first, in pixels; empty paths with fewer than two values or nothing transferred. */
export function graph(history: readonly number[], width: number, height: number): Graph {
  const values = history.slice(-SECONDS);
  const peak = Math.max(0, ...values);
  if (values.length < 2 || peak === 0) return { line: '', area: '', peak };
  const step = width / (SECONDS - 1);
  const left = width - (values.length - 1) * step;
  // Leaves 10 % above the peak so that the line never touches the frame.
  const points = values.map((value, index) => [left + index * step, height - (value / (peak * 1.1)) * height] as const);
  const line = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  return { line, area: `${line}L${width} ${height}L${round(left)} ${height}Z`, peak };
}

const round = (value: number): number => Math.round(value * 10) / 10;
