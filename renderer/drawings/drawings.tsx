import type { ReactNode } from 'react';
import { ACCENT, Bars, Computer, Frame, Phone, PlugHead, Tap } from './parts.tsx';

/** No phone connected: a loose cable. */
export function UnpluggedDrawing(): ReactNode {
  return (
    <Frame>
      <Computer x={22} y={32} />
      <Phone x={196} y={20} on={false} />
      <path d="M138 108c20 14 26-22 30-32" stroke={ACCENT} strokeWidth="2" />
      <g transform="rotate(-62 169 73)">
        <PlugHead x={163} y={73} flip />
      </g>
      <path d="M184 62l-5-5M186 72h-7M178 52v-7" stroke={ACCENT} opacity="0.6" />
    </Frame>
  );
}

/** Connecting: cable plugged in, session being opened. */
export function ConnectingDrawing(): ReactNode {
  return (
    <Frame>
      <Computer x={22} y={32} />
      <Phone x={196} y={20} />
      <path d="M138 108c20 24 89 52 89 24" stroke={ACCENT} strokeWidth="2" />
      <g fill={ACCENT} stroke="none">
        <circle cx="217" cy="76" r="3" opacity="0.4" />
        <circle cx="227" cy="76" r="3" opacity="0.7" />
        <circle cx="237" cy="76" r="3" />
      </g>
    </Frame>
  );
}

/** The two taps: the USB notification, then *File transfer*. */
export function TwoTapsDrawing(): ReactNode {
  return (
    <Frame width={300} height={150}>
      <Phone x={58} y={18}>
        <rect x="10" y="20" width="42" height="15" rx="3.500" fill="var(--surface-sunken)" stroke="none" />
        <rect x="10" y="40" width="42" height="22" rx="3.500" fill="var(--accent-soft)" stroke={ACCENT} />
        <path d="M15 47h18M15 54h28" stroke={ACCENT} />
        <rect x="10" y="67" width="42" height="15" rx="3.500" fill="var(--surface-sunken)" stroke="none" />
      </Phone>
      <Tap x={112} y={72} number="1" />
      <path d="M140 74h18M153 69l5 5-5 5" />
      <Phone x={178} y={18}>
        <Bars x={12} y={24} widths={[26]} />
        {[40, 56, 72].map((y, index) => (
          <g key={y}>
            <circle cx="15" cy={y} r="3.500" stroke={index === 1 ? ACCENT : undefined} />
            {index === 1 ? <circle cx="15" cy={y} r="1.600" fill={ACCENT} stroke="none" /> : null}
            <path
              d={`M24 ${y}h${index === 1 ? 24 : 18}`}
              stroke={index === 1 ? ACCENT : undefined}
              opacity={index === 1 ? 1 : 0.5}
            />
          </g>
        ))}
      </Phone>
      <Tap x={232} y={74} number="2" />
    </Frame>
  );
}

/** Another program has claimed the phone. */
export function HeldDrawing(): ReactNode {
  return (
    <Frame>
      <Phone x={196} y={20} on={false} />
      <rect x="26" y="24" width="112" height="58" rx="6" fill="var(--surface)" />
      <path d="M26 36h112" />
      <circle cx="34" cy="30" r="1.500" />
      <circle cx="40" cy="30" r="1.500" />
      <Bars x={36} y={50} widths={[64, 44, 54]} />
      <path d="M138 66c30 0 24 78 60 78 26 0 29-2 29-12" stroke={ACCENT} strokeWidth="2" />
      <rect x="44" y="98" width="96" height="42" rx="6" fill="var(--surface)" strokeDasharray="4 4" />
      <path d="M84 112h4v5h-4zM96 112h4v5h-4zM80 117h24v3a8 8 0 0 1-8 8h-8a8 8 0 0 1-8-8z" opacity="0.7" />
    </Frame>
  );
}

/** No permission to open the device: a door without its key. */
export function ForbiddenDrawing(): ReactNode {
  return (
    <Frame>
      <Computer x={22} y={32} />
      <Phone x={196} y={20} on={false} />
      <path d="M138 108c20 24 89 52 89 24" strokeWidth="2" strokeDasharray="1 6" />
      <g transform="translate(152 52)">
        <path
          d="M18 0l16 6v13c0 11-7 18-16 22C9 37 2 30 2 19V6z"
          fill="var(--surface)"
          stroke={ACCENT}
          strokeWidth="2"
        />
        <circle cx="18" cy="17" r="3.500" stroke={ACCENT} strokeWidth="2" />
        <path d="M18 20.500v6" stroke={ACCENT} strokeWidth="2" />
      </g>
    </Frame>
  );
}

/** The phone does not answer: knocking at a closed door. */
export function SilentDrawing(): ReactNode {
  return (
    <Frame>
      <Computer x={22} y={32} />
      <Phone x={196} y={20} on={false}>
        <path d="M22 52h5l4-8 5 14 3-6h3" opacity="0.6" />
      </Phone>
      <path d="M138 108c20 24 89 52 89 24" strokeWidth="2" />
      <g stroke={ACCENT} strokeWidth="2">
        <path d="M152 58a14 14 0 0 1 0 22" />
        <path d="M160 52a23 23 0 0 1 0 34" opacity="0.65" />
        <path d="M168 46a32 32 0 0 1 0 46" opacity="0.35" />
      </g>
    </Frame>
  );
}

/** Several phones, one to be chosen. */
export function SeveralDrawing(): ReactNode {
  return (
    <Frame>
      <g opacity="0.6">
        <Phone x={62} y={26} />
        <Phone x={156} y={26} />
      </g>
      <Phone x={109} y={18}>
        <path d="M20 56l8 8 15-17" stroke={ACCENT} strokeWidth="2.500" />
      </Phone>
    </Frame>
  );
}

/** The window has lost its engine. */
export function EngineLostDrawing(): ReactNode {
  return (
    <Frame>
      <rect x="38" y="28" width="104" height="78" rx="7" fill="var(--surface)" />
      <path d="M38 42h104" />
      <circle cx="47" cy="35" r="1.600" />
      <circle cx="54" cy="35" r="1.600" />
      <Bars x={50} y={58} widths={[70, 52, 62, 40]} />
      <path d="M142 68h20" stroke={ACCENT} strokeWidth="2" />
      <path d="M178 68h20" stroke={ACCENT} strokeWidth="2" />
      <path d="M166 60l-3-6M172 76l4 6M172 60l3-6M167 76l-3 6" stroke={ACCENT} />
      <circle cx="220" cy="68" r="22" fill="var(--surface)" />
      <circle cx="220" cy="68" r="7" />
      <path d="M220 46v-6M220 96v-6M242 68h6M192 68h6M235.600 52.400l4-4M200.400 87.600l4-4M235.600 83.600l4 4M200.400 48.400l4 4" />
    </Frame>
  );
}

/** The cable is slower than the phone: a thin pipe in front of a wide one. */
export function SlowCableDrawing(): ReactNode {
  return (
    <Frame width={56} height={36}>
      <path d="M2 18h20" strokeWidth="2" stroke="var(--attention)" />
      <path d="M22 10h8v16h-8z" fill="var(--surface)" stroke="var(--attention)" />
      <path d="M30 11h24M30 25h24" />
      <path d="M36 18h5M46 18h5" stroke="var(--attention)" />
    </Frame>
  );
}
