import { join } from 'node:path';
import { localPath, phonePath } from '../../shared/domain.ts';
import { NO_FILTERS, type ReadyMadePair } from '../../shared/sync.ts';

/** Pairs that most people want, ready but for a yes. */
export function presetPairs(home: string, deviceName: string): readonly ReadyMadePair[] {
  // a name a person chose may hold anything
  const folder = deviceName.replace(/[/\\:*?"<>|\u0000-\u001f]/g, '_').replace(/^\.+|[. ]+$/g, '') || 'Phone';
  const pictures = (name: string): ReadyMadePair['local'] => localPath(join(home, 'Pictures', folder, name));
  return [
    {
      kind: 'camera',
      name: 'Back up camera',
      phone: phonePath('/DCIM'),
      local: pictures('Camera'),
      direction: 'to-computer',
      filters: { ...NO_FILTERS, kinds: ['photos', 'videos'], exclude: ['.thumbnails', '/Screenshots'] },
      layout: 'year-month',
    },
    {
      kind: 'screenshots',
      name: 'Screenshots',
      phone: phonePath('/Pictures/Screenshots'),
      local: pictures('Screenshots'),
      direction: 'to-computer',
      filters: { ...NO_FILTERS, kinds: ['photos', 'videos'], exclude: ['.thumbnails'] },
      layout: 'as-on-phone',
    },
    {
      kind: 'music',
      name: 'Music to phone',
      phone: phonePath('/Music'),
      local: localPath(join(home, 'Music')),
      direction: 'to-phone',
      filters: { ...NO_FILTERS, kinds: ['music'] },
      layout: 'as-on-phone',
    },
    {
      kind: 'whatsapp',
      name: 'WhatsApp media',
      // since 2021 below Android/media; what a phone still has in the old place shows up in a pair made by hand
      phone: phonePath('/Android/media/com.whatsapp/WhatsApp/Media'),
      local: pictures('WhatsApp'),
      direction: 'to-computer',
      filters: { ...NO_FILTERS, exclude: ['.Statuses', '.Links', '.StickerThumbs', '.thumbnails', '.nomedia'] },
      layout: 'as-on-phone',
    },
  ];
}
