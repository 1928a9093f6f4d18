import { useEffect, useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import { describeProblem } from '../../shared/errors.ts';
import type { LookSnapshot } from '../../shared/opening.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { bridge } from '../bridge/current.ts';
import { FileIcon } from '../parts/file-icon.tsx';
import { hasThumbnail, kindOf } from '../view-models/entry-kind.ts';
import { placeKey } from '../view-models/places.ts';
import { bytes } from '../view-models/words.ts';
import { Preview, Thumbnail } from './pictures.tsx';
import './look.css';

/** What can be seen of one file: a picture, a player, a text, or the facts. */

/** Stepping through a folder with the arrow keys opens only the files that are stayed at. */
const STAYED_MS = 80;

const OPENING: LookSnapshot = { kind: 'opening' };

/** The file as it is seen while this is mounted; leaving ends all reading of it. */
export function useLook(place: PhonePlace | undefined): LookSnapshot {
  const [seen, setSeen] = useState<{ readonly key: string; readonly look: LookSnapshot }>();
  const key = place === undefined ? '' : placeKey(place);
  useEffect(() => {
    if (place === undefined) return;
    let end: (() => void) | undefined;
    const stayed = setTimeout(() => {
      end = bridge.subscribe(
        'look',
        { place },
        ({ snapshot }) => setSeen({ key, look: snapshot }),
        (problem) => setSeen({ key, look: { kind: 'failed', problem } }),
      );
    }, STAYED_MS);
    return () => {
      clearTimeout(stayed);
      end?.();
    };
    // `key` identifies the place
  }, [key]);
  return seen?.key === key ? seen.look : OPENING;
}

interface LookContentProps {
  readonly place: PhonePlace;
  readonly entry: Entry;
  readonly look: LookSnapshot;
  /** In the inspector: nothing plays by itself, and of a text only a little is shown. */
  readonly small?: boolean;
}

/** Of a text in the inspector so many characters are shown. */
const FEW = 1_000;

/** The file itself, as large as there is space. */
export function LookContent({ place, entry, look, small = false }: LookContentProps): ReactNode {
  switch (look.kind) {
    case 'opening':
      return (
        <div className="look-facts" role="status">
          <Thumbnail place={place} entry={entry} size={small ? 72 : 96} />
          {small ? null : <p className="quiet">{windowWords.look.opening}</p>}
        </div>
      );
    case 'failed': {
      const { what, remedy } = describeProblem(look.problem);
      return (
        <div className="look-facts" role="status">
          <FileIcon kind={kindOf(entry)} size={small ? 72 : 96} />
          <p>{what}</p>
          <p className="quiet">{remedy}</p>
        </div>
      );
    }
    case 'picture':
      return <WholePicture key={look.address} place={place} entry={entry} address={look.address} />;
    case 'video':
    case 'audio':
      return (
        <Player key={look.address} kind={look.kind} address={look.address} place={place} entry={entry} small={small} />
      );
    case 'text':
      return (
        <pre className="look-text selectable" tabIndex={0} dir="auto" aria-label={entry.name}>
          {small ? look.text.slice(0, FEW) : look.text}
        </pre>
      );
    case 'facts':
      return <Facts place={place} entry={entry} sentence={undefined} small={small} />;
  }
}

/** Drawn from the phone's own bytes, turned as the camera says; its thumbnail until all of them are there. */
function WholePicture({
  place,
  entry,
  address,
}: Pick<LookContentProps, 'place' | 'entry'> & { readonly address: string }): ReactNode {
  const [state, setState] = useState<'loading' | 'there' | 'broken'>('loading');
  const [url, setUrl] = useState<string>();
  useLayoutEffect(() => {
    // an image goes on loading for a while after it was taken away; this ends at once
    const left = new AbortController();
    let made: string | undefined;
    const load = async (): Promise<void> => {
      const answer = await fetch(address, { signal: left.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      made = URL.createObjectURL(await answer.blob());
      if (left.signal.aborted) URL.revokeObjectURL(made);
      else setUrl(made);
    };
    load().catch(() => {
      if (!left.signal.aborted) setState('broken');
    });
    return () => {
      left.abort();
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [address]);
  if (state === 'broken') return <Facts place={place} entry={entry} sentence={windowWords.look.cannotDraw} />;
  return (
    <>
      {state === 'loading' ? (
        <div className="look-facts look-behind">
          <Thumbnail place={place} entry={entry} size={96} />
        </div>
      ) : null}
      {url === undefined ? null : (
        <img
          className="look-picture"
          src={url}
          alt={entry.name}
          draggable={false}
          onLoad={() => setState('there')}
          onError={() => setState('broken')}
        />
      )}
    </>
  );
}

/** Gives a player its address, and takes it away when it goes: one only taken out of the document goes on reading. */
function useAddress(from: RefObject<HTMLMediaElement | null>, address: string): void {
  useLayoutEffect(() => {
    const element = from.current;
    if (element === null) return;
    element.src = address;
    return () => {
      element.removeAttribute('src');
      element.load();
    };
  }, [from, address]);
}

interface PlayerProps extends Pick<LookContentProps, 'place' | 'entry'> {
  readonly kind: 'video' | 'audio';
  readonly address: string;
  readonly small: boolean;
}

/** Plays from the phone; jumps read only what is needed there. */
function Player({ kind, address, place, entry, small }: PlayerProps): ReactNode {
  const [broken, setBroken] = useState(false);
  const player = useRef<HTMLVideoElement & HTMLAudioElement>(null);
  useAddress(player, address);
  if (broken) return <Facts place={place} entry={entry} sentence={windowWords.look.cannotPlay} small={small} />;
  const common = {
    ref: player,
    controls: true,
    autoPlay: !small,
    preload: small ? 'none' : 'metadata',
    'aria-label': entry.name,
    onError: () => {
      // taking the address away is none
      if (player.current?.hasAttribute('src') === true) setBroken(true);
    },
  } as const;
  if (kind === 'video') return <video className="look-video" playsInline {...common} />;
  return (
    <div className="look-facts">
      <FileIcon kind="audio" size={small ? 72 : 96} />
      <audio className="look-audio" {...common} />
    </div>
  );
}

/** A picture of it where the phone or the file has one, else its sign, and why there is no more. */
function Facts({
  place,
  entry,
  sentence,
  small = false,
}: Pick<LookContentProps, 'place' | 'entry' | 'small'> & { readonly sentence: string | undefined }): ReactNode {
  return (
    <div className="look-facts">
      <Preview place={place} entry={entry} size={small ? 72 : 96} />
      {entry.kind === 'folder' || small ? null : (
        <p className="quiet">
          {sentence ?? (hasThumbnail(entry) ? windowWords.look.cannotDraw : windowWords.look.nothing)}
        </p>
      )}
    </div>
  );
}

/** Of a text: how it is encoded, and whether this is all of it. */
export function TextNotes({ look }: { readonly look: LookSnapshot }): ReactNode {
  if (look.kind !== 'text') return null;
  return (
    <>
      <span>
        {windowWords.look.encoding}: {look.encoding}
      </span>
      {look.whole ? null : <span>{windowWords.look.cut({ size: bytes(TEXT_SHOWN) })}</span>}
    </>
  );
}
/** Bytes of a text that the engine hands out. */
const TEXT_SHOWN = 256 * 1024;
