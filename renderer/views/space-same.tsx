import { useState, type ReactNode } from 'react';
import type { Compared, FoundEntry, SameSize } from '../../shared/catalogue.ts';
import type { DeviceKey, PhonePlace } from '../../shared/domain.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { Button } from '../parts/button.tsx';
import { run } from '../stores/host.ts';
import { placeKey } from '../view-models/places.ts';
import { bytes } from '../view-models/words.ts';
import { useReachable } from './among-files.ts';
import { Trouble, useAsked } from './space-asked.tsx';
import { FileCell } from './space-tables.tsx';

/** Groups shown at first, and how many more each time. */
const STEP = 50;

/** Files of the same size, and which of them are the same. Nothing is compared or chosen unless a person asks. */
export function SameTab({ device }: { readonly device: DeviceKey }): ReactNode {
  const [limit, setLimit] = useState(STEP);
  const most = Math.min(limit, 200);
  const [told, problem] = useAsked(
    'catalogueSameSize',
    { device, least: undefined, offset: 0, limit: most },
    `${device}\n${most}`,
  );
  const { space } = windowWords;
  return (
    <>
      <p className="quiet space-hint">{space.sameHint}</p>
      {problem === undefined ? null : <Trouble problem={problem} />}
      {told?.groups.length === 0 ? <p className="space-none">{space.sameNone}</p> : null}
      <ul className="same">
        {told?.groups.map((group) => (
          <Group key={placesKey(group.files)} group={group} />
        ))}
      </ul>
      {told !== undefined && told.total > most && most < 200 ? (
        <p className="space-more">
          <Button onClick={() => setLimit(limit + STEP)}>{space.more}</Button>
        </p>
      ) : null}
    </>
  );
}

/** A group is the same as long as it has the same files. */
const placesKey = (files: readonly FoundEntry[]): string => files.map(({ place }) => placeKey(place)).join('\n');

function Group({ group }: { readonly group: SameSize }): ReactNode {
  const { space } = windowWords;
  const [compared, setCompared] = useState<Compared | 'comparing'>();
  const { size, files } = group;
  const ready = useReachable(files[0]?.place ?? { device: '' as DeviceKey });
  const compare = async (whole: boolean): Promise<void> => {
    const before = compared;
    setCompared('comparing');
    const reply = await run('catalogueCompare', { places: files.map(({ place }) => place).slice(0, 200), whole });
    setCompared(reply.ok ? reply.value : before);
  };
  const done = compared === 'comparing' ? undefined : compared;
  return (
    <li className="same-group">
      <div className="same-head">
        <h3>{space.sameOf({ count: files.length, size: bytes(size) })}</h3>
        {compared === 'comparing' ? (
          <span className="quiet" role="status">
            {space.comparing}
          </span>
        ) : done === undefined ? (
          <Button size="small" disabled={!ready} onClick={() => void compare(false)}>
            {space.compare}
          </Button>
        ) : done.depth === 'sampled' && done.groups.length > 0 ? (
          <Button
            size="small"
            disabled={!ready}
            title={space.compareBytes({ size: bytes(size * files.length) })}
            onClick={() => void compare(true)}
          >
            {space.compareWhole}
          </Button>
        ) : null}
      </div>
      {done === undefined ? <Files files={files} /> : <Result files={files} compared={done} />}
    </li>
  );
}

/** Which of them are the same; the others below them. */
function Result({
  files,
  compared,
}: {
  readonly files: readonly FoundEntry[];
  readonly compared: Compared;
}): ReactNode {
  const { space } = windowWords;
  const named = (places: readonly PhonePlace[]): readonly FoundEntry[] => {
    const wanted = new Set(places.map(placeKey));
    return files.filter(({ place }) => wanted.has(placeKey(place)));
  };
  const alike = new Set(compared.groups.flat().map(placeKey));
  const rest = files.filter(({ place }) => !alike.has(placeKey(place)));
  return (
    <>
      {compared.groups.length === 0 ? (
        <p className="same-what" role="status">
          {space.different}
        </p>
      ) : null}
      {compared.groups.map((places) => (
        <div key={places.map(placeKey).join('\n')}>
          <p className="same-what" data-tone={compared.depth === 'whole' ? 'good' : undefined} role="status">
            {compared.depth === 'whole' ? space.alikeWhole : space.alike}
          </p>
          <Files files={named(places)} />
        </div>
      ))}
      {compared.unread.length === 0 ? null : (
        <p className="same-what quiet">{space.unread({ count: compared.unread.length })}</p>
      )}
      {rest.length === 0 ? null : <Files files={rest} />}
    </>
  );
}

const Files = ({ files }: { readonly files: readonly FoundEntry[] }): ReactNode => (
  <ul className="same-files">
    {files.map((file) => (
      <li key={placeKey(file.place)}>
        <FileCell file={file} />
      </li>
    ))}
  </ul>
);
