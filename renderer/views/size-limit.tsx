import type { ReactNode } from 'react';
import { windowWords } from '../../shared/words/made/window.ts';
import { Select } from '../parts/select.tsx';
import { bytes } from '../view-models/words.ts';

const MB = 1_000_000;
const SIZES = [0, 10 * MB, 100 * MB, 1000 * MB] as const;

interface SizeLimitProps {
  /** Bytes; 0 lets all through. */
  readonly value: number;
  readonly onChange: (bytes: number) => void;
}

/** Which photos, by their size. */
export function SizeLimit({ value, onChange }: SizeLimitProps): ReactNode {
  const words = windowWords.photos;
  return (
    <Select
      aria-label={words.size}
      value={String(value)}
      options={SIZES.map((size) => [
        String(size),
        size === 0 ? words.anySize : words.largerThan({ size: bytes(size) }),
      ])}
      onChange={(size) => onChange(Number(size))}
    />
  );
}
