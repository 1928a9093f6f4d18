import { join } from 'node:path';
import { localPath, phonePath, type PhonePath } from '../../shared/domain.ts';
import { NO_FILTERS, type PresetPair } from '../../shared/sync.ts';

/** Where phones keep what a preset is about: the first of these folders that has something in it is taken. */
const PRESET_FOLDERS: Readonly<Record<PresetPair['kind'], readonly [PhonePath, ...PhonePath[]]>> = {
  camera: [phonePath('/DCIM')],
  // Android's own place; Samsung and Xiaomi put them beside the camera's
  screenshots: [phonePath('/Pictures/Screenshots'), phonePath('/DCIM/Screenshots')],
  music: [phonePath('/Music')],
  // below Android/media since 2021
  whatsapp: [phonePath('/Android/media/com.whatsapp/WhatsApp/Media'), phonePath('/WhatsApp/Media')],
};

/** What a folder of a phone holds: `undefined` where it is not there. */
export type FolderState = (path: PhonePath) => Promise<{ readonly isEmpty: boolean } | undefined>;

/**
 * Pairs that most people want, for a phone of this name, with the folders that it has. Pictures go below the person's
 * own `Pictures`. `stateOf` tells what is on the phone; it does not reject.
 */
export async function presetPairs(
  home: string,
  deviceName: string,
  stateOf: FolderState,
): Promise<readonly PresetPair[]> {
  const folderOf = async (kind: PresetPair['kind']): Promise<PhonePath> => {
    const [usual, ...others] = PRESET_FOLDERS[kind];
    if (others.length === 0) return usual;
    const found = await Promise.all([usual, ...others].map(async (path) => ({ path, there: await stateOf(path) })));
    return (
      found.find(({ there }) => there?.isEmpty === false) ??
      found.find(({ there }) => there !== undefined) ?? { path: usual }
    ).path;
  };
  // a name a person chose may hold anything
  const folder = deviceName.replace(/[/\\:*?"<>|\u0000-\u001f]/g, '_').replace(/^\.+|[. ]+$/g, '') || 'Phone';
  const pictures = (name: string): PresetPair['local'] => localPath(join(home, 'Pictures', folder, name));
  return [
    {
      kind: 'camera',
      name: 'Back up camera',
      phone: await folderOf('camera'),
      local: pictures('Camera'),
      direction: 'to-computer',
      filters: { ...NO_FILTERS, kinds: ['photos', 'videos'], exclude: ['.thumbnails', '/Screenshots'] },
      layout: 'year-month',
      // whoever culls photos does not want them back
      removed: 'stay-away',
    },
    {
      kind: 'screenshots',
      name: 'Screenshots',
      phone: await folderOf('screenshots'),
      local: pictures('Screenshots'),
      direction: 'to-computer',
      filters: { ...NO_FILTERS, kinds: ['photos', 'videos'], exclude: ['.thumbnails'] },
      layout: 'as-on-phone',
      removed: 'copy-again',
    },
    {
      kind: 'music',
      name: 'Music to phone',
      phone: await folderOf('music'),
      local: localPath(join(home, 'Music')),
      direction: 'to-phone',
      filters: { ...NO_FILTERS, kinds: ['music'] },
      layout: 'as-on-phone',
      removed: 'copy-again',
    },
    {
      kind: 'whatsapp',
      name: 'WhatsApp media',
      phone: await folderOf('whatsapp'),
      local: pictures('WhatsApp'),
      direction: 'to-computer',
      filters: { ...NO_FILTERS, exclude: ['.Statuses', '.Links', '.StickerThumbs', '.thumbnails', '.nomedia'] },
      layout: 'as-on-phone',
      removed: 'copy-again',
    },
  ];
}
