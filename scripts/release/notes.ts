import type { System } from '../packing/targets.ts';

const NAMES: Readonly<Record<System, string>> = { linux: 'Linux', mac: 'macOS', win: 'Windows' };

/** What a person has to know about a package that nobody signed. */
const UNSIGNED: Readonly<Partial<Record<System, string>>> = {
  mac: 'The macOS packages are **not signed**: Gatekeeper refuses them until you choose *Open Anyway* in the privacy settings.',
  win: 'The Windows packages are **not signed**: SmartScreen warns, and Smart App Control refuses them.',
};

/**
 * The part of CHANGELOG.md about a version. Throws an `Error` if there is none, or if it is empty: a release says what
 * is new.
 */
export function changesIn(changelog: string, version: string): string {
  const lines = changelog.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`## [${version}]`));
  if (start < 0) throw new Error(`CHANGELOG.md has no section "## [${version}]".`);
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('## '));
  const text = lines
    .slice(start + 1, length < 0 ? undefined : start + 1 + length)
    .join('\n')
    .trim();
  if (text === '') throw new Error(`CHANGELOG.md says nothing about ${version}.`);
  return text;
}

/** The notes of a draft. `signed` has what was found on each system; a system that is missing was not looked at. */
export function notesFor(
  changelog: string,
  version: string,
  signed: Readonly<Partial<Record<System, boolean>>>,
  repository: string,
): string {
  const missing = (['linux', 'mac', 'win'] as const).filter((system) => signed[system] === undefined);
  if (missing.length > 0)
    throw new Error(`Nothing is known about the packages for ${missing.map((system) => NAMES[system]).join(', ')}.`);
  const warnings = (['mac', 'win'] as const).filter((system) => signed[system] === false).map((one) => UNSIGNED[one]);
  const owner = repository.replace(/^https:\/\/[^/]+\//, '');
  return [
    changesIn(changelog, version),
    ...warnings,
    '### Checking what you downloaded',
    `\`sha256sum --check --ignore-missing SHA256SUMS\` compares the digests; \`gh attestation verify FILE --repo ${owner}\` shows which workflow built a file from which commit. \`replug-sbom.spdx.json\` lists everything Replug is made of and with.`,
    '',
  ].join('\n\n');
}
