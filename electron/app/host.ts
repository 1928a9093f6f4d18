import fs from 'node:fs/promises';
import path from 'node:path';
import { dialog, nativeImage, shell, type BrowserWindow, type WebContents } from 'electron';
import { localPath } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { Replug } from '../compose.ts';
import { BridgeHost, type HostCommands } from '../engine/bridge-host.ts';
import type { EngineApi } from '../engine/api.ts';
import { offersDrive, ShownDrive, showDriveCommand } from '../dav/index.ts';
import type { OpenableCopy } from '../engine/index.ts';
import { iconFile } from './icons.ts';
import { openCopy, openCopyWith } from './open-with.ts';

/**
 * Commands only Electron can answer: the system's file chooser and file manager, and dragging files out of the
 * window.
 */
export class ElectronHost {
  readonly bridge: BridgeHost;
  /** Phones as a drive, once the window asked for it. */
  readonly drive: ShownDrive;
  readonly #window: () => BrowserWindow | undefined;
  readonly #log: (line: string) => void;
  /** Copies made by `prepareDrag`. Nothing else may be dragged out, whatever the window asks for. */
  readonly #draggable = new Set<string>();

  constructor(replug: Replug, window: () => BrowserWindow | undefined, log: (line: string) => void) {
    this.#window = window;
    this.#log = log;
    this.drive = new ShownDrive({ engine: replug.engine, log });
    this.bridge = new BridgeHost({
      engine: this.#watchingDrags(replug.engine),
      streams: replug.streams,
      commands: replug.hostCommands(
        {
          host: 'electron',
          drops: 'paths',
          canReveal: true,
          canPick: true,
          canShowDrive: offersDrive(),
          opens: 'programs',
        },
        () => ({
          pickLocal: (argument) => this.#pick(argument),
          reveal: (argument) => this.#reveal(argument),
          openCopy: (argument) => this.#open(replug.engine.opening.openable(argument.copy), argument.how),
          showDrive: showDriveCommand(this.drive),
        }),
      ),
    });
  }

  readonly drag = (contents: WebContents, paths: unknown): void => {
    const files = Array.isArray(paths) ? paths.filter((one): one is string => typeof one === 'string') : [];
    if (files.length === 0 || !files.every((one) => this.#draggable.has(one))) {
      this.#log('a drag of files that were not prepared for it was refused');
      return;
    }
    contents.startDrag({ file: files[0] ?? '', files: [...files], icon: nativeImage.createFromPath(iconFile('drag')) });
  };

  #watchingDrags(engine: EngineApi): Pick<EngineApi, 'execute' | 'watch'> {
    return {
      watch: (name, argument, listener) => engine.watch(name, argument, listener),
      execute: async (name, argument) => {
        const reply = await engine.execute(name, argument);
        if (name === 'prepareDrag') {
          const { paths } = reply as { readonly paths: readonly string[] };
          for (const one of paths) this.#draggable.add(one);
        }
        return reply;
      },
    };
  }

  async #pick({ kind, title }: Parameters<HostCommands['pickLocal']>[0]): ReturnType<HostCommands['pickLocal']> {
    const options = {
      ...(title === undefined ? {} : { title }),
      properties: kind === 'folder' ? (['openDirectory', 'createDirectory'] as const) : (['openFile'] as const),
    };
    const wanted = { ...options, properties: [...options.properties] };
    const window = this.#window();
    const { canceled, filePaths } = await (window === undefined
      ? dialog.showOpenDialog(wanted)
      : dialog.showOpenDialog(window, wanted));
    const [chosen] = filePaths;
    return { path: canceled || chosen === undefined ? undefined : localPath(chosen) };
  }

  async #open(copy: OpenableCopy, how: 'open' | 'with' | 'show'): ReturnType<HostCommands['openCopy']> {
    const shown = copy.isProgram || how === 'show';
    if (shown) shell.showItemInFolder(copy.path);
    else if (how === 'with') await openCopyWith(copy, this.#window());
    else await openCopy(copy);
    return { address: undefined, shown };
  }

  async #reveal({ path: file }: Parameters<HostCommands['reveal']>[0]): Promise<void> {
    await fs.access(file).catch((error: unknown) => {
      throw fail('local-missing', 'reveal', file, { subject: path.basename(file) }, error);
    });
    shell.showItemInFolder(path.resolve(file));
  }
}
