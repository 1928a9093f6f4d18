import { translatedEntry } from '../packing/translated.ts';
import { DESCRIPTION } from './description.ts';

/** The menu entry of packages that electron-builder does not make, in all languages. `name` is that of the file, without `.desktop`. */
export function desktopEntry(name: string): string {
  return translatedEntry(`[Desktop Entry]
Type=Application
Name=${DESCRIPTION.name}
Comment=${DESCRIPTION.summary}
Exec=${DESCRIPTION.command} %F
Icon=${name}
Terminal=false
Categories=${list(DESCRIPTION.categories)}
Keywords=${list(DESCRIPTION.keywords)}
StartupNotify=true
StartupWMClass=${DESCRIPTION.command}
`);
}

/** A list of a desktop entry: `a;b;` */
export const list = (values: readonly string[]): string => values.map((one) => `${one};`).join('');
