import { useEffect, useState, type ReactNode } from 'react';
import type { Entry, PhonePlace } from '../../shared/domain.ts';
import type { ItemView } from '../../shared/snapshots.ts';
import { bridge } from '../bridge/current.ts';
import { FileIcon } from '../parts/file-icon.tsx';
import { useThumbnails, wish } from '../stores/thumbnails.ts';
import { hasThumbnail, kindOf } from '../view-models/entry-kind.ts';
import { placeKey } from '../view-models/places.ts';

interface PictureProps {
  readonly place: PhonePlace;
  readonly entry: Pick<Entry, 'kind' | 'name'>;
  readonly size?: number;
}

/** Delay before the phone is asked for a thumbnail, so that rows scrolled past cost nothing. */
const SETTLED_MS = 120;
/**
 * Delay before a large picture is loaded, so that stepping through a folder with the arrow keys loads only the last
 * one.
 */
const LOOKED_AT_MS = 250;

/** The thumbnail once it is loaded; the icon of the file's kind until then. */
export function Thumbnail({ place, entry, size = 48 }: PictureProps): ReactNode {
  const url = useThumbnail(place, entry);
  return <Picture url={url} entry={entry} size={size} />;
}

/** Picture of the local file of a conflict. */
export function LocalPicture({ item, entry }: Pick<PictureProps, 'entry'> & { readonly item: ItemView }): ReactNode {
  const [url, setUrl] = useState<string>();
  const { transfer, id } = item;
  const wanted = hasThumbnail(entry);
  useEffect(() => {
    setUrl(undefined);
    if (!wanted) return;
    let current = true;
    void bridge.command('localPicture', { transfer, item: id }).then((reply) => {
      if (current && reply.ok) setUrl(reply.value.url);
    });
    return () => {
      current = false;
    };
  }, [wanted, transfer, id]);
  return <Picture url={url} entry={entry} size={48} />;
}

/** The large picture once it is loaded; until then, or if there is none, the thumbnail. */
export function Preview({ place, entry, size = 72 }: PictureProps): ReactNode {
  const small = useThumbnail(place, entry);
  const [large, setLarge] = useState<string>();
  const key = placeKey(place);
  const wanted = hasThumbnail(entry);
  useEffect(() => {
    setLarge(undefined);
    if (!wanted) return;
    let current = true;
    const settled = setTimeout(() => {
      void bridge.command('preview', { place }).then((reply) => {
        // If loading fails (phone gone, another file requested), the thumbnail stays.
        if (current && reply.ok) setLarge(reply.value.url);
      });
    }, LOOKED_AT_MS);
    return () => {
      current = false;
      clearTimeout(settled);
    };
    // `key` identifies the place
  }, [wanted, key]);
  return <Picture url={large ?? small} entry={entry} size={size} />;
}

function useThumbnail(place: PhonePlace, entry: PictureProps['entry']): string | undefined {
  const key = placeKey(place);
  const url = useThumbnails((state) => state.urls.get(key));
  const wanted = url === undefined && hasThumbnail(entry);
  useEffect(() => {
    if (!wanted) return;
    let takeBack: (() => void) | undefined;
    const settled = setTimeout(() => (takeBack = wish(place)), SETTLED_MS);
    return () => {
      clearTimeout(settled);
      takeBack?.();
    };
    // `key` identifies the place
  }, [wanted, key]);
  return url;
}

function Picture({
  url,
  entry,
  size,
}: Pick<PictureProps, 'entry'> & { readonly url: string | undefined; readonly size: number }): ReactNode {
  const [broken, setBroken] = useState<string>();
  return (
    <span className="picture">
      {url === undefined || url === '' || url === broken ? (
        <FileIcon kind={kindOf(entry)} size={size} />
      ) : (
        // A file named like a picture may not be one; and one that has to be decoded first must not leave another in its place.
        <img key={url} src={url} alt="" draggable={false} onError={() => setBroken(url)} />
      )}
    </span>
  );
}
