import type { SpaceNode } from '../../shared/catalogue.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { squarified, type Box } from './treemap.ts';

/** A box of the map; `inner` are those of what is in a folder, in its own frame. */
export interface MapBox extends Box {
  readonly node: SpaceNode;
  readonly inner: readonly MapBox[];
  /** Which of the name and the size fit in it. */
  readonly words: 'both' | 'name' | 'none';
}

/** Pixels: the line with a folder's name, and the frame around what is in it. */
const HEAD = 22;
const FRAME = 3;
/** Pixels: a folder below this size is drawn without what is in it, and a box below the other one not at all. */
const OPEN = { width: 72, height: 58 };
const SEEN = 3;
/** Pixels that a name, and a name above a size, need at least. */
const NAME = { width: 44, height: 20 };
const BOTH = { width: 62, height: 38 };

/** Boxes for nodes, largest first, and for what is in them as far as there is space. Units are pixels. */
export function mapBoxes(nodes: readonly SpaceNode[], area: Box): readonly MapBox[] {
  const sorted = inOrder(nodes);
  const boxes = squarified(
    sorted.map(({ bytes }) => bytes),
    area,
  );
  return sorted.flatMap((node, index) => {
    const box = boxes[index];
    if (box === undefined || box.width < SEEN || box.height < SEEN) return [];
    const { x, y, width, height } = box;
    const isOpen = node.kind === 'folder' && node.children.length > 0 && width >= OPEN.width && height >= OPEN.height;
    const inside = { x: FRAME, y: HEAD, width: width - 2 * FRAME, height: height - HEAD - FRAME };
    return [
      {
        node,
        x,
        y,
        width,
        height,
        words:
          width < NAME.width || height < NAME.height
            ? 'none'
            : !isOpen && (height < BOTH.height || width < BOTH.width)
              ? 'name'
              : 'both',
        inner: isOpen ? mapBoxes(node.children, inside) : [],
      } as const,
    ];
  });
}

/** Largest first. */
export const inOrder = (nodes: readonly SpaceNode[]): readonly SpaceNode[] =>
  [...nodes].sort((one, other) => rank(one) - rank(other) || other.bytes - one.bytes);

/** What has no box of its own comes last, however large it is. */
const rank = ({ folded }: SpaceNode): number => (folded > 0 ? 1 : 0);

/** `1` of the whole for all of it; `0` where nothing is known. */
export const shareOf = (bytes: number, whole: number): number => (whole > 0 ? Math.min(1, bytes / whole) : 0);

/** The name of a node, or how many it stands for. */
export const nodeName = (node: SpaceNode): string =>
  node.folded > 0 ? windowWords.space.rest({ count: node.folded }) : node.name;
