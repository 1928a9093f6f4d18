import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { judged, validator, type Verdict } from './run.ts';

/**
 * AppStream's own validator, strict: hints count as well. Versions before 1.0 do not know `<developer>`, which Flathub
 * demands, and are shown its older name, which later ones refuse.
 */
export function checkMetainfo(file: string): Verdict {
  const version = validator('appstreamcli', ['--version']);
  if (version === undefined) return { problems: [], missing: ['appstream'] };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-metainfo-'));
  try {
    let text = fs.readFileSync(file, 'utf8');
    if (/\b0\.\d+/.test(version.output))
      text = text.replace(
        /<developer id="[\w.]+">\s*<name>(.*)<\/name>\s*<\/developer>/,
        (_, name: string) => `<developer_name>${name}</developer_name>`,
      );
    // the name of the file is checked as well
    const shown = path.join(folder, path.basename(file));
    fs.writeFileSync(shown, text);
    return judged(
      file,
      'appstream',
      validator('appstreamcli', ['validate', '--strict', '--no-net', '--no-color', '--explain', shown]),
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** freedesktop.org's own validator; warnings count, hints do not. */
export function checkDesktopEntry(file: string): Verdict {
  return judged(file, 'desktop-file-utils', validator('desktop-file-validate', [file]), ({ output }) =>
    output.split('\n').filter((line) => line !== '' && !line.includes('hint:')),
  );
}
