import { foldName } from '../../../shared/domain.ts';
import { numberedOnPhone } from '../devices/temporary-name.ts';

/**
 * Names of one folder on the phone, one for each of `names` and in their order: the first of those that the phone would
 * take for one keeps its own, the others get numbers. `onPhone`: a name as the phone can hold it, since two that
 * differ may come to the same once shortened, or without the dots and blanks at their ends.
 */
export function tellApart(names: readonly string[], onPhone: (name: string) => string): readonly string[] {
  const keyOf = (name: string): string => foldName(onPhone(name));
  // nobody gets a number that is another one's own name
  const taken = new Set(names.map(keyOf));
  const given = new Set<string>();
  return names.map((name) => {
    const key = keyOf(name);
    if (!given.has(key)) {
      given.add(key);
      return name;
    }
    for (let number = 2; ; number += 1) {
      const other = numberedOnPhone(name, number);
      const otherKey = keyOf(other);
      if (taken.has(otherKey)) continue;
      taken.add(otherKey);
      return other;
    }
  });
}
