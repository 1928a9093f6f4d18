// `npm run channels`: what package managers and software centers are told about a release.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CHANNELS, checkChannels, writeChannels } from './channels/index.ts';
import { digestsIn, releaseOf } from './channels/release.ts';

const USAGE = `Usage: npm run channels -- --packages DIR --into DIR --version X.Y.Z --date YYYY-MM-DD --repository URL
  --packages    folder with the packages of the release, all systems
  --into        folder to write to
  --repository  https://github.com/OWNER/NAME; packages are expected in its release vX.Y.Z`;

/** 0, or 1 if a channel's validator complains, or 2 for a wrong command line. */
export function run(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      packages: { type: 'string' },
      into: { type: 'string' },
      version: { type: 'string' },
      date: { type: 'string' },
      repository: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const { packages, into, version, date, repository } = values;
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if ([packages, into, version, date, repository].includes(undefined)) {
    console.error(USAGE);
    return 2;
  }
  const release = releaseOf(
    { version: (version ?? '').replace(/^v/, ''), date: date ?? '', repository: repository ?? '' },
    digestsIn(path.resolve(packages ?? '')),
  );
  const folder = path.resolve(into ?? '');
  writeChannels(release, folder);
  const { problems, missing } = checkChannels(release, folder);
  for (const problem of problems) console.error(problem);
  for (const name of missing) console.error(`Not checked: ${name} is not installed.`);
  console.log(`${CHANNELS.map(({ name }) => name).join(', ')} written to ${folder}`);
  return problems.length === 0 ? 0 : 1;
}
