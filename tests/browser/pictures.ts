import { openWindow } from './browser.ts';

/** A small landscape as an SVG, different for each name. */
function landscape(name: string): string {
  let seed = 7;
  for (const letter of name) seed = (seed * 31 + letter.charCodeAt(0)) % 99991;
  const hue = 20 + (seed % 220);
  const sky = `<linearGradient id="a" x2="0" y2="1"><stop stop-color="hsl(${205 + (seed % 40)} 48% ${58 + (seed % 14)}%)"/><stop offset="1" stop-color="hsl(${20 + (seed % 40)} 66% 84%)"/></linearGradient>`;
  const far = `M0 ${44 + (seed % 9)}L${20 + (seed % 20)} ${24 + (seed % 12)}L${52 + (seed % 13)} 46L${74 + (seed % 12)} ${30 + (seed % 9)}L96 48V72H0z`;
  const near = `M0 58C26 ${46 + (seed % 9)} 54 66 96 ${52 + (seed % 8)}V72H0z`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="192" height="144" viewBox="0 0 96 72"><defs>${sky}</defs><rect width="96" height="72" fill="url(#a)"/><circle cx="${14 + (seed % 60)}" cy="${15 + (seed % 11)}" r="6" fill="#fff8"/><path d="${far}" fill="hsl(${hue} 22% 44%)"/><path d="${near}" fill="hsl(${(hue + 24) % 360} 32% 28%)"/></svg>`;
}

export const landscapeUrl = (name: string): string => `data:image/svg+xml,${encodeURIComponent(landscape(name))}`;

/** JPEG files as cameras write them, with the EXIF thumbnail that phones return for GetThumb. */
export async function photographs(names: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const window = await openWindow('about:blank');
  const drawn = await window.page.evaluate(
    (svgs) =>
      Promise.all(
        svgs.map(async (svg) => {
          const image = new Image();
          image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
          await image.decode();
          const canvas = document.createElement('canvas');
          canvas.width = 160;
          canvas.height = 120;
          canvas.getContext('2d')?.drawImage(image, 0, 0, 160, 120);
          return canvas.toDataURL('image/jpeg', 0.8).split(',')[1] ?? '';
        }),
      ),
    names.map(landscape),
  );
  await window.close();
  return new Map(names.map((name, index) => [name, withThumbnail(Buffer.from(drawn[index] ?? '', 'base64'))]));
}

/** Adds the picture as a thumbnail to its own EXIF block (second image directory). */
function withThumbnail(jpeg: Buffer): Buffer {
  const entries = [
    [0x0103, 3, 6],
    [0x0201, 4, 8 + 2 + 4 + 2 + 3 * 12 + 4],
    [0x0202, 4, jpeg.length],
  ] as const;
  // TIFF header, an empty first directory that points to the second, the second.
  const tiff = Buffer.alloc(8 + 2 + 4 + 2 + entries.length * 12 + 4);
  tiff.write('II', 0, 'latin1');
  tiff.writeUInt16LE(42, 2);
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(0, 8);
  tiff.writeUInt32LE(14, 10);
  tiff.writeUInt16LE(entries.length, 14);
  entries.forEach(([tag, type, value], index) => {
    const at = 16 + index * 12;
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(1, at + 4);
    if (type === 3) tiff.writeUInt16LE(value, at + 8);
    else tiff.writeUInt32LE(value, at + 8);
  });
  const block = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, jpeg]);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xffe1, 0);
  head.writeUInt16BE(block.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, block, jpeg.subarray(2)]);
}
