import { createRequire } from 'node:module';

const yaml = createRequire(import.meta.url)('js-yaml') as {
  load(text: string): unknown;
  dump(value: unknown, options: object): string;
};

/** Reads YAML as electron-builder does; throws if it is none. */
export const load = (text: string): unknown => yaml.load(text);

/** Without folded lines, which some readers of manifests do not take. */
export const dump = (value: unknown): string => yaml.dump(value, { lineWidth: -1, noRefs: true });
