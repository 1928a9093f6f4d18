import { X } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import type { CommandReply } from '../../shared/contract.ts';
import type { ItemView } from '../../shared/snapshots.ts';
import { bridge } from '../bridge/current.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { chosenPlaces, saveTo } from '../stores/actions.ts';
import { useFind } from '../stores/find.ts';
import { useFolderSums } from '../stores/folder-sums.ts';
import { useFolder } from '../stores/folder.ts';
import { run, useHost } from '../stores/host.ts';
import { useWindow } from '../stores/window.ts';
import { outcomeWords } from '../view-models/transfers.ts';
import { kindName, kindOf, type EntryKind } from '../view-models/entry-kind.ts';
import { selectionWords } from '../view-models/status.ts';
import { child, placeKey, storageOf } from '../view-models/places.ts';
import { bytes, contentsWords, longDate } from '../view-models/words.ts';
import { LookContent, useLook } from './look-content.tsx';
import { Preview } from './pictures.tsx';
import './inspector.css';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Details of what is chosen in the open folder, or among the results of a search where there is no `place`. */
export function Inspector({ place }: { readonly place: PhonePlace | undefined }): ReactNode {
  return (
    <aside className="inspector" aria-label={windowWords.act.details}>
      <header>
        <h2>{windowWords.act.details}</h2>
        <IconButton
          label={windowWords.inspector.close}
          icon={X}
          size="small"
          onClick={() => useWindow.setState({ inspector: false })}
        />
      </header>
      {place === undefined ? <OfFound /> : <OfFolder place={place} />}
    </aside>
  );
}

function OfFolder({ place }: { readonly place: PhonePlace }): ReactNode {
  const selection = useWindow((state) => state.selection);
  const listing = useFolder((state) => state.listing);
  useFolder((state) => state.version);
  const [only] = selection.chosen;
  const entry = selection.chosen.size === 1 && only !== undefined ? listing.at(listing.indexOf(only)) : undefined;
  if (entry !== undefined)
    return <EntryDetails key={placeKey(child(place, entry.name))} entry={entry} place={child(place, entry.name)} />;
  if (selection.chosen.size > 1) return <Several words={selectionWords(selection.chosen, listing)} />;
  return <p className="inspector-none">{windowWords.inspector.choose}</p>;
}

function OfFound(): ReactNode {
  const found = useFind((state) => state.found);
  useFind((state) => state.version);
  const { chosen } = useFind((state) => state.selection);
  const [id] = chosen;
  const one = chosen.size === 1 && id !== undefined ? found.at(found.indexOf(id)) : undefined;
  if (one !== undefined) return <EntryDetails key={placeKey(one.place)} entry={one} place={one.place} />;
  if (chosen.size > 1) return <Several words={windowWords.folder.selected({ count: chosen.size })} />;
  return <p className="inspector-none">{windowWords.inspector.choose}</p>;
}

/** Picture, size, dates and copies of one entry. */
function EntryDetails({ entry, place }: { readonly entry: Entry; readonly place: PhonePlace }): ReactNode {
  const devices = useHost((state) => state.devices?.devices ?? []);
  const storage = storageOf(place, devices);
  return (
    <>
      {PLAYS_OR_READS.has(kindOf(entry)) ? (
        <SmallLook place={place} entry={entry} />
      ) : (
        <div className="inspector-picture">
          <Preview place={place} entry={entry} />
        </div>
      )}
      <h3 className="selectable" dir="auto">
        {entry.name}
      </h3>
      <dl>
        <Line name={windowWords.inspector.kind}>{kindName(entry)}</Line>
        {entry.kind === 'file' ? (
          <Line name={windowWords.inspector.size}>
            {bytes(entry.size)}
            {entry.size >= 1000 ? (
              <span className="quiet"> {windowWords.inspector.exactly({ count: entry.size })}</span>
            ) : null}
          </Line>
        ) : (
          <Contents place={place} name={entry.name} />
        )}
        <Line name={windowWords.inspector.modified}>{longDate(entry.modified)}</Line>
        {entry.kind === 'file' ? <Copies place={place} size={entry.size} /> : null}
        <Line name={windowWords.inspector.where}>
          <span className="selectable" dir="auto">
            {storage?.name ?? ''}
            {place.path.slice(0, place.path.lastIndexOf('/')) || '/'}
          </span>
        </Line>
      </dl>
      <div className="inspector-actions">
        <Button onClick={() => saveTo([place])}>{windowWords.act.saveTo}</Button>
      </div>
    </>
  );
}

const PLAYS_OR_READS: ReadonlySet<EntryKind> = new Set(['video', 'audio', 'text']);

/** A player that begins when it is told to, or the beginning of a text. */
function SmallLook({ place, entry }: { readonly place: PhonePlace; readonly entry: Entry }): ReactNode {
  const look = useLook(place);
  return (
    <div className="inspector-look">
      <LookContent small place={place} entry={entry} look={look} />
    </div>
  );
}

/** History of this file's copies. A different size means it has changed since. */
function Copies({ place, size }: { readonly place: PhonePlace; readonly size: number }): ReactNode {
  const [found, setFound] = useState<readonly ItemView[]>([]);
  useEffect(() => {
    let current = true;
    void bridge.command('copies', { place }).then((reply) => {
      if (current && reply.ok) setFound(reply.value.copies);
    });
    return () => {
      current = false;
    };
    // Remounted for each place.
  }, []);
  const [last] = found.filter((one) => one.outcome?.kind === 'moved' && one.size === size);
  if (last === undefined) return null;
  const verification = last.outcome?.kind === 'moved' ? last.outcome.verification : undefined;
  return (
    <Line name={windowWords.inspector.copied}>
      {outcomeWords(last)}
      {verification?.sha256 === undefined ? null : (
        <details className="details">
          <summary>SHA-256</summary>
          <pre className="selectable">{verification.sha256}</pre>
        </details>
      )}
    </Line>
  );
}

function Several({ words }: { readonly words: string }): ReactNode {
  return (
    <>
      <h3>{words}</h3>
      <dl>
        <Measure places={undefined} />
      </dl>
      <div className="inspector-actions">
        <Button onClick={() => saveTo()}>{windowWords.act.saveTo}</Button>
      </div>
    </>
  );
}

const Line = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

/** What the folder holds, if the catalogue knows it. */
function Contents({ place, name }: { readonly place: PhonePlace; readonly name: string }): ReactNode {
  const isListed = useFind((state) => !state.isOpen);
  const sum = useFolderSums((state) => state.sums.get(name));
  if (sum === undefined || !isListed) return <Measure places={[place]} />;
  return (
    <Line name={windowWords.inspector.contents}>
      {windowWords.space.sum({ size: bytes(sum.bytes), files: commonWords.count.files({ count: sum.files }) })}
    </Line>
  );
}

/** The size of a folder is computed on request, because the phone has to list everything in it. */
function Measure({ places }: { readonly places: readonly PhonePlace[] | undefined }): ReactNode {
  const [state, setState] = useState<'no' | 'counting' | CommandReply<'measure'>>('no');
  const chosen = useWindow((window) => window.selection.chosen);
  useEffect(() => setState('no'), [chosen]);
  return (
    <Line name={windowWords.inspector.contents}>
      {state === 'no' ? (
        <Button
          look="link"
          onClick={() => {
            setState('counting');
            void run('measure', { sources: places ?? chosenPlaces() }).then((reply) =>
              setState(reply.ok ? reply.value : 'no'),
            );
          }}
        >
          {windowWords.inspector.measure}
        </Button>
      ) : state === 'counting' ? (
        windowWords.inspector.measuring
      ) : (
        windowWords.inspector.measured({
          size: bytes(state.bytes),
          contents: contentsWords(state.files, state.folders),
        })
      )}
    </Line>
  );
}
