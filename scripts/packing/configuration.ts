import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Configuration } from 'electron-builder';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** electron-builder.yml as an object, to inspect or extend. */
export function readConfiguration(): Configuration {
  const yaml = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };
  return yaml.load(fs.readFileSync(path.join(ROOT, 'electron-builder.yml'), 'utf8')) as Configuration;
}

/**
 * Writes a complete configuration for electron-builder. It would merge an object with electron-builder.yml a second
 * time.
 */
export function writeConfiguration(configuration: Configuration, file: string): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify(configuration, undefined, 2));
  return file;
}
