import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Modules that a process loads otherwise than they stand on the disk: for planted faults, and for windows scaled down. */

const ROOT = new URL('../../../', import.meta.url);

const changes = new Map<string, ((text: string) => string)[]>();

/** `file`: relative to the project; it must not be loaded yet. Throws a RangeError where `change` changes nothing. */
export function changeModule(file: string, change: (text: string) => string): void {
  const url = new URL(file, ROOT).href;
  const before = changes.get(url) ?? [];
  const text = before.reduce((changed, one) => one(changed), readFileSync(fileURLToPath(url), 'utf8'));
  if (change(text) === text) throw new RangeError(`the place to change in ${file} has changed`);
  if (changes.size === 0) takeOver();
  changes.set(url, [...before, change]);
}

function takeOver(): void {
  registerHooks({
    load: (asked, context, next) => {
      const loaded = next(asked, context);
      const wanted = changes.get(asked);
      if (wanted === undefined) return loaded;
      const text = readFileSync(fileURLToPath(asked), 'utf8');
      return { ...loaded, source: wanted.reduce((changed, one) => one(changed), text) };
    },
  });
}
