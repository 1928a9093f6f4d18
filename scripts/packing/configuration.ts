import fs from 'node:fs';
import path from 'node:path';
import type { Configuration } from 'electron-builder';
import { DESCRIPTION } from '../channels/description.ts';
import { list } from '../channels/desktop-entry.ts';
import { translated } from './translated.ts';
import { load } from './yaml.ts';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** electron-builder.yml as an object, with what `DESCRIPTION` says of the program, in all languages. */
export function readConfiguration(): Configuration {
  const configuration = load(fs.readFileSync(path.join(ROOT, 'electron-builder.yml'), 'utf8')) as Configuration;
  const { summary, categories, keywords } = DESCRIPTION;
  const described = {
    ...configuration,
    linux: {
      ...configuration.linux,
      synopsis: summary,
      category: categories.join(';'),
      desktop: { entry: { Comment: summary, Keywords: list(keywords), StartupNotify: 'true' } },
    },
  };
  return translated(described, ROOT, path.join('.cache', 'packing'));
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
