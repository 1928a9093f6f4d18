import { memo, useEffect, useRef, useState, type MouseEvent, type PointerEvent, type ReactNode } from 'react';
import { describeProblem } from '../../shared/errors.ts';
import type { DeviceKey } from '../../shared/domain.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { Button } from '../parts/button.tsx';
import { ContextMenu } from '../parts/menu.tsx';
import { Select } from '../parts/select.tsx';
import { useCatalogue, useCatalogueOf } from '../stores/catalogue.ts';
import { chosenFound, searchFor, selectFound, useFind } from '../stores/find.ts';
import { isMac } from '../stores/host.ts';
import { useLanguage } from '../stores/language.ts';
import { openDialog, useWindow } from '../stores/window.ts';
import { EXAMPLE_SEARCHES, misreadWords, resultWords } from '../view-models/find-words.ts';
import { freshnessWords } from '../view-models/freshness.ts';
import * as selecting from '../view-models/selection.ts';
import { rowId } from './entry.tsx';
import { onFindKey, rangeTo, type Landing } from './find-keys.ts';
import { FindList } from './find-list.tsx';
import { foundMenu, openFound } from './find-menu.ts';
import { beginDrag } from './phone-drag.ts';
import './list.css';
import './find.css';

/**
 * Results of a search, in place of the open folder: they are entries like any other. Not drawn again with what is around it,
 * which follows the phones.
 */
export const FindPane = memo(function FindPane(): ReactNode {
  useLanguage();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [landing, setLanding] = useState<Landing>();
  const words = useFind((state) => state.words);
  const order = useFind((state) => state.order);
  const device = useFind((state) => state.device);
  const found = useFind((state) => state.found);
  const focus = useFind((state) => state.selection.focus);
  const scrolled = useRef(false);
  useFind((state) => state.version);
  useEffect(() => {
    // told by its own scrolling: asking where it is lays everything out
    if (scrolled.current) scroller?.scrollTo(0, 0);
    setLanding(undefined);
  }, [words, order, device, scroller]);
  const elsewhere = useWindow((state) => state.dialog !== undefined || state.renaming !== undefined);
  const wasElsewhere = useRef(false);
  useEffect(() => {
    // The focused element disappeared with a dialog or a name field.
    if (!elsewhere && wasElsewhere.current && document.activeElement === document.body)
      scroller?.focus({ preventScroll: true });
    wasElsewhere.current = elsewhere;
  }, [elsewhere, scroller]);
  const position = focus === undefined ? -1 : found.indexOf(focus);
  const isKnown = useCatalogue((state) => state.enabled && state.phones.length > 0);
  const isBlank = words.trim() === '' || !isKnown;
  return (
    <section className="pane find" aria-label={windowWords.find.results} data-blank={isBlank ? '' : undefined}>
      <Head />
      <Notes />
      {/* without a catalogue there is nothing that rows could be of */}
      {isKnown ? (
        <ContextMenu items={foundMenu}>
          <div
            ref={setScroller}
            className="files"
            role="grid"
            tabIndex={0}
            aria-multiselectable
            aria-label={windowWords.find.results}
            aria-rowcount={found.length + 1}
            {...(position === -1 ? {} : { 'aria-activedescendant': rowId(position) })}
            onScroll={({ currentTarget }) => (scrolled.current = currentTarget.scrollTop > 0)}
            onKeyDown={(event) => onFindKey(event, scroller, setLanding)}
            onPointerDown={onPress}
            onClick={onClick}
            onDoubleClick={(event) => {
              const at = positionAt(event.target);
              const one = at === undefined ? undefined : found.at(at);
              if (one !== undefined) openFound(one);
            }}
            onContextMenu={(event) => {
              const at = positionAt(event.target);
              const id = at === undefined ? undefined : found.idAt(at);
              const { selection } = useFind.getState();
              // Opened with the keyboard, the menu applies to the selection.
              if (id !== undefined) selectFound(selecting.context(selection, id));
              else if (event.button === 2 || event.detail > 0) selectFound(selecting.none(selection));
            }}
          >
            {isKnown ? <FindList scroller={scroller} landing={landing} landed={() => setLanding(undefined)} /> : null}
          </div>
        </ContextMenu>
      ) : null}
      <Empty />
    </section>
  );
});

const positionAt = (target: EventTarget): number | undefined => {
  const position = (target as Element).closest('[data-position]')?.getAttribute('data-position');
  return position === null || position === undefined ? undefined : Number(position);
};
const toggleKey = (event: { ctrlKey: boolean; metaKey: boolean }): boolean => (isMac() ? event.metaKey : event.ctrlKey);

/** Pressing selects at once, except on a selected result, which may be the start of a drag; then the click decides. */
function onPress(event: PointerEvent): void {
  if (event.button !== 0) return;
  const { selection, found } = useFind.getState();
  const position = positionAt(event.target);
  const id = position === undefined ? undefined : found.idAt(position);
  if (position === undefined || id === undefined) {
    if ((event.target as Element).closest('.list-head') === null) selectFound(selecting.none(selection));
    return;
  }
  if (event.shiftKey) void rangeTo(position);
  else if (toggleKey(event) || !selection.chosen.has(id))
    selectFound(selecting.click(selection, found, id, { range: false, toggle: toggleKey(event) }));
  if (event.pointerType !== 'touch') beginDrag(event.nativeEvent, chosenFound);
}

function onClick(event: MouseEvent): void {
  const { selection, found } = useFind.getState();
  const position = positionAt(event.target);
  const id = position === undefined ? undefined : found.idAt(position);
  if (id !== undefined && !event.shiftKey && !toggleKey(event) && selection.chosen.size > 1)
    selectFound(selecting.only(id));
}

/** Where is searched, how much was found, and as of when that is true. */
function Head(): ReactNode {
  const device = useFind((state) => state.device);
  const words = useFind((state) => state.words);
  const told = useFind((state) => state.told);
  const phones = useCatalogue((state) => state.phones);
  const phone = useCatalogueOf(device);
  const chosen = useFind((state) => state.selection.chosen.size);
  const freshness = told === undefined ? undefined : freshnessWords(told, phone);
  return (
    <header className="find-head">
      {phones.length > 1 ? (
        <Select
          aria-label={windowWords.find.where}
          value={device ?? ALL}
          options={[
            ...phones.map((one) => [one.device as string, one.name] as const),
            [ALL, windowWords.find.allPhones] as const,
          ]}
          onChange={(value) => searchFor({ device: value === ALL ? undefined : (value as DeviceKey) })}
        />
      ) : null}
      <p role="status" aria-live="polite">
        {words.trim() === '' || told === undefined ? '' : resultWords(told)}
      </p>
      {chosen > 1 ? <p className="quiet">{windowWords.folder.selected({ count: chosen })}</p> : null}
      {freshness === undefined ? null : <p className="quiet find-fresh">{freshness}</p>}
    </header>
  );
}
const ALL = '';

/** What was not understood, and what went wrong. */
function Notes(): ReactNode {
  const misread = useFind((state) => state.told?.misread);
  const problem = useFind((state) => state.problem);
  const words = problem === undefined ? undefined : describeProblem(problem);
  return (
    <>
      {words === undefined ? null : (
        <div className="files-note" role="alert">
          <p>
            {words.what} {words.remedy}
          </p>
        </div>
      )}
      {misread === undefined || misread.length === 0 ? null : (
        <div className="files-note" role="status">
          <p>{misreadWords(misread[0] ?? '')}</p>
        </div>
      )}
    </>
  );
}

function Empty(): ReactNode {
  const words = useFind((state) => state.words);
  const told = useFind((state) => state.told);
  const length = useFind((state) => state.found.length);
  const { enabled, phones } = useCatalogue();
  const { find } = windowWords;
  if (!enabled)
    return (
      <div className="files-empty find-off">
        <p>{find.off}</p>
        <Button onClick={() => openDialog({ kind: 'settings' })}>{windowWords.place.settings}</Button>
      </div>
    );
  if (phones.length === 0) return <p className="files-empty">{find.nothingKnown}</p>;
  if (words.trim() === '') return <Hint />;
  if (length > 0 || told === undefined || told.state === 'searching') return null;
  return <p className="files-empty">{told.complete ? find.none({ words }) : find.noneYet({ words })}</p>;
}

/** What can be searched for, with examples that can be tried. */
function Hint(): ReactNode {
  const { find } = windowWords;
  return (
    <div className="files-empty find-hint">
      <p>{find.hint}</p>
      <dl>
        {EXAMPLE_SEARCHES.map(([name, example]) => (
          <div key={name}>
            <dt>
              <button type="button" className="find-example" onClick={() => searchFor({ words: example })}>
                <code dir="ltr">{example}</code>
              </button>
            </dt>
            <dd>{find.condition[name]}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
