import { baseNameOf } from '../../shared/domain.ts';
import type { PhotoShot } from '../../shared/photos.ts';
import { checkTemplate, fillExample } from './template.ts';

/** When nothing was looked at yet. */
const MADE_UP = { name: 'IMG_20260502_201531.jpg', taken: new Date(2026, 4, 2, 20, 15, 31).getTime() };

/** Where a shot would go below the destination, with `/`. Throws `bad-request` for a template with an unknown word. */
export function exampleOf(
  shot: PhotoShot | undefined,
  { folders, names }: { readonly folders: string; readonly names: string },
): string {
  checkTemplate(folders);
  checkTemplate(names);
  const name = shot === undefined ? MADE_UP.name : baseNameOf(shot.parts[0].path);
  const taken = shot === undefined ? MADE_UP.taken : shot.taken;
  return fillExample({ folders, names }, name, { taken, camera: 'Camera' });
}
