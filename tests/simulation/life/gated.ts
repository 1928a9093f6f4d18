/** An object whose calls go through somebody else, who may refuse them. */

type Method = (...given: unknown[]) => unknown;
/** Makes the call, or does not. */
type Doorkeeper = (name: string, method: Method, given: unknown[]) => unknown;

class Gated {
  readonly object: object;
  readonly through: Doorkeeper;
  constructor(object: object, through: Doorkeeper) {
    this.object = object;
    this.through = through;
  }
}

/** By the prototype of what is behind: a life asks its store hundreds of times, and a proxy would look each name up anew. */
const classes = new Map<object, typeof Gated>();

/** The same object, each of whose methods is called by `through`. */
export function gated<T extends object>(object: T, through: Doorkeeper): T {
  const prototype = Object.getPrototypeOf(object) as object;
  let made = classes.get(prototype);
  if (made === undefined) classes.set(prototype, (made = classOf(object)));
  return new made(object, through) as object as T;
}

function classOf(object: object): typeof Gated {
  const made = class extends Gated {};
  for (const name of namesIn(object)) {
    const method: unknown = Reflect.get(object, name);
    Object.defineProperty(
      made.prototype,
      name,
      typeof method === 'function'
        ? {
            value(this: Gated, ...given: unknown[]): unknown {
              return this.through(name, method as Method, given);
            },
          }
        : {
            get(this: Gated): unknown {
              return Reflect.get(this.object, name);
            },
          },
    );
  }
  return made;
}

function namesIn(object: object): ReadonlySet<string> {
  const names = new Set<string>();
  for (let at: object | null = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object)
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  return names;
}
