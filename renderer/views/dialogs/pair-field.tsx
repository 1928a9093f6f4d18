import { useId, type ReactNode } from 'react';
import { Select, type SelectProps } from '../../parts/select.tsx';

interface FieldProps {
  readonly name: string;
  /** One sentence that says what the option does. */
  readonly more?: string | undefined;
  readonly unit?: string;
  readonly wrong?: string | undefined;
  readonly children: (field: {
    readonly id: string;
    readonly 'aria-describedby'?: string;
    readonly 'aria-invalid'?: true;
  }) => ReactNode;
}

/** A label, its control, an explanation and an error message. */
export function Field({ name, more, unit, wrong, children }: FieldProps): ReactNode {
  const id = useId();
  const described = [
    unit === undefined ? '' : `${id}-unit`,
    more === undefined ? '' : `${id}-more`,
    wrong === undefined ? '' : `${id}-wrong`,
  ].filter((one) => one !== '');
  return (
    <div className="pair-field">
      <label htmlFor={id}>{name}</label>
      <div>
        <span className="pair-control">
          {children({
            id,
            ...(described.length === 0 ? {} : { 'aria-describedby': described.join(' ') }),
            ...(wrong === undefined ? {} : { 'aria-invalid': true }),
          })}
          {unit === undefined ? null : <span id={`${id}-unit`}>{unit}</span>}
        </span>
        {wrong === undefined ? null : (
          <p className="pair-wrong" id={`${id}-wrong`}>
            {wrong}
          </p>
        )}
        {more === undefined ? null : (
          <p className="quiet" id={`${id}-more`}>
            {more}
          </p>
        )}
      </div>
    </div>
  );
}

type ChoiceProps<T extends string> = Pick<FieldProps, 'name' | 'more'> & Omit<SelectProps<T>, 'id'>;

/** A field whose control is a list of choices. */
export function Choice<T extends string>({ name, more, ...select }: ChoiceProps<T>): ReactNode {
  return (
    <Field name={name} more={more}>
      {(field) => <Select {...select} {...field} />}
    </Field>
  );
}
