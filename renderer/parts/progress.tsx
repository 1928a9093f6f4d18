import type { CSSProperties, ReactNode } from 'react';
import type { Tone } from '../view-models/transfers.ts';

interface ProgressProps {
  /** Accessible name: what is being measured. */
  readonly label: string;
  /** Percent. */
  readonly value: number;
  readonly tone?: Tone;
  readonly unmeasured?: boolean;
}

/** A progress bar; `value` in percent, ignored while `unmeasured`. */
export function Progress({ label, value, tone = 'moving', unmeasured = false }: ProgressProps): ReactNode {
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      data-tone={tone}
      {...(unmeasured
        ? { 'data-unmeasured': '' }
        : { 'aria-valuenow': value, 'aria-valuemin': 0, 'aria-valuemax': 100 })}
      style={{ '--share': value / 100 } as CSSProperties}
    >
      <span />
    </div>
  );
}
