import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CommandArgument, CommandName, Snapshots, StreamArgument, StreamName } from '../../shared/contract.ts';
import { localPath, type Entry } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { FolderSnapshot, HostInfo, Settings } from '../../shared/snapshots.ts';
import { NO_COPIES } from '../../shared/verify.ts';
import { BridgeHost } from '../../electron/engine/bridge-host.ts';
import type { ServedFile } from '../../electron/engine/looking/served-file.ts';
import { startLoopbackHost, type LoopbackHost } from '../../electron/web/loopback.ts';
import { ROOT } from './browser.ts';

/** Replies to commands, by name. A command without one is refused, so that a test notices. */
export type Answers = { [N in CommandName]?: (argument: CommandArgument<N>) => unknown };

type Watch = { readonly name: StreamName; readonly argument: unknown; readonly tell: (snapshot: never) => void };

/**
 * The real loopback host with an engine that returns only what a test defines, for states that are rare or occur only
 * with certain phones. The window cannot tell the difference.
 */
export class ScriptedHost {
  readonly asked: { readonly name: CommandName; readonly argument: unknown }[] = [];
  readonly answers: Answers = {};
  /** Folders by path, the same for every storage. */
  readonly folders = new Map<string, readonly Entry[]>();
  info: HostInfo = {
    version: '0.1.0',
    host: 'loopback',
    platform: 'linux',
    drops: 'streams',
    canReveal: true,
    opens: 'tab',
    canTryVirtual: true,
  };
  settings: Settings = {
    onConflict: 'ask',
    onName: 'ask',
    verify: 'sampled',
    large: 'resumable',
    downloadFolder: localPath('/home/ann/Downloads'),
    showHidden: false,
    notifications: true,
    preventSleep: true,
    appearance: 'system',
    language: 'system',
    catalogue: false,
  };
  catalogue: Snapshots['catalogue'] = { enabled: false, phones: [], revision: 1 };
  /** Answers a search; without it a search finds nothing and says nothing. */
  onSearch:
    ((argument: StreamArgument<'search'>, tell: (snapshot: Snapshots['search']) => void) => () => void) | undefined;
  /** What a comparison tells; without it one lists for ever. */
  verification: Snapshots['verification'] = {
    progress: {
      phase: 'listing',
      files: 0,
      filesTotal: 0,
      bytes: 0,
      bytesTotal: 0,
      current: undefined,
      counts: NO_COPIES,
    },
    copies: [],
    result: undefined,
    problem: undefined,
  };
  #devices: Snapshots['devices'] = { devices: [] };
  #transfers: Snapshots['transfers'] = { state: 'idle', transfers: [], speedHistory: [] };
  #items: Snapshots['items'] | undefined;
  #sync: Snapshots['sync'] | undefined;
  #copies: Snapshots['copies'] = { copies: [] };
  #photos: Snapshots['photos'] | undefined;
  /** What is seen of files, by path. */
  readonly looks = new Map<string, Snapshots['look']>();
  /** Files that are looked at, by the path of their address. */
  readonly served = new Map<string, ServedFile>();
  readonly #watches = new Set<Watch>();
  #host: LoopbackHost | undefined;
  #spool = '';
  /** Replaces the default handling of a folder subscription. */
  onFolder: ((argument: StreamArgument<'folder'>, tell: (snapshot: FolderSnapshot) => void) => () => void) | undefined;

  async start(port = 0): Promise<string> {
    this.#spool = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-spool-'));
    const bridge = new BridgeHost({
      engine: {
        execute: (name, argument) => this.#answer(name, argument) as never,
        watch: (name, argument, listener) => this.#watch(name, argument, listener),
      },
      streams: {
        catalogue: (argument, tell) => this.#watch('catalogue', argument, tell),
        search: (argument, tell) => this.#watch('search', argument, tell),
        verification: (argument, tell) => this.#watch('verification', argument, tell),
      },
      commands: new Proxy({} as never, {
        get: (_target, name: CommandName) => (argument: never) => this.#answer(name, argument),
      }),
    });
    this.#host = await startLoopbackHost({
      bridge,
      pages: path.join(ROOT, 'out/renderer'),
      spool: { folder: this.#spool, uses: () => [] },
      files: (pathname) => Promise.resolve(this.served.get(pathname)),
      port,
    });
    return this.#host.url;
  }

  get port(): number {
    return this.#host?.port ?? 0;
  }

  async stop(): Promise<void> {
    await this.#host?.close();
    fs.rmSync(this.#spool, { recursive: true, force: true });
  }

  say<N extends 'devices' | 'transfers' | 'items' | 'sync' | 'copies' | 'catalogue' | 'photos' | 'verification'>(
    name: N,
    snapshot: Snapshots[N],
  ): void {
    if (name === 'devices') this.#devices = snapshot as Snapshots['devices'];
    if (name === 'transfers') this.#transfers = snapshot as Snapshots['transfers'];
    if (name === 'items') this.#items = snapshot as Snapshots['items'];
    if (name === 'sync') this.#sync = snapshot as Snapshots['sync'];
    if (name === 'copies') this.#copies = snapshot as Snapshots['copies'];
    if (name === 'catalogue') this.catalogue = snapshot as Snapshots['catalogue'];
    if (name === 'photos') this.#photos = snapshot as Snapshots['photos'];
    if (name === 'verification') this.verification = snapshot as Snapshots['verification'];
    for (const watch of this.#watches) if (watch.name === name) watch.tell(snapshot as never);
  }

  /** Sends the changed folder to its subscribers. */
  tellFolder(path_: string): void {
    for (const watch of this.#watches)
      if (watch.name === 'folder' && (watch.argument as StreamArgument<'folder'>).place.path === path_)
        watch.tell(this.#folder(watch.argument as StreamArgument<'folder'>) as never);
  }

  /** What is watched of a stream now. */
  watched(name: StreamName): readonly unknown[] {
    return [...this.#watches].filter((one) => one.name === name).map(({ argument }) => argument);
  }

  asks(name: CommandName): readonly unknown[] {
    return this.asked.filter((one) => one.name === name).map((one) => one.argument);
  }

  async #answer(name: CommandName, argument: unknown): Promise<unknown> {
    this.asked.push({ name, argument });
    const answer = this.answers[name] as ((argument: unknown) => unknown) | undefined;
    if (answer !== undefined) return answer(argument);
    switch (name) {
      case 'hostInfo':
        return this.info;
      case 'getSettings':
        return this.settings;
      case 'setSettings':
        this.settings = { ...this.settings, ...(argument as Partial<Settings>) };
        for (const watch of this.#watches) if (watch.name === 'settings') watch.tell(this.settings as never);
        return this.settings;
      case 'thumbnail':
      case 'preview':
      case 'localPicture':
        return { url: undefined };
      case 'keptCopies':
      case 'keptPictures':
        return { bytes: 41_300_000 };
      case 'copies':
        return { copies: [] };
      case 'measure':
        return { files: 3, folders: 1, bytes: 123_456_789 };
      default:
        throw fail('bad-request', name, `No answer is scripted for “${name}”.`);
    }
  }

  #watch(name: StreamName, argument: unknown, tell: (snapshot: never) => void): () => void {
    const watch: Watch = { name, argument, tell };
    this.#watches.add(watch);
    let end: (() => void) | undefined;
    switch (name) {
      case 'devices':
        tell(this.#devices as never);
        break;
      case 'transfers':
        tell(this.#transfers as never);
        break;
      case 'settings':
        tell(this.settings as never);
        break;
      case 'items':
        if (this.#items !== undefined) tell(this.#items as never);
        break;
      case 'copies':
        tell(this.#copies as never);
        break;
      case 'look':
        tell((this.looks.get((argument as StreamArgument<'look'>).place.path) ?? { kind: 'opening' }) as never);
        break;
      case 'sync':
        if (this.#sync !== undefined) tell(this.#sync as never);
        break;
      case 'photos':
        if (this.#photos !== undefined) tell(this.#photos as never);
        break;
      case 'verification':
        tell(this.verification as never);
        break;
      case 'catalogue':
        tell(this.catalogue as never);
        break;
      case 'search':
        if (this.onSearch !== undefined) end = this.onSearch(argument as StreamArgument<'search'>, tell as never);
        break;
      case 'folder':
        if (this.onFolder === undefined) tell(this.#folder(argument as StreamArgument<'folder'>) as never);
        else end = this.onFolder(argument as StreamArgument<'folder'>, tell as (snapshot: FolderSnapshot) => void);
        break;
    }
    return () => {
      this.#watches.delete(watch);
      end?.();
    };
  }

  #folder({ place }: StreamArgument<'folder'>): FolderSnapshot {
    const entries = this.folders.get(place.path);
    return {
      place,
      reset: true,
      entries: entries ?? [],
      state: entries === undefined ? 'failed' : 'complete',
      expected: undefined,
      unreadable: 0,
      problem:
        entries === undefined
          ? { kind: 'missing', operation: 'list', detail: 'no such folder', subject: place.path }
          : undefined,
    };
  }
}
