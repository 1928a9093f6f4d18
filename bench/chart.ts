/** Grouped bars as an SVG of our own: no library draws so little so simply. */

export interface Bar {
  readonly group: string;
  readonly name: string;
  readonly value: number;
  /** Ours have the accent colour. */
  readonly ours: boolean;
}

const WIDTH = 760;
const LEFT = 290;
const RIGHT = 70;
const BAR = 14;
const STEP = 20;
const GROUP = 34;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Each group has its own scale, since only bars within a group are compared. */
export function chart(title: string, bars: readonly Bar[], show: (value: number) => string): string {
  const groups = [...new Set(bars.map((bar) => bar.group))];
  const lines: string[] = [];
  let y = 40;
  for (const group of groups) {
    const members = bars.filter((bar) => bar.group === group);
    const longest = Math.max(...members.map((bar) => bar.value), Number.MIN_VALUE);
    lines.push(`<text x="16" y="${y + 12}" class="group">${escape(group)}</text>`);
    y += STEP;
    for (const bar of members) {
      const length = Math.max(1, Math.round(((WIDTH - LEFT - RIGHT) * bar.value) / longest));
      lines.push(
        `<text x="${LEFT - 8}" y="${y + 11}" text-anchor="end">${escape(bar.name)}</text>`,
        `<rect x="${LEFT}" y="${y}" width="${length}" height="${BAR}" rx="2" class="${bar.ours ? 'ours' : 'theirs'}"/>`,
        `<text x="${LEFT + length + 6}" y="${y + 11}">${escape(show(bar.value))}</text>`,
      );
      y += STEP;
    }
    y += GROUP - STEP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="${escape(title)}">
<style>
  text { font: 12px system-ui, sans-serif; fill: #1d1d1f; }
  .title { font-size: 14px; font-weight: 600; }
  .group { font-weight: 600; }
  .ours { fill: #0a66d0; }
  .theirs { fill: #9aa3ad; }
</style>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="16" y="24" class="title">${escape(title)}</text>
${lines.join('\n')}
</svg>
`;
}
