// Draws every icon from the window's drawing (renderer/public/icon.svg): node scripts/run.js scripts/icons.ts
// Its output is committed, so that building and packaging draw nothing. tests/package/icons.test.ts draws the icons
// again.
import fs from 'node:fs';
import path from 'node:path';
import { Resvg } from '@resvg/resvg-js';

const ROOT = path.resolve(import.meta.dirname, '..');
const SOURCE = path.join(ROOT, 'renderer/public/icon.svg');

/** Sizes Linux desktops look for; electron-builder takes them from one folder by these names. */
const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512] as const;
const ICO_SIZES = [16, 20, 24, 32, 40, 48, 64, 256] as const;
/** Each picture of an .icns file has a four-letter name; all of them may be PNG since Mac OS X 10.7. */
const ICNS_PICTURES = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
] as const;

/**
 * Symbols in a disc at the lower right. Each has its own shape, because tray icons are small and not everyone sees
 * colours.
 */
const MARKS = {
  idle: undefined,
  running: { colour: '#12805c', symbol: '<path d="M44 39.500l13 8.500-13 8.500z"/>' },
  paused: { colour: '#59636e', symbol: '<path d="M42 40h5v16h-5zM50 40h5v16h-5z"/>' },
  attention: { colour: '#b25000', symbol: '<path d="M46 37h5v13h-5zM46 53h5v5h-5z"/>' },
} as const;

export type Drawn = ReadonlyMap<string, Buffer>;

/** Every icon by its path below `resources`. */
export function drawIcons(svg: string): Drawn {
  const inside = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1];
  const plate = inside?.match(/<rect[^>]*\/>/)?.[0];
  if (inside === undefined || plate === undefined)
    throw new Error('icon.svg must be a plate (<rect>) and strokes on it');
  const strokes = inside.replace(plate, '');
  const icon = frame(inside);
  // Apple's grid leaves a tenth around the plate.
  const macIcon = frame(inside, '-6.2 -6.2 76.4 76.4');

  const drawn = new Map<string, Buffer>();
  for (const size of LINUX_SIZES) drawn.set(`icons/linux/${size}x${size}.png`, render(icon, size));
  drawn.set('icons/app.png', render(icon, 512));
  drawn.set('icons/drag.png', render(icon, 64));
  drawn.set('icons/overlay-attention.png', render(frame(disc('attention'), '33 33 30 30'), 32));
  drawn.set('icon.ico', ico(ICO_SIZES.map((size) => [size, render(icon, size)])));
  drawn.set('icon.icns', icns(ICNS_PICTURES.map(([name, size]) => [name, render(macIcon, size)])));

  for (const look of Object.keys(MARKS) as (keyof typeof MARKS)[]) {
    drawn.set(`icons/tray-${look}.png`, render(frame(inside + disc(look)), 32));
    const template = frame(templateOf(strokes, look), '10 10 46 46');
    drawn.set(`icons/tray-${look}Template.png`, render(template, 18));
    drawn.set(`icons/tray-${look}Template@2x.png`, render(template, 36));
  }
  return drawn;
}

const frame = (content: string, box = '0 0 64 64'): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}">${content}</svg>`;

function disc(look: keyof typeof MARKS): string {
  const mark = MARKS[look];
  if (mark === undefined) return '';
  return `<circle cx="48" cy="48" r="15" fill="${mark.colour}" stroke="#fff" stroke-width="2"/><g fill="#fff">${mark.symbol}</g>`;
}

/** Black on transparent. The disc and its symbol are cut out, because macOS uses only the picture's opacity. */
function templateOf(strokes: string, look: keyof typeof MARKS): string {
  const black = strokes.replaceAll('#fff', '#000');
  const mark = MARKS[look];
  if (mark === undefined) return black;
  const all = '<rect x="0" y="0" width="64" height="64" fill="#fff"/>';
  return [
    `<mask id="around" maskUnits="userSpaceOnUse" x="0" y="0" width="64" height="64">${all}<circle cx="46" cy="46" r="14" fill="#000"/></mask>`,
    `<mask id="symbol" maskUnits="userSpaceOnUse" x="0" y="0" width="64" height="64">${all}<g fill="#000" transform="translate(46 46) scale(.7) translate(-48.500 -48)">${mark.symbol}</g></mask>`,
    `<g mask="url(#around)">${black}</g><circle cx="46" cy="46" r="11.500" fill="#000" mask="url(#symbol)"/>`,
  ].join('');
}

function render(svg: string, size: number): Buffer {
  return new Resvg(svg, { fitTo: { mode: 'width', value: size }, font: { loadSystemFonts: false } }).render().asPng();
}

/** https://learn.microsoft.com/windows/win32/menurc/newheader: a directory, then the pictures as PNG (since Vista). */
function ico(pictures: readonly (readonly [size: number, png: Buffer])[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  pictures.forEach(([size, png], index) => {
    const at = 6 + 16 * index;
    // 256 is stored as 0
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([head, ...pictures.map(([, png]) => png)]);
}

/** `icns`, the total length, then each picture with its name and length; lengths include their headers. */
function icns(pictures: readonly (readonly [name: string, png: Buffer])[]): Buffer {
  const part = (name: string, content: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32BE(content.length + 8, 4);
    return Buffer.concat([head, content]);
  };
  return part('icns', Buffer.concat(pictures.map(([name, png]) => part(name, png))));
}

export function drawAll(): Drawn {
  return drawIcons(fs.readFileSync(SOURCE, 'utf8'));
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, content] of drawAll()) {
    const file = path.join(ROOT, 'resources', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
}
