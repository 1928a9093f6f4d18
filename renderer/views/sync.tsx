import { FolderSync } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { baseNameOf, ROOT, type Device } from '../../shared/domain.ts';
import type { PresetPair } from '../../shared/sync.ts';
import { Button } from '../parts/button.tsx';
import { run } from '../stores/host.ts';
import { useSync } from '../stores/sync.ts';
import { openDialog, useWindow } from '../stores/window.ts';
import { Page } from './page.tsx';
import { useShownDevice } from './shown-device.ts';
import { SyncPairCard } from './sync-pair.tsx';
import './sync.css';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Folder pairs: how they stand, what a run would do, and new ones. */
export function Sync(): ReactNode {
  const pairs = useSync((state) => state.sync?.pairs);
  return (
    <Page name="sync" label={windowWords.place.sync}>
      <div className="sync-scroll" tabIndex={-1}>
        {pairs !== undefined && pairs.length === 0 ? <p className="sync-none">{windowWords.sync.intro}</p> : null}
        <ul className="sync-pairs">
          {pairs?.map((view) => (
            <SyncPairCard key={view.pair.id} view={view} />
          ))}
        </ul>
        <NewPair />
      </div>
    </Page>
  );
}

function NewPair(): ReactNode {
  const device = useShownDevice();
  const place = useWindow((state) => state.place);
  if (device?.state.kind !== 'ready') return <p className="sync-none">{windowWords.sync.plugIn}</p>;
  const here = place?.device === device.key ? place : undefined;
  return (
    <section className="sync-new" aria-label={windowWords.sync.new}>
      <h2>{windowWords.sync.newWith({ device: device.name })}</h2>
      <Presets key={device.key} device={device} />
      <p className="sync-open">
        <Button
          icon={FolderSync}
          onClick={() =>
            openDialog({
              kind: 'pair',
              form: { device, storage: here?.storage, phone: here?.path === ROOT ? undefined : here?.path },
            })
          }
        >
          {here === undefined || here.path === ROOT
            ? windowWords.sync.another
            : windowWords.sync.pairWith({ folder: baseNameOf(here.path) })}
        </Button>
      </p>
    </section>
  );
}

/** Pairs that only need a yes. */
function Presets({ device }: { readonly device: Device }): ReactNode {
  const [ready, setReady] = useState<readonly PresetPair[]>([]);
  const pairs = useSync((state) => state.sync?.pairs);
  useEffect(() => {
    let current = true;
    void run('syncPresets', { device: device.key }).then((reply) => {
      if (current && reply.ok) setReady(reply.value);
    });
    return () => {
      current = false;
    };
  }, [device.key]);
  const storage = device.storages[0];
  const open = ready.filter(
    (one) =>
      pairs?.some(({ pair }) => pair.device === device.key && pair.phone === one.phone && pair.local === one.local) !==
      true,
  );
  if (storage === undefined || open.length === 0) return null;
  return (
    <ul className="sync-ready">
      {open.map((one) => (
        <li key={one.kind}>
          <div className="sync-what">
            <strong>{commonWords.ready[one.kind]}</strong>
            <span className="quiet ends" title={presetRoute(one)}>
              {presetRoute(one)}
            </span>
          </div>
          <Button
            size="small"
            onClick={() =>
              void run('syncAdd', {
                place: { device: device.key, storage: storage.key, path: one.phone },
                local: one.local,
                direction: one.direction,
                name: commonWords.ready[one.kind],
                filters: one.filters,
                layout: one.layout,
                removed: one.removed,
              })
            }
          >
            {windowWords.act.add}
          </Button>
        </li>
      ))}
    </ul>
  );
}

const presetRoute = ({ direction, phone, local }: PresetPair): string =>
  direction === 'to-computer'
    ? windowWords.sync.fromTo({ from: phone, to: local })
    : windowWords.sync.fromTo({ from: local, to: phone });
