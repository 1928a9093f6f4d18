import {
  deviceKey,
  itemId,
  localPath,
  phonePath,
  storageKey,
  transferId,
  type Device,
  type DeviceState,
  type Entry,
} from '../../shared/domain.ts';
import type { Advice } from '../../shared/errors.ts';
import type { ItemView, TransferView } from '../../shared/snapshots.ts';
import type { ScriptedHost } from './scripted-host.ts';

/** Realistic phones, folders and transfers, for pictures and scripted states. */

const GB = 1_000_000_000;
const MB = 1_000_000;
export const NOW = Date.UTC(2026, 4, 14, 12, 30);
const DAY = 24 * 3600 * 1000;

export const INTERNAL = storageKey(3, 'Internal shared storage', 128 * GB);
const CARD = storageKey(4, 'SD card', 64 * GB);

export const phone = (more: Partial<Device> = {}, state: DeviceState = { kind: 'ready' }): Device => ({
  key: deviceKey('Google', '27171JEGR01234'),
  name: 'Pixel 8',
  maker: 'Google',
  model: 'Pixel 8',
  serial: '27171JEGR01234',
  virtual: false,
  state,
  battery: 82,
  storages: [
    { key: INTERNAL, name: 'Internal storage', removable: false, readOnly: false, capacity: 128 * GB, free: 41.3 * GB },
  ],
  resumableUpload: true,
  resumableDownload: true,
  linkSpeed: 'super',
  bestLinkSpeed: 'super',
  ...more,
});

export const tablet = (more: Partial<Device> = {}, state: DeviceState = { kind: 'ready' }): Device =>
  phone(
    {
      key: deviceKey('Samsung', 'R52N90ABCDE'),
      name: 'Galaxy Tab S9',
      maker: 'Samsung',
      model: 'SM-X710',
      serial: 'R52N90ABCDE',
      battery: 34,
      storages: [
        {
          key: storageKey(3, 'Tablet', 256 * GB),
          name: 'Tablet',
          removable: false,
          readOnly: false,
          capacity: 256 * GB,
          free: 180 * GB,
        },
        { key: CARD, name: 'SD card', removable: true, readOnly: false, capacity: 64 * GB, free: 2.1 * GB },
      ],
      ...more,
    },
    state,
  );

export const virtual = (state: DeviceState = { kind: 'ready' }): Device =>
  phone(
    { key: deviceKey('Replug', 'V0001'), name: 'Virtual phone', virtual: true, serial: 'V0001', maker: 'Replug' },
    state,
  );

const folder = (name: string, daysAgo = 3): Entry => ({ name, kind: 'folder', size: 0, modified: NOW - daysAgo * DAY });
const file = (name: string, size: number, daysAgo = 1): Entry => ({
  name,
  kind: 'file',
  size,
  modified: NOW - daysAgo * DAY,
});

const ROOT_NAMES = [
  'Alarms',
  'Android',
  'Audiobooks',
  'DCIM',
  'Documents',
  'Download',
  'Movies',
  'Music',
  'Notifications',
  'Pictures',
  'Podcasts',
  'Recordings',
  'Ringtones',
];

export function camera(amount: number): readonly Entry[] {
  return Array.from({ length: amount }, (_, index) => {
    const date = new Date(NOW - (amount - index) * 0.37 * DAY);
    const stamp = date.toISOString().replace(/[-:]/g, '').replace('T', '_').slice(0, 15);
    const video = index % 9 === 4;
    return {
      name: video ? `VID_${stamp}.mp4` : `IMG_${stamp}.jpg`,
      kind: 'file',
      size: video ? 180 * MB + ((index * 7919) % 97) * 11 * MB : 2.4 * MB + ((index * 104729) % 89) * 71_003,
      modified: date.getTime(),
    };
  });
}

/** What Linux advises where nobody may open the phone. */
export const UDEV_RULE: Advice = {
  id: 'udev-rule',
  with: {
    file: '/etc/udev/rules.d/69-replug.rules',
    rule: 'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="18d1", TAG+="uaccess"',
    command: 'sudo udevadm control --reload',
  },
};

/** What it advises before there is a phone. */
export const UDEV_RULE_FOR_ALL = {
  id: 'udev-rule',
  with: {
    file: '/etc/udev/rules.d/69-replug.rules',
    rule: 'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ENV{ID_USB_INTERFACES}=="*:060101:*", TAG+="uaccess"',
    command: 'sudo udevadm control --reload',
  },
} as const satisfies Advice;

/** A typical folder tree of a phone. */
export function furnish(host: ScriptedHost): void {
  host.folders.set('/', [
    ...ROOT_NAMES.map((name, index) => folder(name, 2 + ((index * 13) % 200))),
    file('backup-2026-04-30.zip', 1.83 * GB, 14),
    file('.nomedia', 0, 300),
  ]);
  host.folders.set('/DCIM', [folder('.thumbnails', 400), folder('Camera', 0), folder('Restored', 90)]);
  host.folders.set('/DCIM/Camera', camera(64));
  host.folders.set('/Pictures', [folder('Screenshots', 1), folder('WhatsApp Images', 4)]);
  host.folders.set('/Pictures/Screenshots', [file('Screenshot_20260512-081114.png', 412_000, 2)]);
  host.folders.set('/Android/media', [folder('com.whatsapp', 1)]);
  host.folders.set('/Download', [
    folder('Invoices', 12),
    file('Fahrplan Sommer.pdf', 1_240_000, 8),
    file('日本旅行の計画.docx', 88_400, 20),
    file('خريطة المدينة.pdf', 3_412_000, 41),
    file('podcast-112.mp3', 61_800_000, 6),
    file(
      'a rather long name of a file that somebody once sent by mail and nobody ever shortened.tar.gz',
      7_900_000_000,
      77,
    ),
    file('contacts.vcf', 91_200, 120),
    file('notes.txt', 0, 1),
    file('holiday 🌴.heic', 3_100_000, 30),
    file('app-release.apk', 41_200_000, 15),
  ]);
  host.folders.set('/Music', []);
  host.folders.set('/Movies', [file('Nordlicht.mkv', 4_410_000_000, 64)]);
  host.folders.set('/Documents', [file('Vertrag.pdf', 211_000, 10)]);
}

export const transfer = (more: Partial<TransferView> = {}): TransferView => ({
  id: transferId('t1'),
  direction: 'upload',
  device: phone().key,
  deviceName: 'Pixel 8',
  storage: INTERNAL,
  storageName: 'Internal storage',
  destination: '/Movies',
  title: 'Summer 2025',
  options: { onConflict: 'ask', onName: 'ask', verify: 'sampled', large: 'resumable', move: false },
  state: 'running',
  waitingFor: undefined,
  waitingSince: undefined,
  counts: {
    total: 214,
    done: 96,
    moved: { files: 93, folders: 3 },
    alreadyThere: { files: 0, folders: 0 },
    skipped: 0,
    failed: 0,
    cancelled: 0,
    waiting: 0,
    asking: 0,
    paused: 0,
  },
  bytesTotal: 6_120_000_000,
  bytesConfirmed: 2_815_000_000,
  bytesInFlight: 8_000_000,
  bytesMoved: 0,
  bytesResent: 0,
  run: { bytesMoved: 0, bytesResent: 0 },
  speed: 38_400_000,
  timeLeft: 86,
  currentItem: 'Summer 2025/Lofoten/DJI_0042.MP4',
  problem: undefined,
  createdAt: NOW - 80_000,
  finishedAt: undefined,
  questions: [],
  ...more,
});

export const item = (id: number, more: Partial<ItemView> = {}): ItemView => ({
  id: itemId(id),
  transfer: transferId('t1'),
  kind: 'file',
  name: `Summer 2025/Lofoten/DJI_${String(id).padStart(4, '0')}.MP4`,
  local: localPath(`/home/ann/Summer 2025/DJI_${id}.MP4`),
  phone: phonePath(`/Movies/Summer 2025/DJI_${id}.MP4`),
  size: 312_000_000 + id * 1_100_000,
  confirmed: 0,
  state: 'queued',
  stopping: undefined,
  waitingFor: undefined,
  question: undefined,
  outcome: undefined,
  problem: undefined,
  savedAs: undefined,
  ...more,
});

/** One minute of a real copy: the speed rises, dips between files, and recovers. */
export const SPEEDS: readonly number[] = Array.from({ length: 60 }, (_, second) =>
  Math.round(
    38e6 * (Math.min(1, second / 6) - 0.22 * Math.max(0, Math.sin(second / 2.3)) ** 6 + 0.05 * Math.sin(second * 1.7)),
  ),
);
