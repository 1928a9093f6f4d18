import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import type { SpaceSummary } from '../../shared/catalogue.ts';
import { ROOT, type DeviceKey, type PhonePlace, type StorageKey } from '../../shared/domain.ts';
import { freeOf } from '../../shared/storages.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { Button } from '../parts/button.tsx';
import { Select } from '../parts/select.tsx';
import { askToDelete, saveTo } from '../stores/actions.ts';
import { useCatalogue, useCatalogueOf } from '../stores/catalogue.ts';
import { useHost } from '../stores/host.ts';
import { clearInSpace, openInSpace, outermost, useSpace } from '../stores/space.ts';
import { freshnessWords } from '../view-models/freshness.ts';
import { storageOf } from '../view-models/places.ts';
import { bytes } from '../view-models/words.ts';
import { useReachable } from './among-files.ts';
import { Page } from './page.tsx';
import { Trouble, useAsked } from './space-asked.tsx';
import { SpaceMapTab } from './space-map.tsx';
import { SameTab } from './space-same.tsx';
import { AgesTab, KindBar, KindsTab, LargestTab } from './space-tables.tsx';
import './space.css';

/** What takes up the space on a phone, told from memory: also of a phone that is away. */
export function Space(): ReactNode {
  const place = useSpace((state) => state.place);
  const phone = useCatalogueOf(place?.device);
  const { enabled } = useCatalogue();
  return (
    <Page
      name="space"
      label={windowWords.place.space}
      title={phone === undefined ? undefined : windowWords.space.title({ device: phone.name })}
      head={<Where place={place} />}
    >
      {place === undefined || phone === undefined || (phone.files === 0 && phone.asOf === undefined) ? (
        <p className="space-none">{enabled ? windowWords.space.empty : windowWords.space.off}</p>
      ) : (
        <Known key={`${place.device}\n${place.storage}`} place={place} />
      )}
    </Page>
  );
}

/** Which phone and which of its storages. */
function Where({ place }: { readonly place: PhonePlace | undefined }): ReactNode {
  const phones = useCatalogue((state) => state.phones);
  const options = phones.flatMap((phone) =>
    phone.storages.map(({ key, name }) => ({
      value: `${phone.device}\n${key}`,
      device: phone.device,
      storage: key,
      words: phones.length === 1 ? name : phone.storages.length === 1 ? phone.name : `${phone.name} › ${name}`,
    })),
  );
  if (place === undefined || options.length < 2) return null;
  return (
    <Select
      aria-label={windowWords.space.storage}
      value={`${place.device}\n${place.storage}`}
      options={options.map(({ value, words }) => [value, words] as const)}
      onChange={(value) => {
        const chosen = options.find((one) => one.value === value);
        if (chosen !== undefined) openInSpace({ device: chosen.device, storage: chosen.storage, path: ROOT });
      }}
    />
  );
}

const TABS = ['map', 'largest', 'kinds', 'ages', 'same'] as const;

function Known({ place }: { readonly place: PhonePlace }): ReactNode {
  const { device, storage } = place;
  const [summary, problem] = useAsked('catalogueSummary', { device, storage }, `${device}\n${storage}`);
  return (
    <Tabs.Root className="space-tabs" defaultValue="map">
      <div className="space-scroll" tabIndex={-1}>
        {problem === undefined ? null : <Trouble problem={problem} />}
        <Overview device={device} storage={storage} summary={summary} />
        <Tabs.List className="tabs" aria-label={windowWords.place.space}>
          {TABS.map((tab) => (
            <Tabs.Trigger key={tab} className="tab" value={tab}>
              {windowWords.space[tab]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="map" className="space-tab">
          <SpaceMapTab place={place} />
        </Tabs.Content>
        <Tabs.Content value="largest" className="space-tab">
          <LargestTab summary={summary} />
        </Tabs.Content>
        <Tabs.Content value="kinds" className="space-tab">
          <KindsTab summary={summary} />
        </Tabs.Content>
        <Tabs.Content value="ages" className="space-tab">
          <AgesTab summary={summary} />
        </Tabs.Content>
        <Tabs.Content value="same" className="space-tab">
          <SameTab device={device} />
        </Tabs.Content>
      </div>
      <Chosen device={device} />
    </Tabs.Root>
  );
}

interface OverviewProps {
  readonly device: DeviceKey;
  readonly storage: StorageKey;
  readonly summary: SpaceSummary | undefined;
}

/** How much there is, how much is free, as of when, and a bar of the kinds. */
function Overview({ device, storage, summary }: OverviewProps): ReactNode {
  const phone = useCatalogueOf(device);
  const devices = useHost((state) => state.devices?.devices ?? NONE);
  const present = storageOf({ device, storage, path: ROOT }, devices);
  const sum = summary?.kinds.reduce((all, one) => ({ files: all.files + one.files, bytes: all.bytes + one.bytes }), {
    files: 0,
    bytes: 0,
  });
  const freshness = summary === undefined ? undefined : freshnessWords(summary, phone);
  return (
    <div className="space-overview">
      <p className="space-sum">
        {sum === undefined ? (
          windowWords.inspector.measuring
        ) : (
          <strong>
            {windowWords.space.sum({ size: bytes(sum.bytes), files: commonWords.count.files({ count: sum.files }) })}
          </strong>
        )}
        {present === undefined ? null : <span className="quiet">{freeOf(present)}</span>}
        {freshness === undefined ? null : (
          <span className="quiet space-fresh" role="status">
            {freshness}
          </span>
        )}
      </p>
      {summary === undefined ? null : <KindBar summary={summary} />}
    </div>
  );
}
const NONE: readonly never[] = [];

/** What can be done with what is chosen. */
function Chosen({ device }: { readonly device: DeviceKey }): ReactNode {
  const chosen = useSpace((state) => state.chosen);
  const ready = useReachable({ device });
  if (chosen.size === 0) return null;
  const all = outermost(chosen.values());
  const size = bytes(all.reduce((sum, one) => sum + one.size, 0));
  return (
    <footer className="space-chosen">
      <p role="status">{windowWords.space.chosen({ count: all.length, size })}</p>
      <Button look="plain" onClick={clearInSpace}>
        {windowWords.act.clear}
      </Button>
      <Button onClick={() => saveTo()}>{windowWords.act.saveTo}</Button>
      <Button look="danger" disabled={!ready} onClick={askToDelete}>
        {windowWords.act.deleteAsk}
      </Button>
    </footer>
  );
}
