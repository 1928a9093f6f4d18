import { ChevronRight } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent, type ReactNode } from 'react';
import type { SpaceNode } from '../../shared/catalogue.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import { percentage } from '../../shared/words/locale.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { ContextMenu } from '../parts/menu.tsx';
import { useCatalogueOf } from '../stores/catalogue.ts';
import { openInSpace, toggleInSpace, useSpace } from '../stores/space.ts';
import { child, crumbs, parent, placeKey, placeName } from '../view-models/places.ts';
import { mapBoxes, nodeName, shareOf, type MapBox } from '../view-models/space-map.ts';
import { neighbour, type Way } from '../view-models/treemap.ts';
import { bytes } from '../view-models/words.ts';
import { spaceMenu } from './space-menu.ts';
import { SpaceTable } from './space-tables.tsx';
import { Trouble, useAsked } from './space-asked.tsx';

/** The map of one folder, the way to it, and a table of what the map shows. */
export function SpaceMapTab({ place }: { readonly place: PhonePlace }): ReactNode {
  const [view, problem] = useAsked('catalogueSpace', { place, depth: 2, most: 400 }, placeKey(place));
  const tree = view?.tree;
  return (
    <>
      <Trail place={place} tree={tree} />
      {problem === undefined ? null : <Trouble problem={problem} />}
      {tree === undefined ? (
        <div className="map" />
      ) : tree.children.length === 0 ? (
        <p className="space-none">{windowWords.space.noFiles}</p>
      ) : (
        <>
          <TreeMap key={placeKey(place)} place={place} tree={tree} />
          <SpaceTable place={place} tree={tree} />
        </>
      )}
    </>
  );
}

/** The folders above, each of which can be opened. */
function Trail({ place, tree }: { readonly place: PhonePlace; readonly tree: SpaceNode | undefined }): ReactNode {
  const storage = useCatalogueOf(place.device)?.storages.find((one) => one.key === place.storage);
  const trail = crumbs(place, undefined);
  return (
    <nav className="space-way crumbs" aria-label={windowWords.place.path}>
      <ol>
        {trail.map((crumb, index) => {
          const name = index === 0 ? (storage?.name ?? crumb.name) : crumb.name;
          return (
            <li key={crumb.place.path}>
              {index === 0 ? null : <ChevronRight size={14} strokeWidth={1.75} aria-hidden />}
              <button
                type="button"
                title={name}
                aria-current={index === trail.length - 1 ? 'page' : undefined}
                onClick={() => openInSpace(crumb.place)}
              >
                <span className="ends" dir="auto">
                  {name}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      {tree === undefined ? null : (
        <span className="quiet number">
          {windowWords.space.sum({ size: bytes(tree.bytes), files: commonWords.count.files({ count: tree.files }) })}
        </span>
      )}
    </nav>
  );
}

const WAYS: Readonly<Record<string, Way>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

function TreeMap({ place, tree }: { readonly place: PhonePlace; readonly tree: SpaceNode }): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [focus, setFocus] = useState(0);
  const chosen = useSpace((state) => state.chosen);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const boxes = useMemo(() => mapBoxes(tree.children, { x: 0, y: 0, ...size }), [tree, size]);
  const current = Math.min(focus, boxes.length - 1);
  const go = (index: number): void => {
    if (index < 0 || index >= boxes.length) return;
    setFocus(index);
    frame.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus();
  };
  // a folder was opened with a key: the keys go on in it
  useEffect(() => {
    if (boxes.length > 0 && document.activeElement === document.body && wasKey) go(0);
    if (boxes.length > 0) wasKey = false;
  }, [boxes.length]);

  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = boxes[current]?.node;
    const rtl = document.documentElement.dir === 'rtl';
    let way = WAYS[event.key];
    if (rtl && way === 'left') way = 'right';
    else if (rtl && way === 'right') way = 'left';
    if (way !== undefined) go(neighbour(boxes, current, way));
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(boxes.length - 1);
    else if (event.key === 'Enter') {
      if (node !== undefined) act(place, node, true);
    } else if (event.key === ' ') {
      if (node !== undefined) choose(place, node);
    } else if (event.key === 'Backspace') {
      const above = parent(place);
      if (above === undefined) return;
      wasKey = true;
      openInSpace(above);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <ContextMenu items={() => spaceMenu(place, boxes[current]?.node)}>
      <div
        ref={frame}
        className="map"
        role="group"
        aria-label={windowWords.space.mapLabel({ folder: placeName(place, []) })}
        onKeyDown={onKey}
        onContextMenu={(event) => {
          const index = (event.target as Element).closest('[data-index]')?.getAttribute('data-index');
          if (index !== null && index !== undefined) setFocus(Number(index));
        }}
      >
        {boxes.map((box, index) => (
          <div
            key={`${box.node.name}\n${box.node.folded}`}
            className="map-box"
            data-kind={box.node.folded > 0 ? 'rest' : box.node.kind}
            style={styleOf(box)}
          >
            <Inside box={box} />
            <button
              type="button"
              className="map-hit"
              data-index={index}
              data-chosen={isChosen(chosen, place, box.node) ? '' : undefined}
              tabIndex={index === current ? 0 : -1}
              aria-label={boxWords(box.node, tree)}
              title={boxWords(box.node, tree)}
              onFocus={() => setFocus(index)}
              onClick={(event) => {
                // Enter is a click too, and has been dealt with as a key
                if (event.detail > 0) act(place, box.node, false);
              }}
            />
          </div>
        ))}
      </div>
    </ContextMenu>
  );
}

/** Whether the folder that opens now was opened with a key. */
let wasKey = false;

/** Opens a folder; a file is chosen, or not any more. */
function act(place: PhonePlace, node: SpaceNode, byKey: boolean): void {
  if (node.folded > 0) return;
  if (node.kind !== 'folder') return choose(place, node);
  wasKey = byKey;
  openInSpace(child(place, node.name));
}

function choose(place: PhonePlace, node: SpaceNode): void {
  if (node.folded === 0) toggleInSpace({ place: child(place, node.name), size: node.bytes });
}

const isChosen = (chosen: ReadonlyMap<string, unknown>, place: PhonePlace, node: SpaceNode): boolean =>
  node.folded === 0 && chosen.has(placeKey(child(place, node.name)));

const boxWords = (node: SpaceNode, tree: SpaceNode): string =>
  windowWords.space.box({
    name: nodeName(node),
    size: bytes(node.bytes),
    share: percentage(Math.round(100 * shareOf(node.bytes, tree.bytes))),
    files: commonWords.count.files({ count: node.files }),
  });

const styleOf = ({ x, y, width, height }: MapBox): CSSProperties => ({
  insetInlineStart: x,
  top: y,
  width,
  height,
});

function Inside({ box }: { readonly box: MapBox }): ReactNode {
  const name = nodeName(box.node);
  return (
    <>
      {box.words === 'none' ? null : (
        <span className="map-words" aria-hidden>
          <span className="ends" dir="auto" title={name}>
            {name}
          </span>
          {box.words === 'both' && box.inner.length === 0 ? (
            <span className="ends map-size" title={bytes(box.node.bytes)}>
              {bytes(box.node.bytes)}
            </span>
          ) : null}
        </span>
      )}
      {box.inner.map((inner) => (
        <span
          key={`${inner.node.name}\n${inner.node.folded}`}
          className="map-box"
          data-kind={inner.node.folded > 0 ? 'rest' : inner.node.kind}
          style={styleOf(inner)}
          aria-hidden
        >
          <Inside box={inner} />
        </span>
      ))}
    </>
  );
}
