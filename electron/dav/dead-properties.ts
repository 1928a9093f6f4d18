import { isWithin, keyOf, type Segments } from './address.ts';
import { DavError } from './status.ts';
import { writeXml, type Element } from './xml.ts';

/**
 * Properties that clients invent. A phone has no place for them, so they are kept as long as the drive runs and dropped
 * then.
 */

/** All together, characters. */
const MOST = 4 * 1024 * 1024;

interface Property {
  readonly space: string;
  readonly name: string;
  readonly xml: string;
}

/** The properties of each resource, by its way. */
export class DeadProperties {
  readonly #of = new Map<string, { readonly path: Segments; readonly properties: Map<string, Property> }>();
  #size = 0;

  of(path: Segments): readonly Property[] {
    return [...(this.#of.get(keyOf(path))?.properties.values() ?? [])];
  }

  get(path: Segments, space: string, name: string): Property | undefined {
    return this.#of.get(keyOf(path))?.properties.get(nameOf(space, name));
  }

  /** Throws 507 where there would be too many. */
  set(path: Segments, element: Element): void {
    this.remove(path, element.space, element.name);
    const xml = writeXml(element);
    if (this.#size + xml.length > MOST) throw new DavError(507);
    this.#put(path, { space: element.space, name: element.name, xml });
  }

  #put(path: Segments, property: Property): void {
    const its = this.#of.get(keyOf(path)) ?? { path, properties: new Map<string, Property>() };
    this.#of.set(keyOf(path), its);
    its.properties.set(nameOf(property.space, property.name), property);
    this.#size += property.xml.length;
  }

  remove(path: Segments, space: string, name: string): void {
    const its = this.#of.get(keyOf(path))?.properties;
    const property = its?.get(nameOf(space, name));
    if (property === undefined) return;
    its?.delete(nameOf(space, name));
    this.#size -= property.xml.length;
  }

  /** Forgets those of a resource and of all below. */
  forget(path: Segments): void {
    for (const [key, its] of this.#of) {
      if (!isWithin(its.path, path)) continue;
      this.#of.delete(key);
      for (const { xml } of its.properties.values()) this.#size -= xml.length;
    }
  }

  /** What was copied has the same ones. */
  copy(from: Segments, to: Segments): void {
    for (const its of [...this.#of.values()]) {
      if (!isWithin(its.path, from)) continue;
      for (const property of its.properties.values()) this.#put([...to, ...its.path.slice(from.length)], property);
    }
  }
}

const nameOf = (space: string, name: string): string => `${space}\n${name}`;
