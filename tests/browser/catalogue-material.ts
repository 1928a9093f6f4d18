import type {
  FoundEntry,
  PhoneCatalogue,
  SearchOrder,
  SearchSnapshot,
  SpaceNode,
  SpaceSummary,
} from '../../shared/catalogue.ts';
import { catalogueKindOf } from '../../shared/catalogue-kinds.ts';
import { foldForSearch, parseQuery } from '../../shared/catalogue-query.ts';
import { joinPhonePath, phonePath, type Device, type Entry, type PhonePath } from '../../shared/domain.ts';
import { openWindow, type Window } from './browser.ts';
import { INTERNAL, NOW, camera, furnish, phone, tablet } from './material.ts';
import { ScriptedHost } from './scripted-host.ts';

/** A catalogue with realistic files, for pictures and scripted states. */

const GB = 1e9;
const MB = 1e6;
const DAY = 24 * 3600 * 1000;

export const catalogueOf = (device: Device = phone(), more: Partial<PhoneCatalogue> = {}): PhoneCatalogue => ({
  device: device.key,
  name: device.name,
  activity: 'idle',
  storages: device.storages.map(({ key, name }) => ({ key, name })),
  files: 48_211,
  folders: 1904,
  foldersLeft: 0,
  bytes: 84.2 * GB,
  asOf: NOW - 3 * 3600 * 1000,
  complete: true,
  stale: false,
  ...more,
});

const at = (path: PhonePath): FoundEntry['place'] => ({ device: phone().key, storage: INTERNAL, path });
const found = (folder: string, entry: Entry): FoundEntry => ({
  ...entry,
  place: at(joinPhonePath(phonePath(folder), entry.name)),
});

/** Everything in the scripted folders, and as many more as wanted. */
export function everything(host: ScriptedHost, more = 0): readonly FoundEntry[] {
  const all = [...host.folders].flatMap(([folder, entries]) => entries.map((entry) => found(folder, entry)));
  for (let index = 0; index < more; index += 1)
    all.push(
      found(`/Pictures/Trip ${index % 97}`, {
        name: `IMG_${String(index).padStart(6, '0')}.jpg`,
        kind: 'file',
        size: 2 * MB + ((index * 7919) % 5_000_000),
        modified: NOW - ((index * 104_729) % (900 * DAY)),
      }),
    );
  return all;
}

const BY: Readonly<Record<SearchOrder, (one: FoundEntry, other: FoundEntry) => number>> = {
  best: (one, other) => (other.modified ?? 0) - (one.modified ?? 0),
  name: (one, other) => (one.name < other.name ? -1 : 1),
  size: (one, other) => other.size - one.size,
  date: (one, other) => (other.modified ?? 0) - (one.modified ?? 0),
};

/** Answers searches as the engine does, of a catalogue as large as wanted. */
export function scriptSearch(host: ScriptedHost, all: readonly FoundEntry[], more: Partial<SearchSnapshot> = {}): void {
  let kept: { readonly key: string; readonly results: FoundEntry[] } | undefined;
  const folded = all.map(({ name }) => foldForSearch(name));
  host.onSearch = ({ text, order, offset, limit }, tell) => {
    const query = parseQuery(text);
    const key = `${text}\n${order}`;
    const nothing = query.words.length === 0 && query.kinds.length === 0 && query.leastSize === undefined;
    const results =
      kept?.key === key
        ? kept.results
        : nothing
          ? []
          : all.filter(
              (one, index) =>
                query.words.every((word) => folded[index]?.includes(word)) &&
                (query.kinds.length === 0 ||
                  (one.kind === 'file' && query.kinds.includes(catalogueKindOf(one.name)))) &&
                (query.leastSize === undefined || one.size >= query.leastSize),
            );
    if (kept?.key !== key && order !== undefined) results.sort(BY[order]);
    kept = { key, results };
    tell({
      state: 'complete',
      total: results.length,
      offset,
      results: results.slice(offset, offset + limit),
      misread: query.misread,
      asOf: NOW,
      complete: true,
      stale: false,
      ...more,
    });
    return () => undefined;
  };
}

const leaf = (name: string, bytes: number): SpaceNode => ({
  name,
  kind: catalogueKindOf(name),
  bytes,
  files: 1,
  children: [],
  folded: 0,
});
const folded = (count: number, bytes: number): SpaceNode => ({
  name: '',
  kind: 'other',
  bytes,
  files: count,
  children: [],
  folded: count,
});
const folder = (name: string, files: number, children: readonly SpaceNode[], bytes?: number): SpaceNode => ({
  name,
  kind: 'folder',
  bytes: bytes ?? children.reduce((sum, one) => sum + one.bytes, 0),
  files,
  children,
  folded: 0,
});

const videos = (from: number, count: number): readonly SpaceNode[] =>
  Array.from({ length: count }, (_, index) => leaf(`VID_2026040${index}.mp4`, from * 0.83 ** index));

const CAMERA = folder('Camera', 8240, [...videos(3.4 * GB, 14), folded(8226, 9.2 * GB)]);
const TREE: SpaceNode = folder('', 48_211, [
  folder('DCIM', 8412, [CAMERA, folder('Restored', 172, [folded(172, 1.1 * GB)])]),
  folder('Android', 21_004, [
    folder('media', 20_110, [folder('com.whatsapp', 20_110, [folded(20_110, 13.6 * GB)])]),
    folder('obb', 12, [leaf('main.412.com.example.game.obb', 2.9 * GB)]),
    folder('data', 882, [folded(882, 0.8 * GB)]),
  ]),
  folder('Movies', 31, [leaf('Nordlicht.mkv', 4.41 * GB), leaf('Svalbard.mp4', 2.2 * GB), folded(29, 1.3 * GB)]),
  folder('Download', 411, [
    leaf('lineage-23.zip', 7.9 * GB),
    leaf('podcast-112.mp3', 61 * MB),
    folder('Invoices', 120, [folded(120, 240 * MB)]),
    folded(289, 1.9 * GB),
  ]),
  folder('Music', 3100, [folded(3100, 9.4 * GB)]),
  folder('Pictures', 9210, [
    folder('Screenshots', 2210, [folded(2210, 1.6 * GB)]),
    folder('WhatsApp Images', 7000, [folded(7000, 2.2 * GB)]),
  ]),
  leaf('backup-2026-04-30.zip', 1.83 * GB),
  folder('Recordings', 88, [folded(88, 700 * MB)]),
  folder('Documents', 640, [folded(640, 380 * MB)]),
  folded(7, 12 * MB),
]);

/** Names of the tree, and folders as the results show them. */
export function namesIn(node: SpaceNode = TREE): readonly string[] {
  return [node.name, ...node.children.flatMap((one) => namesIn(one)), 'Pictures › Screenshots', 'DCIM › Restored'];
}

/** The node at a path of the tree. */
function nodeAt(path: PhonePath): SpaceNode {
  let node = TREE;
  for (const name of path.split('/').filter((one) => one !== ''))
    node = node.children.find((one) => one.name === name) ?? folder(name, 0, []);
  return node;
}

const FRESH = { asOf: NOW, complete: true, stale: false } as const;
const SUMMARY: SpaceSummary = {
  ...FRESH,
  kinds: [
    { kind: 'video', files: 912, bytes: 38.4 * GB },
    { kind: 'photo', files: 22_104, bytes: 19.1 * GB },
    { kind: 'archive', files: 41, bytes: 10.2 * GB },
    { kind: 'audio', files: 3204, bytes: 9.6 * GB },
    { kind: 'app', files: 22, bytes: 3.4 * GB },
    { kind: 'other', files: 21_120, bytes: 2.8 * GB },
    { kind: 'document', files: 808, bytes: 0.7 * GB },
  ],
  ages: [
    { year: 2026, files: 9410, bytes: 21.4 * GB },
    { year: 2025, files: 20_114, bytes: 33.8 * GB },
    { year: 2024, files: 11_020, bytes: 18.2 * GB },
    { year: 2023, files: 6120, bytes: 9.9 * GB },
    { year: undefined, files: 1547, bytes: 0.9 * GB },
  ],
  largest: [
    found('/Download', { name: 'lineage-23.zip', kind: 'file', size: 7.9 * GB, modified: NOW - 77 * DAY }),
    found('/Movies', { name: 'Nordlicht.mkv', kind: 'file', size: 4.41 * GB, modified: NOW - 64 * DAY }),
    ...camera(300)
      .filter(({ name }) => name.endsWith('.mp4'))
      .map((entry) => found('/DCIM/Camera', entry))
      .sort((one, other) => other.size - one.size)
      .slice(0, 30),
  ],
};

/** A phone whose catalogue is known, and answers for all that the space page asks. */
export function scriptCatalogue(host: ScriptedHost): void {
  host.settings = { ...host.settings, catalogue: true };
  host.say('catalogue', { enabled: true, phones: [catalogueOf()], revision: 1 });
  scriptSearch(host, everything(host));
  host.answers.catalogueSpace = ({ place }) => ({ ...FRESH, place, tree: nodeAt(place.path) });
  host.answers.catalogueSummary = () => SUMMARY;
  host.answers.catalogueSums = ({ place }) =>
    nodeAt(place.path)
      .children.filter((one) => one.kind === 'folder')
      .map(({ name, bytes, files }) => ({ ...FRESH, name, bytes, files }));
  const film = { name: 'Svalbard.mp4', kind: 'file', size: 2.2 * GB, modified: NOW - 30 * DAY } as const;
  const twin = { name: 'IMG_0042.jpg', kind: 'file', size: 4_120_331, modified: NOW - 90 * DAY } as const;
  const groups = [
    { size: film.size, files: [found('/Movies', film), found('/Download', film)] },
    {
      size: twin.size,
      files: [
        found('/DCIM/Camera', twin),
        found('/Pictures', twin),
        found('/DCIM/Restored', { ...twin, name: 'a.jpg' }),
      ],
    },
  ];
  host.answers.catalogueSameSize = () => ({ total: groups.length, groups });
  host.answers.catalogueCompare = ({ places, whole }) => ({
    depth: whole === true ? 'whole' : 'sampled',
    groups: [places.slice(0, 2)],
    unread: [],
  });
  host.answers.catalogueProven = ({ sources }) => ({
    ...FRESH,
    files: sources.length,
    folders: 0,
    bytes: 2.2 * GB,
    proven: { files: Math.max(0, sources.length - 1), bytes: 1.1 * GB },
    mirrored: { files: 0, bytes: 0 },
  });
  host.answers.catalogueForget = () => undefined;
  host.answers.catalogueRescan = () => undefined;
}

/** The tablet has one too, but is not connected. */
export const awayCatalogue = (): PhoneCatalogue => catalogueOf(tablet(), { activity: 'away', stale: true });

/** A window whose phone is remembered, with its files shown. */
export async function openRemembered(): Promise<{ readonly host: ScriptedHost; readonly window: Window }> {
  const host = new ScriptedHost();
  furnish(host);
  scriptCatalogue(host);
  host.say('devices', { devices: [phone()] });
  const window = await openWindow(await host.start());
  await window.page.getByRole('grid', { name: 'Files in Internal storage' }).waitFor();
  return { host, window };
}
