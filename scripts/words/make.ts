import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Compiles the catalogues in `words/` to typed functions in `shared/words/made`. Every npm script does this first
 * (scripts/run.js); it takes a few milliseconds if nothing has changed.
 */

const ROOT = path.resolve(import.meta.dirname, '../..');
const MADE = path.join(ROOT, 'shared/words/made');
const STAMP = path.join(MADE, '.stamp');

/** Makes what is not up to date. Throws `WordsError` for a catalogue that cannot be compiled. */
export async function makeWords(): Promise<void> {
  const stamp = stampOf();
  if (fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === stamp) return;
  // only now: the parser is not needed when all is up to date
  const { languagesFound, messagesOf, readCatalogue, roomsFound } = await import('./catalogue.ts');
  const { interfaceOf, languageFile, roomFile, typesFile } = await import('./compile.ts');
  const { pseudo } = await import('./pseudo.ts');
  const { PSEUDO } = await import('../../shared/words/languages.ts');
  const files = new Map<string, string>();
  const interfaces: string[] = [];
  const languages = languagesFound();
  for (const room of roomsFound()) {
    const english = readCatalogue('en', room);
    const source = messagesOf(english, `words/en/${room}.json`);
    interfaces.push(interfaceOf(room, english, source));
    for (const language of languages) {
      const messages = messagesOf(readCatalogue(language, room), `words/${language}/${room}.json`);
      files.set(`${language}/${room}.ts`, languageFile(room, english, messages, source));
    }
    files.set(`${PSEUDO}/${room}.ts`, languageFile(room, english, source, source, pseudo));
    files.set(`${room}.ts`, roomFile(room, [...languages, PSEUDO]));
  }
  files.set('types.ts', typesFile(interfaces));
  for (const [name, code] of files) write(path.join(MADE, name), code);
  for (const name of filesIn(MADE)) if (!files.has(name) && name.endsWith('.ts')) fs.rmSync(path.join(MADE, name));
  write(STAMP, stamp);
}

/** Only what differs is written, and whole: several processes may do this at once, and builds compare times. */
function write(file: string, text: string): void {
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  fs.writeFileSync(fresh, text);
  fs.renameSync(fresh, file);
}

/** A digest of all that the result depends on. */
function stampOf(): string {
  const hash = createHash('sha256');
  for (const folder of ['words', 'scripts/words'])
    for (const name of filesIn(path.join(ROOT, folder))) {
      if (!name.endsWith('.json') && !name.endsWith('.ts')) continue;
      hash.update(`${folder}/${name}\0`).update(fs.readFileSync(path.join(ROOT, folder, name)));
    }
  return hash.digest('hex');
}

const filesIn = (folder: string): readonly string[] =>
  fs.existsSync(folder)
    ? fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
        .sort()
    : [];

if (process.argv[1] === import.meta.filename) await makeWords();
