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

/** What only scrolls by is not worth asking the phone for. */
const SETTLED_MS = 120;
/** Whoever walks through a folder by arrow keys looks at the last one. */
const LOOKED_AT_MS = 250;

/** The small picture once it is there; the sign of its kind until then. */
export function Thumbnail({ place, entry, size = 48 }: PictureProps): ReactNode {
  const url = useThumbnail(place, entry);
  return <Picture url={url} entry={entry} size={size} />;
}

/** The computer's side of an item. */
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

/** The larger picture once it is there; the small one until then, and where there is no other. */
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
        // One that failed (the phone has gone, another was asked for) leaves the small picture.
        if (current && reply.ok) setLarge(reply.value.url);
      });
    }, LOOKED_AT_MS);
    return () => {
      current = false;
      clearTimeout(settled);
    };
    // `key` is the place
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
    // `key` is the place
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
        // A file may call itself a picture and be none.
        <img src={url} alt="" draggable={false} onError={() => setBroken(url)} />
      )}
    </span>
  );
}
