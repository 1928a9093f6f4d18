import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dialog, shell, type BrowserWindow } from 'electron';
import { fail } from '../../shared/errors.ts';
import { desktopWords } from '../../shared/words/made/desktop.ts';
import type { OpenableCopy } from '../engine/index.ts';

/** Opening copies of phones' files with programs of this computer. Programs and scripts are only shown in their folder. */

/** Opens it with the system's program for it. Rejects with `unsupported` where there is none. */
export async function openCopy({ path, name }: OpenableCopy): Promise<void> {
  const refusal = await shell.openPath(path);
  if (refusal !== '')
    throw fail('unsupported', 'open', refusal, {
      subject: name,
      fault: { id: 'no-program', with: { name } },
      advice: { id: 'choose-program' },
    });
}

/**
 * Opens it with a program that a person chooses: in Windows' own dialog, elsewhere among the programs in their usual folder.
 * Answers whether one was chosen. Rejects with `unsupported` where it cannot be started.
 */
export async function openCopyWith({ path, name }: OpenableCopy, window: BrowserWindow | undefined): Promise<boolean> {
  if (process.platform === 'win32') {
    await start('rundll32.exe', ['shell32.dll,OpenAs_RunDLL', path], name);
    return true;
  }
  const options = {
    title: desktopWords.dialog.chooseProgram({ name }),
    defaultPath: process.platform === 'darwin' ? '/Applications' : '/usr/share/applications',
    properties: ['openFile' as const],
  };
  const { canceled, filePaths } = await (window === undefined
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  const [program] = filePaths;
  if (canceled || program === undefined) return false;
  if (process.platform === 'darwin') await start('open', ['-a', program, path], name);
  else if (program.endsWith('.desktop')) await start('gio', ['launch', program, path], name);
  else await start(program, [path], name);
  return true;
}

async function start(program: string, args: readonly string[], name: string): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  try {
    await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error as Error))]);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw fail('unsupported', program, detail, {
      subject: name,
      fault: { id: 'program-not-started', with: { name: program } },
      advice: { id: 'choose-program' },
    });
  }
  child.unref();
}
