/**
 * Windows' MTP driver names a storage `s` and an object `o`, each with its MTP number in hexadecimal. That is how its
 * names look, not what Microsoft promises: what does not look so gets a number of our own.
 */

/** The object handle in a name. */
export const handleOf = (id: string): number | undefined => numberIn(id, 'o');
/** The storage id in a name. */
export const storageIdOf = (id: string): number | undefined => numberIn(id, 's');

function numberIn(id: string, letter: string): number | undefined {
  const digits = id.slice(1);
  if (id[0]?.toLowerCase() !== letter || !/^[0-9a-f]{1,8}$/iu.test(digits)) return undefined;
  return Number.parseInt(digits, 16);
}

/** Numbers of our own begin here, out of the way of the phone's. */
const FIRST_OWN = 0xf000_0000;

/** The numbers by which the objects of one connection are known to whoever speaks MTP. */
export class ObjectNumbers {
  readonly #ids = new Map<number, string>();
  readonly #numbers = new Map<string, number>();
  #next = FIRST_OWN;

  /** The number of an object or a storage; the same for the same name. */
  of(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = handleOf(id) ?? storageIdOf(id) ?? this.reserve();
    this.bind(number, id);
    return number;
  }

  /** A number for an object that has no name yet. */
  reserve(): number {
    this.#next += 1;
    return this.#next;
  }

  bind(number: number, id: string): void {
    this.#ids.set(number, id);
    this.#numbers.set(id, number);
  }

  idOf(number: number): string | undefined {
    return this.#ids.get(number);
  }

  /** The name of an object or a storage that was never listed here; `undefined` for a number of our own. */
  nameFor(number: number, letter: 'o' | 's'): string | undefined {
    return number === 0 || number >= FIRST_OWN ? undefined : `${letter}${number.toString(16).toUpperCase()}`;
  }

  /** The phone's own handle, for its own operations. */
  handleFor(number: number): number {
    const id = this.#ids.get(number);
    return (id === undefined ? undefined : handleOf(id)) ?? number;
  }
}
