import { Switch } from 'radix-ui';
import { useId, type ReactNode } from 'react';
import { Select, type SelectProps } from './select.tsx';

/** What is written beside every setting. */
export interface SettingProps {
  readonly name: string;
  /** One sentence that says what the setting does. */
  readonly sentence: string;
}
/**
 * Ids for the field. `name` and `more` label and describe a button, which has text of its own; any other field uses
 * `id` and is labelled through it.
 */
type Field = (ids: { readonly id: string; readonly name: string; readonly more: string }) => ReactNode;

/** One row of the settings: name, explanation, and the field that changes it. */
export function Setting({ name, sentence, children }: SettingProps & { readonly children: Field }): ReactNode {
  const id = useId();
  const more = `${id}-more`;
  const title = `${id}-name`;
  return (
    <div className="setting">
      <div>
        <label id={title} htmlFor={id}>
          {name}
        </label>
        <p className="quiet" id={more}>
          {sentence}
        </p>
      </div>
      {children({ id, name: title, more })}
    </div>
  );
}

type ChoiceProps<T extends string> = SettingProps & Pick<SelectProps<T>, 'value' | 'options' | 'onChange'>;

/** A setting with one of a few values. */
export function Choice<T extends string>({ value, options, onChange, ...setting }: ChoiceProps<T>): ReactNode {
  return (
    <Setting {...setting}>
      {({ id, more }) => <Select id={id} aria-describedby={more} value={value} options={options} onChange={onChange} />}
    </Setting>
  );
}

interface ToggleProps extends SettingProps {
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}

/** A setting that is on or off. */
export function Toggle({ value, onChange, ...setting }: ToggleProps): ReactNode {
  return (
    <Setting {...setting}>
      {({ id, more }) => (
        <Switch.Root id={id} className="switch" aria-describedby={more} checked={value} onCheckedChange={onChange}>
          <Switch.Thumb />
        </Switch.Root>
      )}
    </Setting>
  );
}
