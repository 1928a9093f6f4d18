import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { localPath, phonePath, segmentOf, type DeviceKey, type Entry, type StorageKey } from '../../shared/domain.ts';
import { fail, type PhoneErrorKind } from '../../shared/errors.ts';
import { NO_FILTERS, pairId, type SyncPair } from '../../shared/sync.ts';
import { fingerprintFile, nodeDisk } from '../../electron/engine/index.ts';
import { LocalEndpoint } from '../../electron/sync/local-endpoint.ts';
import { PhoneEndpoint, type PhoneEngine } from '../../electron/sync/phone-endpoint.ts';
import type { SyncRow } from '../../electron/sync/sync-store.ts';

/** The two sides of a pair on temporary folders, without an engine: what the phone's side asks is read from a folder. */

/** A date without fractions. */
export const DATE = Date.UTC(2024, 2, 3, 4, 5, 6);

export const syncRow = (path: string, change: Partial<SyncRow> = {}): SyncRow => ({
  path,
  target: path,
  size: 10,
  modified: DATE,
  targetSize: 10,
  targetModified: DATE,
  sha256: 'f00d'.repeat(16),
  fingerprint: undefined,
  adopted: false,
  status: 'synced',
  syncedAt: 1,
  goneAt: undefined,
  problem: undefined,
  ...change,
});

/** One pair's folders; all files have the date `DATE` unless another is given. */
export class SyncSides {
  readonly #folder: string;
  readonly phone: PhoneEndpoint;
  readonly local: LocalEndpoint;
  /** Folders of the phone that cannot be listed. */
  readonly unlistable = new Set<string>();
  /** Files of the phone that cannot be read, and how that fails. */
  readonly unreadable = new Map<string, PhoneErrorKind>();
  /** Files of which a fingerprint was taken on the phone. */
  readonly fingerprinted: string[] = [];

  constructor(t: TestContext) {
    this.#folder = mkdtempSync(join(tmpdir(), 'replug-sides-'));
    t.after(() => rmSync(this.#folder, { recursive: true, force: true }));
    for (const side of ['phone', 'here']) mkdirSync(join(this.#folder, side));
    this.local = new LocalEndpoint(nodeDisk, join(this.#folder, 'here'));
    const engine: Pick<PhoneEngine, 'scan' | 'fingerprint'> = {
      scan: (place, options = {}) => this.#scan(place.path, options.enter ?? (() => true)),
      fingerprint: (place, salt) => {
        const path = place.path.slice(1);
        this.fingerprinted.push(path);
        const kind = this.unreadable.get(path);
        if (kind !== undefined) return Promise.reject(fail(kind, 'read'));
        return fingerprintFile(nodeDisk, join(this.#folder, 'phone', path), salt);
      },
    };
    this.phone = new PhoneEndpoint(engine as PhoneEngine, {
      device: 'maker#1' as DeviceKey,
      storage: 's' as StorageKey,
      path: phonePath('/'),
    });
  }

  pair(change: Partial<SyncPair> = {}): SyncPair {
    return {
      id: pairId('p'),
      name: 'Pair',
      device: 'maker#1' as DeviceKey,
      deviceName: 'Phone',
      storage: 's' as StorageKey,
      storageName: 'Internal',
      phone: phonePath('/'),
      local: localPath(this.local.root),
      direction: 'to-computer',
      filters: NO_FILTERS,
      deletions: 'mirror',
      deletionLimit: 0.5,
      conflicts: 'keep-both',
      removed: 'copy-again',
      verify: 'sampled',
      layout: 'as-on-phone',
      automatic: false,
      createdAt: 1,
      ...change,
    };
  }

  /** Writes a file whose bytes are `text`. */
  write(side: 'phone' | 'here', path: string, text: string, modified = DATE): void {
    const file = join(this.#folder, side, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    utimesSync(file, modified / 1000, modified / 1000);
  }

  *#listed(path: string, enter: (path: ReturnType<typeof phonePath>) => boolean): Generator<Listed> {
    if (this.unlistable.has(path)) {
      yield { path: phonePath(path), entries: [], unreadable: 0, problem: fail('refused', 'list').problem };
      return;
    }
    const entries: Entry[] = [];
    const folders: string[] = [];
    for (const name of readdirSync(join(this.#folder, 'phone', path)).sort()) {
      const below = path === '/' ? `/${name}` : `${path}/${name}`;
      const stats = statSync(join(this.#folder, 'phone', below));
      if (stats.isDirectory()) folders.push(below);
      const kind = stats.isDirectory() ? 'folder' : 'file';
      entries.push({ name: segmentOf(name), kind, size: stats.size, modified: Math.round(stats.mtimeMs) });
    }
    yield { path: phonePath(path), entries, unreadable: 0, problem: undefined };
    for (const below of folders) if (enter(phonePath(below))) yield* this.#listed(below, enter);
  }

  async *#scan(path: string, enter: (path: ReturnType<typeof phonePath>) => boolean): ReturnType<PhoneEngine['scan']> {
    for (const folder of this.#listed(path, enter)) yield await Promise.resolve(folder);
  }
}

type Listed = ReturnType<PhoneEngine['scan']> extends AsyncGenerator<infer Folder> ? Folder : never;
