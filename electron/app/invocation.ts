import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { localPath, type LocalPath } from '../../shared/domain.ts';

/** The command line: files to send and, for trying things out, the options of `replug serve`. */
export interface Invocation {
  readonly paths: readonly LocalPath[];
  readonly db: string | undefined;
  readonly virtual: readonly string[];
  readonly faults: readonly string[];
  readonly usb: boolean;
  /** What `--language` says. */
  readonly language: string | undefined;
}

/**
 * Ignores unknown options, unlike the CLI. Systems and Chromium add switches of their own (`--no-sandbox`, `-psn_…`),
 * and Replug must start in spite of them.
 */
export function readInvocation(args: readonly string[], folder: string): Invocation {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    options: {
      db: { type: 'string' },
      virtual: { type: 'string', multiple: true },
      fault: { type: 'string', multiple: true },
      'no-usb': { type: 'boolean' },
      language: { type: 'string' },
    },
  });
  const texts = (value: unknown): readonly string[] =>
    Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  return {
    paths: positionals.filter((one) => one !== '').map((one) => localPath(path.resolve(folder, fromAddress(one)))),
    db: typeof values['db'] === 'string' ? path.resolve(folder, values['db']) : undefined,
    virtual: texts(values['virtual']),
    faults: texts(values['fault']),
    usb: values['no-usb'] !== true,
    language: typeof values['language'] === 'string' ? values['language'] : undefined,
  };
}

/** Some file managers pass `file:` URLs to programs that ask for paths. */
function fromAddress(text: string): string {
  if (!text.startsWith('file://')) return text;
  try {
    return fileURLToPath(text);
  } catch {
    return text;
  }
}

/** Checks what a second instance sends to the first one. Returns the paths in it and drops everything else. */
export function pathsOf(data: unknown): readonly LocalPath[] {
  const paths = typeof data === 'object' && data !== null && 'paths' in data ? data.paths : undefined;
  if (!Array.isArray(paths)) return [];
  return paths.filter((one): one is string => typeof one === 'string' && path.isAbsolute(one)).map(localPath);
}
