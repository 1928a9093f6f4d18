import type { Finding } from './life/judge.ts';
import { live } from './life/life.ts';
import type { Script } from './life/script.ts';

/** A script without some of its parts: `d3` is its fourth deed, `f0` its first file. */
export function without(script: Script, parts: readonly string[]): Script {
  const left = new Set(parts);
  return {
    ...script,
    deeds: script.deeds.filter((_, index) => !left.has(`d${index}`)),
    files: script.files.filter((_, index) => !left.has(`f${index}`)),
  };
}

/** Whether two lives went wrong in the same way. */
const isAlike = (one: readonly Finding[], other: readonly Finding[]): boolean =>
  one.some(({ kind }) => other.some((finding) => finding.kind === kind));

/** The parts that a failing life fails without just the same: halves first, then one by one. */
export async function superfluous(script: Script): Promise<readonly string[]> {
  const { findings } = await live(script);
  const all = [...script.deeds.keys()]
    .map((index) => `d${index}`)
    .concat([...script.files.keys()].map((index) => `f${index}`));
  const gone: string[] = [];
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    let left = all.filter((part) => !gone.includes(part));
    for (let from = 0; from < left.length;) {
      const tried = left.slice(from, from + size);
      const lived = await live(without(script, [...gone, ...tried]));
      if (isAlike(lived.findings, findings)) {
        gone.push(...tried);
        left = left.filter((part) => !tried.includes(part));
      } else from += size;
    }
  }
  return gone;
}
