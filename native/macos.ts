import type { FirstCheck, Holder } from '../shared/domain.ts';
import type { Advice } from '../shared/errors.ts';
import { CameraPreferences } from './mac-cameras.ts';
import type { Native, Outside, UsbPlace } from './native.ts';

/**
 * macOS. The system's camera programs take every 6/1/1 device as soon as it is plugged in, and are restarted on
 * demand; launchctl cannot disable them (SIP). What works is to tell them that nothing is to be opened for this phone
 * (`mac-cameras.ts`), to end them (they run as the user, so no administrator is needed), and to claim the interface within
 * half a second, with a few attempts.
 */

interface Rule {
  readonly match: RegExp;
  readonly name: string;
  /** The system restarts it on demand, so ending it takes nothing from the user. */
  readonly respawns: boolean;
  /** Runs for other purposes, often all day, and takes only phones that it was told to import from. */
  readonly onRequest?: true;
}

/** Most likely holder first. */
const RULES: readonly Rule[] = [
  { match: /\/(?:ptpcamerad)$/u, name: 'macOS (ptpcamerad)', respawns: true },
  { match: /\/mscamerad-xpc$/u, name: 'macOS (mscamerad-xpc)', respawns: true },
  { match: /\/PTPCamera$/u, name: 'macOS (PTPCamera)', respawns: true },
  { match: /\/icdd$/u, name: 'macOS (icdd)', respawns: true },
  { match: /\/Android File Transfer Agent$/u, name: 'Android File Transfer', respawns: false },
  { match: /\/Android File Transfer$/u, name: 'Android File Transfer', respawns: false },
  { match: /\/Image Capture$/u, name: 'Image Capture', respawns: false },
  { match: /\/Photos$/u, name: 'Photos', respawns: false },
  { match: /\/Preview$/u, name: 'Preview', respawns: false, onRequest: true },
  { match: /\/OpenMTP$/u, name: 'OpenMTP', respawns: false },
  { match: /\/(?:Smart ?Switch|SmartSwitch.*)$/iu, name: 'Samsung Smart Switch', respawns: false },
  { match: /\/Google Drive$/u, name: 'Google Drive', respawns: false, onRequest: true },
  { match: /\/Dropbox$/u, name: 'Dropbox', respawns: false, onRequest: true },
  { match: /\/(?:HandShaker|MacDroid|Commander One|SyncMate.*)$/u, name: '', respawns: false },
];

/**
 * A running program that is known to take phones. `respawns`: the system starts it again; `takesAll`: it takes each
 * phone as it is plugged in.
 */
export interface Program extends Holder {
  readonly pid: number;
  /** Path of the executable. */
  readonly path: string;
  readonly respawns: boolean;
  readonly takesAll: boolean;
}

/** Parses `ps -axo pid=,comm=`: one `PID path` per line, and paths may contain spaces. Most likely holder first. */
export function programsIn(ps: string): readonly Program[] {
  const found: { readonly rank: number; readonly program: Program }[] = [];
  for (const line of ps.split('\n')) {
    const match = /^\s*(\d+)\s+(.+?)\s*$/u.exec(line);
    const path = match?.[2];
    if (match?.[1] === undefined || path === undefined) continue;
    const rank = RULES.findIndex((rule) => rule.match.test(path.startsWith('/') ? path : `/${path}`));
    const rule = RULES[rank];
    if (rule === undefined) continue;
    const other = /\/([^/]+)$/u.exec(path)?.[1] ?? path;
    found.push({
      rank,
      program: {
        pid: Number(match[1]),
        path,
        program: rule.name === '' ? other : rule.name,
        respawns: rule.respawns,
        takesAll: rule.onRequest !== true,
        releasable: rule.respawns || rule.name === 'Android File Transfer',
      },
    });
  }
  return found.sort((a, b) => a.rank - b.rank || a.program.pid - b.program.pid).map(({ program }) => program);
}

/**
 * Finds the programs that take phones, ends those that may be ended, and starts again those that do not come back by
 * themselves.
 */
export class MacNative implements Native {
  readonly #outside: Outside;
  readonly #cameras: CameraPreferences;
  /** Programs that were ended and do not restart by themselves; started again on quit. */
  #ended: string[] = [];

  constructor(outside: Outside) {
    this.#outside = outside;
    this.#cameras = new CameraPreferences(outside);
  }

  async holderOf(): Promise<Holder | undefined> {
    const first = (await this.#programs())[0];
    return first === undefined ? undefined : { program: first.program, pid: first.pid, releasable: first.releasable };
  }

  async #programs(): Promise<readonly Program[]> {
    const { output } = await this.#outside.run('/bin/ps', ['-axo', 'pid=,comm='], 5000);
    return programsIn(output).filter((program) => program.pid !== this.#outside.pid);
  }

  forbiddenAdvice(): Advice {
    return { id: 'quit-phone-programs' };
  }

  async release(place: UsbPlace): Promise<boolean> {
    const programs = (await this.#programs()).filter((program) => program.releasable);
    // before the services are ended: they read it when they start again
    if (programs.some((program) => program.respawns)) await this.#cameras.openNothingFor(place);
    return this.#end(programs);
  }

  async checks(): Promise<readonly FirstCheck[]> {
    const found = new Map<string, FirstCheck>();
    for (const { program, releasable } of await this.#takers())
      if (!found.has(program)) found.set(program, { kind: 'takes-phones', program, releasable });
    return [...found.values()];
  }

  async quitProgram(program: string): Promise<boolean> {
    return this.#end((await this.#takers()).filter((one) => one.program === program && one.releasable));
  }

  /**
   * Programs to quit before a phone is plugged in. Not the camera services: the system starts them when it sees a
   * phone, so there is nothing to end before.
   */
  async #takers(): Promise<readonly Program[]> {
    return (await this.#programs()).filter(({ takesAll, respawns }) => takesAll && !respawns);
  }

  /** Resolves whether any was ended. */
  async #end(programs: readonly Program[]): Promise<boolean> {
    let ended = false;
    // The likeliest holder last: the others must not take the phone when it lets go. What the system starts again has
    // nothing to lose, and SIGKILL leaves it no time to claim once more (both as far2l does it).
    for (const program of programs.toReversed()) {
      const signal = program.respawns ? '-KILL' : '-TERM';
      const { code } = await this.#outside.run('/bin/kill', [signal, String(program.pid)], 2000);
      if (code !== 0) continue;
      ended = true;
      if (!program.respawns) this.#ended.push(program.path);
    }
    return ended;
  }

  async putBack(): Promise<void> {
    await this.#cameras.putBack();
    const paths = [...new Set(this.#ended)];
    this.#ended = [];
    for (const path of paths) {
      // An agent is inside its application's bundle; the innermost bundle is the one to open.
      const bundle = /^(.*\.app)\//u.exec(path)?.[1];
      if (bundle !== undefined) await this.#outside.run('/usr/bin/open', ['-g', bundle], 5000);
    }
  }
}
