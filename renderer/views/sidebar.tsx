import {
  BatteryFull,
  BatteryLow,
  BatteryMedium,
  Camera,
  ChartPie,
  Clapperboard,
  Download,
  FileText,
  FolderSync,
  HardDrive,
  History,
  Images,
  type LucideIcon,
  MessageCircle,
  Music,
  Plug,
  Settings,
  Smartphone,
  SquareDashedMousePointer,
  Unplug,
} from 'lucide-react';
import type { CSSProperties, ReactNode } from 'react';
import { ROOT, type Device, type PhonePlace, type StorageInfo, samePlace } from '../../shared/domain.ts';
import { Button } from '../parts/button.tsx';
import { ContextMenu } from '../parts/menu.tsx';
import { dropTarget } from '../stores/dropping.ts';
import { useCatalogue } from '../stores/catalogue.ts';
import { run, useHost } from '../stores/host.ts';
import { showSpace } from '../stores/space.ts';
import { quickKey, useQuick } from '../stores/quick.ts';
import { go, openDialog, useWindow } from '../stores/window.ts';
import { deviceNote } from '../view-models/devices.ts';
import { freeOf, usedShare } from '../../shared/storages.ts';
import { deviceDropPlace, type QuickKind } from '../view-models/places.ts';
import { bytes } from '../view-models/words.ts';
import { deviceMenu } from './device-menu.ts';
import { showDevice, useShownDevice } from './shown-device.ts';
import './sidebar.css';
import { percentage } from '../../shared/words/locale.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** Pages that need no phone to be chosen, as they stand below the phones. */
const PAGES = [
  ['photos', Images],
  ['sync', FolderSync],
  ['history', History],
] as const;

/** The phones with their storages and quick places, and the other pages below. */
export function Sidebar(): ReactNode {
  const devices = useHost((state) => state.devices?.devices ?? NONE);
  const page = useWindow((state) => state.page);
  const offersSpace = useCatalogue((state) => state.enabled);
  const shown = useShownDevice();
  return (
    <nav className="sidebar" aria-label={windowWords.place.phonesAndPlaces}>
      <div className="sidebar-scroll" tabIndex={-1}>
        <h2 className="sidebar-title">{windowWords.place.phones}</h2>
        {devices.length === 0 ? <p className="sidebar-none">{windowWords.place.none}</p> : null}
        <ul>
          {devices.map((device) => (
            <DeviceBranch key={device.key} device={device} />
          ))}
        </ul>
      </div>
      <div className="sidebar-foot">
        {offersSpace ? (
          <FootRow
            icon={ChartPie}
            words={windowWords.place.space}
            current={page === 'space'}
            onClick={() => showSpace(shown?.key)}
          />
        ) : null}
        {PAGES.map(([name, icon]) => (
          <FootRow
            key={name}
            icon={icon}
            words={windowWords.place[name]}
            current={page === name}
            onClick={() => useWindow.setState({ page: name, sidebar: false })}
          />
        ))}
        <FootRow
          icon={Settings}
          words={windowWords.place.settings}
          current={false}
          onClick={() => openDialog({ kind: 'settings' })}
        />
      </div>
    </nav>
  );
}

const NONE: readonly Device[] = [];

interface FootRowProps {
  readonly icon: LucideIcon;
  readonly words: string;
  readonly current: boolean;
  readonly onClick: () => void;
}

function FootRow({ icon: Icon, words, current, onClick }: FootRowProps): ReactNode {
  return (
    <button type="button" className="side-row" aria-current={current ? 'page' : undefined} onClick={onClick}>
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      <span className="ends" title={words}>
        {words}
      </span>
    </button>
  );
}

function DeviceBranch({ device }: { readonly device: Device }): ReactNode {
  const shown = useShownDevice();
  const place = useWindow((state) => state.place);
  const page = useWindow((state) => state.page);
  const note = deviceNote(device);
  const drop = deviceDropPlace(device);
  const ready = device.state.kind === 'ready';
  const current = page === 'browse' && shown?.key === device.key && (place === undefined || !ready);
  const row = (
    <button
      type="button"
      className="side-row device-row"
      aria-current={current ? 'page' : undefined}
      onClick={() => showDevice(device)}
      {...(drop === undefined || !ready ? {} : dropTarget(drop, windowWords.drop.downloadOn({ device: device.name })))}
    >
      <Smartphone size={16} strokeWidth={1.75} aria-hidden />
      <span className="ends device-name" title={device.name}>
        {device.name}
      </span>
      {note === undefined ? null : (
        <span className="ends device-note" data-tone={note.tone} title={note.text}>
          {note.text}
        </span>
      )}
      {device.battery === undefined || !ready ? null : <Battery level={device.battery} />}
    </button>
  );
  return (
    <li className="device" data-state={device.state.kind}>
      <ContextMenu items={() => deviceMenu(device)}>{row}</ContextMenu>
      {device.virtual ? <Cable device={device} /> : null}
      {ready ? (
        <ul>
          {device.storages.map((storage, index) => (
            <StorageBranch key={storage.key} device={device} storage={storage} first={index === 0} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

function Battery({ level }: { readonly level: number }): ReactNode {
  const Icon = level < 25 ? BatteryLow : level < 75 ? BatteryMedium : BatteryFull;
  const words = windowWords.place.battery({ level: percentage(level) });
  return (
    <span className="battery" role="img" aria-label={words} title={words}>
      <Icon size={14} strokeWidth={1.75} aria-hidden />
      <span aria-hidden>{percentage(level)}</span>
    </span>
  );
}

/** Unplugs or plugs in a virtual phone, to try out resuming. */
function Cable({ device }: { readonly device: Device }): ReactNode {
  const plugged = device.state.kind !== 'gone';
  return (
    <div className="cable">
      <span className="quiet">{windowWords.place.virtual}</span>
      <Button
        size="small"
        look="plain"
        icon={plugged ? Unplug : Plug}
        onClick={() => void run('plugVirtual', { device: device.key, plugged: !plugged })}
      >
        {plugged ? windowWords.place.unplug : windowWords.act.plugIn}
      </Button>
    </div>
  );
}

const QUICK_ICONS: Readonly<Record<QuickKind, LucideIcon>> = {
  camera: Camera,
  screenshots: SquareDashedMousePointer,
  downloads: Download,
  music: Music,
  movies: Clapperboard,
  documents: FileText,
  whatsapp: MessageCircle,
};

interface StorageBranchProps {
  readonly device: Device;
  readonly storage: StorageInfo;
  readonly first: boolean;
}

function StorageBranch({ device, storage, first }: StorageBranchProps): ReactNode {
  const quick = useQuick((state) => (first ? state.byStorage.get(quickKey(device.key, storage.key)) : undefined)) ?? [];
  const root: PhonePlace = { device: device.key, storage: storage.key, path: ROOT };
  const used = usedShare(storage);
  return (
    <li>
      <PlaceRow place={root} name={storage.name} className="storage-row" droppable={!storage.readOnly}>
        <HardDrive size={16} strokeWidth={1.75} aria-hidden />
        <span className="storage-words">
          <span className="storage-name ends" title={storage.name}>
            {storage.name}
          </span>
          <span className="storage-line">
            {used === undefined ? null : (
              <span
                className="storage-bar"
                role="img"
                aria-label={windowWords.place.used({
                  used: bytes(storage.capacity - storage.free),
                  capacity: bytes(storage.capacity),
                })}
                data-full={used > 0.95 ? '' : undefined}
                style={{ '--share': used } as CSSProperties}
              />
            )}
            <span className="quiet number">{freeOf(storage)}</span>
          </span>
        </span>
      </PlaceRow>
      {quick.length === 0 ? null : (
        <ul className="quick">
          {quick.map((one) => {
            const Icon = QUICK_ICONS[one.kind];
            return (
              <li key={one.kind}>
                <PlaceRow
                  place={{ ...root, path: one.path }}
                  name={windowWords.place[one.kind]}
                  className="quick-row"
                  droppable
                >
                  <Icon size={16} strokeWidth={1.75} aria-hidden />
                  <span className="ends" title={windowWords.place[one.kind]}>
                    {windowWords.place[one.kind]}
                  </span>
                </PlaceRow>
              </li>
            );
          })}
        </ul>
      )}
    </li>
  );
}

interface PlaceRowProps {
  readonly place: PhonePlace;
  readonly name: string;
  readonly className: string;
  readonly droppable: boolean;
  readonly children: ReactNode;
}

function PlaceRow({ place, name, className, droppable, children }: PlaceRowProps): ReactNode {
  const current = useWindow((state) => state.page === 'browse' && samePlace(state.place, place));
  return (
    <button
      type="button"
      className={`side-row ${className}`}
      aria-current={current ? 'page' : undefined}
      onClick={() => go(place)}
      {...(droppable ? dropTarget(place, name) : {})}
    >
      {children}
    </button>
  );
}
