/**
 * Run-time checks that carry their type. Everything that crosses from a window into the engine passes one of them.
 * Small on purpose, since `shared` imports nothing.
 */

/** Returns the value as `T`, or throws a `CheckError` that says where the value is and what was expected. */
export type Check<T> = (value: unknown, at: string) => T;
/** The type of value that a check returns. */
export type Checked<C> = C extends Check<infer T> ? T : never;

class CheckError extends Error {
  override readonly name = 'CheckError';
  constructor(at: string, expected: string) {
    super(`${at} must be ${expected}`);
  }
}

const refuse = (at: string, expected: string): never => {
  throw new CheckError(at, expected);
};

/** Longest text accepted unless a check sets a lower limit: longer than any path on any system. */
const MAX_TEXT = 64 * 1024;

/** A string of `min` to `max` UTF-16 units; without limits, any up to 64 Ki. */
export const text =
  <T extends string = string>(options: { readonly max?: number; readonly min?: number } = {}): Check<T> =>
  (value, at) => {
    const { max = MAX_TEXT, min = 0 } = options;
    if (typeof value !== 'string') return refuse(at, 'a text');
    if (value.length > max) return refuse(at, `at most ${max} characters long`);
    if (value.length < min)
      return refuse(at, min === 1 ? 'a text that is not empty' : `at least ${min} characters long`);
    return value as T;
  };

/** A whole number from `min` to `max`, both included; without limits, from 0 to the largest safe integer. */
export const whole =
  <T extends number = number>(options: { readonly min?: number; readonly max?: number } = {}): Check<T> =>
  (value, at) => {
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
      return refuse(at, `a whole number from ${min} to ${max}`);
    return value as T;
  };

/** `true` or `false` itself; a number or a string is never taken for one. */
export const truth: Check<boolean> = (value, at) => (typeof value === 'boolean' ? value : refuse(at, 'true or false'));

/** One of these values, compared with `===`. */
export const oneOf =
  <const T extends string | number | boolean>(...values: readonly T[]): Check<T> =>
  (value, at) =>
    values.includes(value as T)
      ? (value as T)
      : refuse(at, `one of ${values.map((one) => JSON.stringify(one)).join(', ')}`);

/** A list whose elements all pass `element`; at most 100,000 of them unless `max` says otherwise. */
export const list =
  <T>(element: Check<T>, options: { readonly max?: number; readonly min?: number } = {}): Check<readonly T[]> =>
  (value, at) => {
    const { max = 100_000, min = 0 } = options;
    if (!Array.isArray(value)) return refuse(at, 'a list');
    if (value.length > max || value.length < min) return refuse(at, `a list of ${min} to ${max}`);
    return value.map((one, index) => element(one, `${at}[${index}]`));
  };

/** Lets `undefined` and `null` through as `undefined`, since JSON cannot carry `undefined`. */
export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value, at) =>
    value === undefined || value === null ? undefined : check(value, at);

type Fields = Readonly<Record<string, Check<unknown>>>;
/** A field that may be `undefined` may also be missing. */
type Shape<F extends Fields> = {
  readonly [K in keyof F as undefined extends Checked<F[K]> ? never : K]: Checked<F[K]>;
} & {
  readonly [K in keyof F as undefined extends Checked<F[K]> ? K : never]?: Checked<F[K]>;
};

/** An object with exactly these fields. Unknown fields are refused, so that a misspelt option is never ignored. */
export const shape =
  <F extends Fields>(fields: F): Check<Shape<F>> =>
  (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(at, 'an object');
    const given = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(given))
      if (!Object.hasOwn(fields, name)) return refuse(`${at}.${name}`, 'left out: it is unknown');
    const checked: Record<string, unknown> = {};
    for (const [name, check] of Object.entries(fields)) {
      const field = check(Object.hasOwn(given, name) ? given[name] : undefined, `${at}.${name}`);
      if (field !== undefined) checked[name] = field;
    }
    return checked as Shape<F>;
  };

/** For a command or stream without an argument: refuses anything but `undefined` and `null`. */
export const nothing: Check<undefined> = (value, at) =>
  value === undefined || value === null ? undefined : refuse(at, 'left out');
