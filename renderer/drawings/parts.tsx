import type { ReactNode } from 'react';

/** Building blocks shared by the drawings, so that a phone looks the same in each. Colours are theme tokens. */

const OUTLINE = 'var(--line-strong)';
const FILL = 'var(--surface)';
const SOFT = 'var(--surface-sunken)';
/** Colour of what a drawing points at. */
export const ACCENT = 'var(--accent)';

/** The canvas of a drawing, in pixels; hidden from screen readers, since the text beside it says the same. */
export function Frame({
  children,
  width = 280,
  height = 150,
}: {
  readonly children: ReactNode;
  readonly width?: number;
  readonly height?: number;
}): ReactNode {
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      fill="none"
      stroke={OUTLINE}
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
    >
      {children}
    </svg>
  );
}

/** A phone of 62 by 112 units with its top left corner at `x`, `y`; `children` lie on its screen. */
export function Phone({
  x,
  y,
  children,
  on = true,
}: {
  readonly x: number;
  readonly y: number;
  readonly children?: ReactNode;
  readonly on?: boolean;
}): ReactNode {
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect width="62" height="112" rx="10" fill={FILL} />
      <rect x="5" y="6" width="52" height="100" rx="5" fill={on ? FILL : SOFT} stroke="var(--line)" />
      <path d="M27 9.500h8" stroke="var(--line-strong)" />
      {children}
    </g>
  );
}

/** A laptop whose lid is 106 by 70 units with its top left corner at `x`, `y`; `children` lie on its screen. */
export function Computer({
  x,
  y,
  children,
}: {
  readonly x: number;
  readonly y: number;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect width="106" height="70" rx="6" fill={FILL} />
      <rect x="6" y="6" width="94" height="58" rx="2" fill={SOFT} stroke="var(--line)" />
      <path d="M-10 78h126l-5 7a4 4 0 0 1-3 1.500H-2a4 4 0 0 1-3-1.500z" fill={FILL} />
      {children}
    </g>
  );
}

/** A two-pin plug, pointing right. */
export function PlugHead({
  x,
  y,
  flip = false,
  colour = ACCENT,
}: {
  readonly x: number;
  readonly y: number;
  readonly flip?: boolean;
  readonly colour?: string;
}): ReactNode {
  return (
    <g transform={`translate(${x} ${y})${flip ? ' scale(-1 1)' : ''}`} stroke={colour} strokeWidth="2">
      <path d="M0-7h7a7 7 0 0 1 0 14H0z" fill={FILL} />
      <path d="M0-3.500h-6M0 3.500h-6" />
    </g>
  );
}

/** Marks a place to tap, with its step number. */
export function Tap({ x, y, number }: { readonly x: number; readonly y: number; readonly number: string }): ReactNode {
  return (
    <g transform={`translate(${x} ${y})`}>
      <circle r="13" fill={ACCENT} stroke="none" opacity="0.18" />
      <circle r="8.5" fill={ACCENT} stroke="none" />
      <text
        y="3.600"
        textAnchor="middle"
        fill="var(--on-accent)"
        stroke="none"
        fontSize="10.5"
        fontWeight="700"
        fontFamily="var(--font)"
      >
        {number}
      </text>
    </g>
  );
}

/** Lines of these widths below each other, 9 units apart: text or a list. */
export function Bars({
  x,
  y,
  widths,
  colour = 'var(--line-strong)',
}: {
  readonly x: number;
  readonly y: number;
  readonly widths: readonly number[];
  readonly colour?: string;
}): ReactNode {
  return (
    <g stroke={colour} strokeWidth="3" opacity="0.55">
      {widths.map((width, index) => (
        <path key={index} d={`M${x} ${y + index * 9}h${width}`} />
      ))}
    </g>
  );
}
