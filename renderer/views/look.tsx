import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import type { FoundEntry } from '../../shared/catalogue.ts';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { Button } from '../parts/button.tsx';
import { selectFound, useFind } from '../stores/find.ts';
import { useFolder } from '../stores/folder.ts';
import { openFile } from '../stores/opened.ts';
import { closeDialog, go, select, useWindow } from '../stores/window.ts';
import { kindName } from '../view-models/entry-kind.ts';
import { child } from '../view-models/places.ts';
import * as selecting from '../view-models/selection.ts';
import { bytes, longDate } from '../view-models/words.ts';
import { LookContent, TextNotes, useLook } from './look-content.tsx';

/** A large look at the file that has the focus, as systems have it on Space; the arrow keys go to its neighbours. */
export function Look(): ReactNode {
  return useFind((state) => state.isOpen) ? <FoundLook /> : <FolderLook />;
}

function FolderLook(): ReactNode {
  const place = useWindow((state) => state.place);
  const focus = useWindow((state) => state.selection.focus);
  const { listing, state } = useFolder();
  useFolder((folder) => folder.version);
  const position = focus === undefined ? -1 : listing.indexOf(focus);
  const entry = position === -1 ? undefined : listing.at(position);
  // while the folder is listed again, its entries may be gone for a moment
  const last = useRef<Entry>(undefined);
  if (entry !== undefined) last.current = entry;
  const shown = entry ?? last.current;
  const over = place === undefined || shown === undefined || (entry === undefined && state === 'complete');
  useEffect(() => {
    if (over) closeDialog();
  }, [over]);
  if (over) return null;
  return (
    <LookAt
      at={child(place, shown.name)}
      entry={shown}
      position={position}
      count={listing.length}
      step={stepInFolder}
    />
  );
}

function FoundLook(): ReactNode {
  const found = useFind((state) => state.found);
  useFind((state) => state.version);
  const focus = useFind((state) => state.selection.focus);
  const position = focus === undefined ? -1 : found.indexOf(focus);
  const one = position === -1 ? undefined : found.at(position);
  const last = useRef<FoundEntry>(undefined);
  if (one !== undefined) last.current = one;
  const shown = one ?? last.current;
  useEffect(() => {
    if (shown === undefined) closeDialog();
  }, [shown]);
  if (shown === undefined) return null;
  const step = (by: number): void => selectFound(selecting.move(useFind.getState().selection, found, by, false));
  return <LookAt at={shown.place} entry={shown} position={position} count={found.length} step={step} />;
}

/** Selects the entry so many places further on. */
function stepInFolder(by: number): void {
  const { selection } = useWindow.getState();
  select(selecting.move(selection, useFolder.getState().listing, by, false));
}

interface LookAtProps {
  readonly at: PhonePlace;
  readonly entry: Entry;
  /** Among the entries that the arrow keys go through; -1 if it is none of them any more. */
  readonly position: number;
  readonly count: number;
  readonly step: (by: number) => void;
}

/** A large look at one entry. */
function LookAt({ at, entry, position, count, step }: LookAtProps): ReactNode {
  const look = useLook(entry.kind === 'file' ? at : undefined);
  const before = useRef<Element>(null);
  const act = (): void => {
    closeDialog();
    if (entry.kind === 'folder') go(at);
    else void openFile(at);
  };
  return (
    <Radix.Root open onOpenChange={(open) => (open ? undefined : closeDialog())}>
      <Radix.Portal>
        <Radix.Overlay className="veil" />
        <Radix.Content
          className="dialog look"
          aria-describedby={undefined}
          onKeyDown={(event) => onKey(event, step)}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            before.current = document.activeElement;
            (event.currentTarget as HTMLElement).focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (before.current instanceof HTMLElement) before.current.focus();
          }}
        >
          <header className="look-head">
            <Radix.Title aria-label={windowWords.look.label({ name: entry.name })}>
              <span className="ends" dir="auto">
                {entry.name}
              </span>
            </Radix.Title>
            {position === -1 ? null : (
              <span className="quiet" role="status">
                {windowWords.look.position({ position: position + 1, count })}
              </span>
            )}
            <LookButton label={windowWords.look.previous} disabled={position <= 0} onClick={() => step(-1)}>
              <ChevronLeft size={16} strokeWidth={1.75} aria-hidden />
            </LookButton>
            <LookButton label={windowWords.look.next} disabled={position >= count - 1} onClick={() => step(1)}>
              <ChevronRight size={16} strokeWidth={1.75} aria-hidden />
            </LookButton>
            <Button size="small" onClick={act}>
              {windowWords.act.open}
            </Button>
            <LookButton label={windowWords.act.close} onClick={closeDialog}>
              <X size={16} strokeWidth={1.75} aria-hidden />
            </LookButton>
          </header>
          <div className="look-body">
            {entry.kind === 'folder' ? (
              <LookContent place={at} entry={entry} look={{ kind: 'facts', size: 0, modified: undefined }} />
            ) : (
              <LookContent place={at} entry={entry} look={look} />
            )}
          </div>
          <footer className="look-foot quiet">
            <span>{kindName(entry)}</span>
            {entry.kind === 'file' ? <span>{bytes('size' in look ? look.size : entry.size)}</span> : null}
            <span>{longDate(entry.modified)}</span>
            <TextNotes look={look} />
          </footer>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface LookButtonProps {
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

/** Without a tooltip, which would take Escape for itself. */
const LookButton = ({ label, children, ...rest }: LookButtonProps): ReactNode => (
  <button type="button" className="icon-button" data-size="small" aria-label={label} title={label} {...rest}>
    {children}
  </button>
);

/** A player with the focus has the keys itself, a text those that scroll it, a button those that press it. */
function onKey(event: KeyboardEvent, step: (by: number) => void): void {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target instanceof HTMLMediaElement) return;
  const rightwards = document.documentElement.dir === 'rtl' ? -1 : 1;
  const scrolls = target instanceof HTMLPreElement;
  switch (key) {
    case 'ArrowLeft':
      step(-rightwards);
      break;
    case 'ArrowRight':
      step(rightwards);
      break;
    case 'ArrowUp':
    case 'ArrowDown':
      if (scrolls) return;
      step(key === 'ArrowUp' ? -1 : 1);
      break;
    case ' ':
      if (target instanceof HTMLButtonElement) return;
      closeDialog();
      break;
    default:
      return;
  }
  event.preventDefault();
}
