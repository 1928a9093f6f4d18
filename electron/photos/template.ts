import { foldName, type Instant } from '../../shared/domain.ts';
import { failRequest } from '../../shared/errors.ts';
import { SIDECAR, stemOf } from '../../shared/media-kinds.ts';
import { TEMPLATE_WORDS, type TemplateWord } from '../../shared/photos.ts';

/** Where the parts of a shot are saved: folders and a name from templates. Pure. */

/** What a template is filled with. */
export interface TemplateFacts {
  readonly taken: Instant | undefined;
  readonly camera: string;
}

const WORD = /\{([^{}]*)\}/g;
/** Folder of what has no date. */
const UNDATED = 'undated';
/** Deeper templates are mistakes. */
const MOST_FOLDERS = 16;

/** Throws `bad-request` for a template with a word that there is not. */
export function checkTemplate(template: string): void {
  for (const [, word = ''] of template.matchAll(WORD))
    if (!(TEMPLATE_WORDS as readonly string[]).includes(word))
      throw failRequest('photos', { id: 'no-template-word', with: { word, known: TEMPLATE_WORDS.join(', ') } });
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A template's text with everything but `{counter}` filled in. */
function fill(template: string, facts: TemplateFacts, name: string): string {
  // the computer's own time zone, as phones show dates in theirs
  const date = facts.taken === undefined ? undefined : new Date(facts.taken);
  const values: Readonly<Record<TemplateWord, string>> = {
    year: date === undefined ? UNDATED : String(date.getFullYear()).padStart(4, '0'),
    month: date === undefined ? '' : two(date.getMonth() + 1),
    day: date === undefined ? '' : two(date.getDate()),
    date:
      date === undefined
        ? UNDATED
        : `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    time: date === undefined ? '' : `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`,
    camera: facts.camera,
    name,
    counter: '{counter}',
  };
  return template.replaceAll(WORD, (_, word: string) =>
    // a value is text, never folders: a camera's model may be anything
    word === 'counter' ? '{counter}' : values[word as TemplateWord].replaceAll(/[/\\{}]/g, '_'),
  );
}

const foldersOf = (template: string, facts: TemplateFacts): readonly string[] =>
  fill(template, facts, '')
    .replaceAll('{counter}', '')
    .split(/[/\\]/)
    .map((segment) => segment.trim())
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
    .slice(0, MOST_FOLDERS);

const baseOf = (template: string, facts: TemplateFacts, stem: string, number: number): string => {
  const filled = fill(template, facts, stem).replaceAll('{counter}', String(number).padStart(4, '0')).trim();
  return filled === '' ? stem : filled;
};

/** Where a file would go, with `/`: as the templates say, whatever the disk would make of it. */
export function fillExample(
  { folders, names }: { readonly folders: string; readonly names: string },
  name: string,
  facts: TemplateFacts,
): string {
  const stem = stemOf(name);
  const file = baseOf(names, facts, stem, 1).replaceAll(/[/\\]/g, '_') + name.slice(stem.length);
  return [...foldersOf(folders, facts), file].join('/');
}

/** How names are made and compared at the destination. */
export interface TargetRules {
  readonly folders: string;
  readonly names: string;
  /** A name as the disk can hold it. */
  readonly legal: (name: string) => string;
  /** Whether the disk takes `A.jpg` and `a.jpg` for one file. */
  readonly foldsCase: boolean;
}

/**
 * Gives the files of shots their places below the destination, with `/`. All parts of a shot get the same number, and no
 * part of another shot lies beside them under their stem.
 */
export class PhotoTargets {
  readonly #rules: TargetRules;
  readonly #taken: (folder: string) => Promise<Iterable<string>>;
  /** Stems and whole names that are taken, by folder. */
  readonly #used = new Map<string, Set<string>>();
  readonly #counters = new Map<string, number>();

  /** `taken`: the names that are in a folder of the destination now. */
  constructor(rules: TargetRules, taken: (folder: string) => Promise<Iterable<string>>) {
    this.#rules = rules;
    this.#taken = taken;
  }

  /** The folder of a shot; `''` is the destination. */
  folder(facts: TemplateFacts): string {
    return foldersOf(this.#rules.folders, facts).map(this.#rules.legal).join('/');
  }

  /** Places for the files of one shot, given their names; in their order, no two the same. */
  async give(names: readonly string[], facts: TemplateFacts): Promise<readonly string[]> {
    return this.giveIn(this.folder(facts), names, facts);
  }

  /** As `give`, in a folder that was settled elsewhere. */
  async giveIn(folder: string, names: readonly string[], facts: TemplateFacts): Promise<readonly string[]> {
    const used = await this.#usedIn(folder);
    const hasCounter = this.#rules.names.includes('{counter}');
    let number = hasCounter ? (this.#counters.get(folder) ?? 1) : 1;
    for (; ; number += 1) {
      const given = this.#named(names, facts, number, hasCounter);
      if (given.some((name) => used.has(this.#key(name)) || used.has(this.#key(stemOf(name))))) continue;
      for (const name of given) {
        used.add(this.#key(name));
        used.add(this.#key(stemOf(name)));
      }
      if (hasCounter) this.#counters.set(folder, number + 1);
      return given.map((name) => (folder === '' ? name : `${folder}/${name}`));
    }
  }

  /** Places in a folder under a stem that a part of the same shot has there already; `undefined` where one of the names is taken. */
  async giveBeside(folder: string, stem: string, names: readonly string[]): Promise<readonly string[] | undefined> {
    const used = await this.#usedIn(folder);
    const given = names.map((name) => this.#rules.legal(stem + name.slice(stemOf(name).length)));
    if (new Set(given.map((name) => this.#key(name))).size < names.length) return undefined;
    if (given.some((name) => used.has(this.#key(name)))) return undefined;
    for (const name of given) used.add(this.#key(name));
    return given.map((name) => (folder === '' ? name : `${folder}/${name}`));
  }

  #named(names: readonly string[], facts: TemplateFacts, number: number, hasCounter: boolean): readonly string[] {
    const own = new Set<string>();
    return names.map((name) => {
      const stem = stemOf(name);
      const tail = name.slice(stem.length);
      const base = baseOf(this.#rules.names, facts, stem, number);
      const counted = hasCounter || number === 1 ? base : `${base} (${number})`;
      let given = this.#rules.legal(counted + tail);
      // parts whose stems differ, under a template without their names
      for (let part = 2; own.has(this.#key(given)); part += 1) given = this.#rules.legal(`${counted}_${part}${tail}`);
      own.add(this.#key(given));
      return given;
    });
  }

  async #usedIn(folder: string): Promise<Set<string>> {
    const known = this.#used.get(folder);
    if (known !== undefined) return known;
    const used = new Set<string>();
    for (const name of await this.#taken(folder)) {
      used.add(this.#key(name));
      used.add(this.#key(stemOf(SIDECAR.exec(name)?.[1] ?? name)));
    }
    this.#used.set(folder, used);
    return used;
  }

  #key(name: string): string {
    return this.#rules.foldsCase ? foldName(name) : name;
  }
}
