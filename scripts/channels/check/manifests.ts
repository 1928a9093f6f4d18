import fs from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { load } from '../../packing/yaml.ts';
import type { Kind, Release } from '../release.ts';
import { checkDesktopEntry, checkMetainfo } from './freedesktop.ts';
import { together, type Verdict } from './run.ts';
import { FLATPAK, SCOOP, WINGET } from './schemas.ts';

const ajv = new Ajv({ allErrors: true, strict: false });

/** A manifest in YAML or JSON, or the problem that keeps it from being read. */
function read(file: string): { readonly content: unknown } | { readonly problem: string } {
  try {
    const text = fs.readFileSync(file, 'utf8');
    return { content: file.endsWith('.json') ? (JSON.parse(text) as unknown) : load(text) };
  } catch (error) {
    return { problem: `${file}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Against a schema, and each address of a package with its digest against the release. */
function checkManifest(file: string, schema: object, release: Release, kind: Kind): Verdict {
  const found = read(file);
  if ('problem' in found) return { problems: [found.problem], missing: [] };
  const validate = ajv.compile(schema);
  const problems = validate(found.content)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) =>
          `${file}: ${instancePath === '' ? 'the manifest' : instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
      );
  return { problems: [...problems, ...strangers(file, found.content, release, kind)], missing: [] };
}

/** Downloads in a manifest that are not the release's, and those of the release that the manifest lacks. */
function strangers(file: string, content: unknown, release: Release, kind: Kind): readonly string[] {
  const wanted = new Map((['x64', 'arm64'] as const).map((arch) => [release.package(kind, arch).url, arch]));
  const problems: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const entries = new Map<string, unknown>(Object.entries(value));
    const url = entries.get('url') ?? entries.get('InstallerUrl');
    const digest = entries.get('sha256') ?? entries.get('hash') ?? entries.get('InstallerSha256');
    if (typeof url === 'string' && typeof digest === 'string') {
      const plain = url.replace(/#.*$/, '');
      const arch = wanted.get(plain);
      if (arch === undefined) problems.push(`${file}: ${plain} is not a package of the release`);
      else if (release.package(kind, arch).sha256 !== digest.toLowerCase())
        problems.push(`${file}: the digest of ${plain} is not that of the package`);
      wanted.delete(plain);
    }
    for (const inner of entries.values()) look(inner);
  };
  look(content);
  return [...problems, ...[...wanted.keys()].map((url) => `${file}: ${url} is missing, or named twice`)];
}

export function checkFlatpak(folder: string, id: string, release: Release): Verdict {
  return together([
    checkManifest(path.join(folder, `${id}.json`), FLATPAK, release, 'deb'),
    checkDesktopEntry(path.join(folder, `${id}.desktop`)),
    checkMetainfo(path.join(folder, `${id}.metainfo.xml`)),
  ]);
}

export function checkScoop(file: string, release: Release): Verdict {
  return checkManifest(file, SCOOP, release, 'exe');
}

/** The three files of a version must name the same package. */
export function checkWinget(folder: string, id: string, release: Release): Verdict {
  const names = { version: `${id}.yaml`, installer: `${id}.installer.yaml`, defaultLocale: `${id}.locale.en-US.yaml` };
  const verdicts = (Object.keys(names) as (keyof typeof names)[]).map((type): Verdict => {
    const file = path.join(folder, names[type]);
    if (type === 'installer') return checkManifest(file, WINGET.installer, release, 'exe');
    const found = read(file);
    if ('problem' in found) return { problems: [found.problem], missing: [] };
    const validate = ajv.compile(WINGET[type]);
    return {
      problems: validate(found.content) ? [] : [`${file}: ${ajv.errorsText(validate.errors)}`],
      missing: [],
    };
  });
  const heads = Object.values(names).map((name) => {
    const found = read(path.join(folder, name));
    if ('problem' in found || typeof found.content !== 'object') return '';
    const { PackageIdentifier, PackageVersion } = found.content as Record<string, unknown>;
    return `${String(PackageIdentifier)} ${String(PackageVersion)}`;
  });
  const expected = `${id} ${release.version}`;
  const apart = heads.every((head) => head === expected)
    ? []
    : [`${folder}: the files are about ${[...new Set(heads)].join(' and ')}, not all about ${expected}`];
  return together([...verdicts, { problems: apart, missing: [] }]);
}
