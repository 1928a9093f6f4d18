import type { AriaAttributes, ReactNode } from 'react';

/** Properties of a drop-down list of texts. */
export interface SelectProps<T extends string> extends AriaAttributes {
  readonly id?: string;
  readonly disabled?: boolean;
  readonly value: T;
  /** Each value with its label. */
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}

/** A native select, which works with every keyboard and screen reader. */
export function Select<T extends string>({ options, onChange, ...field }: SelectProps<T>): ReactNode {
  return (
    <select {...field} className="field" onChange={(event) => onChange(event.target.value as T)}>
      {options.map(([one, words]) => (
        <option key={one} value={one}>
          {words}
        </option>
      ))}
    </select>
  );
}
