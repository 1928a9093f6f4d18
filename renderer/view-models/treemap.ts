/** Where one thing of a treemap is drawn; the unit is that of the whole. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Squarified treemap (Bruls, Huizing, van Wijk 2000): divides `area` among the weights, in order, so that each box is in
 * proportion to its weight and as near to a square as the order allows. Sort the weights from largest to smallest first. One
 * box per weight; without any weight that counts, all are empty. Weights that are not positive numbers count as 0.
 */
export function squarified(weights: readonly number[], area: Box): readonly Box[] {
  const counted = weights.map((weight) => (Number.isFinite(weight) && weight > 0 ? weight : 0));
  const sum = counted.reduce((one, other) => one + other, 0);
  const boxes: Box[] = counted.map(() => ({ x: area.x, y: area.y, width: 0, height: 0 }));
  if (sum === 0 || area.width <= 0 || area.height <= 0) return boxes;
  const scale = (area.width * area.height) / sum;
  let free = area;
  let start = 0;
  while (start < counted.length) {
    const side = Math.min(free.width, free.height);
    let end = start;
    let row = 0;
    let best = Infinity;
    // more boxes join the row as long as its worst one becomes squarer
    while (end < counted.length) {
      const grown = row + (counted[end] ?? 0) * scale;
      const worst = worstRatio(counted, start, end, grown, side, scale);
      if (worst > best) break;
      best = worst;
      row = grown;
      end += 1;
    }
    free = layRow(boxes, counted, start, end, row, free, scale);
    start = end;
  }
  return boxes;
}

/** The longest box of the row from `start` to `end`, as a ratio of its sides; weights are in order, so one end has it. */
function worstRatio(
  weights: readonly number[],
  start: number,
  end: number,
  row: number,
  side: number,
  scale: number,
): number {
  if (row === 0 || side === 0) return 1;
  const ratio = (weight: number): number => {
    const area = weight * scale;
    return area === 0 ? 1 : Math.max((side * side * area) / (row * row), (row * row) / (side * side * area));
  };
  return Math.max(ratio(weights[start] ?? 0), ratio(weights[end] ?? 0));
}

/** Lays a row along the shorter side of what is free, and returns what is left. */
function layRow(
  boxes: Box[],
  weights: readonly number[],
  start: number,
  end: number,
  row: number,
  free: Box,
  scale: number,
): Box {
  const isColumn = free.width >= free.height;
  const side = isColumn ? free.height : free.width;
  const thick = side === 0 ? 0 : Math.min(row / side, isColumn ? free.width : free.height);
  let along = isColumn ? free.y : free.x;
  for (let index = start; index < end; index += 1) {
    const length = thick === 0 ? 0 : ((weights[index] ?? 0) * scale) / thick;
    boxes[index] = isColumn
      ? { x: free.x, y: along, width: thick, height: length }
      : { x: along, y: free.y, width: length, height: thick };
    along += length;
  }
  return isColumn
    ? { x: free.x + thick, y: free.y, width: free.width - thick, height: free.height }
    : { x: free.x, y: free.y + thick, width: free.width, height: free.height - thick };
}

/** A direction on the screen. */
export type Way = 'left' | 'right' | 'up' | 'down';

/**
 * The box that an arrow key goes to: of those that lie wholly beyond that edge the one with the nearest edge, and of equally
 * near ones the one whose middle is nearest. -1 if there is none.
 */
export function neighbour(boxes: readonly Box[], from: number, way: Way): number {
  const here = boxes[from];
  if (here === undefined) return boxes.length > 0 ? 0 : -1;
  const [x, y] = [here.x + here.width / 2, here.y + here.height / 2];
  let best = -1;
  let least: readonly [number, number] = [Infinity, Infinity];
  boxes.forEach((box, index) => {
    if (index === from || box.width <= 0 || box.height <= 0) return;
    const [gap, overlap, off] = beyond(here, box, way, x, y);
    // rounding leaves hair's breadths between boxes that touch
    if (gap < -0.01) return;
    const distance: readonly [number, number] = overlap ? [gap, off] : [gap + 1e6, off];
    if (distance[0] < least[0] - 0.01 || (distance[0] < least[0] + 0.01 && distance[1] < least[1])) {
      least = distance;
      best = index;
    }
  });
  return best;
}

/** How far beyond the edge a box begins, whether it lies opposite that edge, and how far off its middle is across. */
function beyond(here: Box, box: Box, way: Way, x: number, y: number): readonly [number, boolean, number] {
  const opposite = (from: number, length: number, otherFrom: number, otherLength: number): boolean =>
    from < otherFrom + otherLength - 0.01 && otherFrom < from + length - 0.01;
  const isAlongX = way === 'left' || way === 'right';
  const overlap = isAlongX
    ? opposite(here.y, here.height, box.y, box.height)
    : opposite(here.x, here.width, box.x, box.width);
  const off = isAlongX ? Math.abs(box.y + box.height / 2 - y) : Math.abs(box.x + box.width / 2 - x);
  switch (way) {
    case 'left':
      return [here.x - (box.x + box.width), overlap, off];
    case 'right':
      return [box.x - (here.x + here.width), overlap, off];
    case 'up':
      return [here.y - (box.y + box.height), overlap, off];
    case 'down':
      return [box.y - (here.y + here.height), overlap, off];
  }
}
