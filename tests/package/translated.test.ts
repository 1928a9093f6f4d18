// What menus and installers of the systems show, in all languages.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readConfiguration, ROOT } from '../../scripts/packing/configuration.ts';
import { translatedEntry, translationsOf } from '../../scripts/packing/translated.ts';
import { messagesOf, readCatalogue } from '../../scripts/words/catalogue.ts';
import { LANGUAGES } from '../../shared/words/languages.ts';

const configuration = readConfiguration();
const installed = (kind: 'deb' | 'rpm'): readonly string[] =>
  (configuration[kind]?.fpm ?? []).map((one) => one.split('=')[0] ?? '');
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');
const OTHERS = LANGUAGES.filter((language) => language !== 'en');

test('the entry in menus of programs has a comment and keywords in every language', () => {
  const entry = configuration.linux?.desktop?.entry ?? {};
  for (const name of ['Comment', 'Keywords'])
    assert.equal(Object.keys(entry).filter((key) => key.startsWith(`${name}[`)).length, OTHERS.length, name);
  assert.match(entry['Comment[de]'] ?? '', /Android-Telefon/u);
  assert.match(entry['Keywords[pt_BR]'] ?? '', /celular/u);
  for (const [key, value] of Object.entries(entry))
    if (key.startsWith('Keywords')) assert.match(value ?? '', /;$/u, key);
});

test('“Send to phone” is in every language, in entries that the desktop’s own validator accepts', () => {
  for (const kind of ['deb', 'rpm'] as const) {
    const menus = installed(kind).filter((file) => /\.(?:desktop|nemo_action)$/u.test(file));
    assert.equal(menus.length, 3);
    for (const file of menus) {
      const names = read(file).match(/^Name\[[^\]]+\]=.+$/gmu) ?? [];
      assert.equal(names.length, OTHERS.length, file);
    }
    const [thunar = ''] = menus.filter((file) => file.endsWith('thunar.desktop'));
    execFileSync('desktop-file-validate', [path.join(ROOT, thunar)], { encoding: 'utf8' });
  }
});

test('the validator refuses an entry that is broken', () => {
  const broken = path.join(ROOT, '.cache', 'packing', 'broken.desktop');
  fs.writeFileSync(broken, read('resources/linux/send-to/thunar.desktop').replace('Type=Application', 'Type=Nothing'));
  assert.throws(() => execFileSync('desktop-file-validate', [broken], { stdio: 'pipe' }));
  fs.rmSync(broken);
});

test('the installer for Windows says it in the language of Windows', () => {
  assert.equal(configuration.nsis?.multiLanguageInstaller, true);
  const script = read(configuration.nsis?.include ?? '');
  assert.match(script, /\$\{Case\} 1031\n\s+StrCpy \$R9 "An Telefon senden"/u);
  assert.match(script, /CreateShortCut .* "\$R9"\n!macroend/u);
  assert.equal(script.match(/\$\{Case\}/gu)?.length, OTHERS.length);
});

test('the installer’s own compiler accepts our part of its script', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-nsis-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const compile = (installer: string): void => {
    const script = path.join(folder, 'try.nsi');
    // what electron-builder's script defines around it
    fs.writeFileSync(
      script,
      `Unicode true
!include LogicLib.nsh
!define APP_EXECUTABLE_FILENAME Replug.exe
!define isUpdated \`"1" == "1"\`
Name x
OutFile ${path.join(folder, 'try.exe')}
!include ${installer}
Section
!insertmacro customInstall
SectionEnd
Section un.x
!insertmacro customUnInstall
SectionEnd
`,
    );
    execFileSync('makensis', ['-INPUTCHARSET', 'UTF8', '-V1', script], { stdio: 'pipe' });
  };
  const ours = path.join(ROOT, configuration.nsis?.include ?? '');
  compile(ours);
  const broken = path.join(folder, 'broken.nsh');
  fs.writeFileSync(broken, fs.readFileSync(ours, 'utf8').replace('${EndSwitch}', ''));
  assert.throws(() => compile(broken));
});

test('a text that is no message stays as it is; every message is somewhere', () => {
  assert.deepEqual(translationsOf('Nothing of ours'), []);
  assert.equal(translatedEntry('Name=Nothing of ours\nExec=x'), 'Name=Nothing of ours\nExec=x');
  const everything = [
    read('scripts/channels/description.ts'),
    'Android;MTP;phone;transfer;',
    read('resources/windows/installer.nsh'),
    ...['dolphin.desktop', 'nemo.nemo_action', 'thunar.desktop'].map((name) => read(`resources/linux/send-to/${name}`)),
  ].join('\n');
  for (const { text } of messagesOf(readCatalogue('en', 'packages'), 'packages').values())
    assert.ok(everything.includes(text), text);
});
