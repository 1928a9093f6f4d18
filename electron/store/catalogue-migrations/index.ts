import type { Migration } from '../migrations/migration.ts';
import { objects } from './0001-objects.ts';
import { freshness } from './0002-freshness.ts';

/** All migrations of a phone's catalogue, in order. */
export const CATALOGUE_MIGRATIONS: readonly Migration[] = [objects, freshness];
