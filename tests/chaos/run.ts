import { parseArgs } from 'node:util';
import type { ProfileName } from '../../electron/virtual/index.ts';
import { found, meddled, replayed } from '../meddler/command.ts';

/**
 * `npm run chaos [-- --seed N --interruptions N --files N --largest BYTES --profile P --verbose]`, then the meddler ring:
 * `--meddlings N` cases (0: none), or `--meddle 'LINE'` for one case alone, as a failure prints it; `--plant NAME` puts
 * an old fault back instead, and checks that the ring finds it (names in tests/meddler/plant.ts). Last comes photos:
 * `--histories N` of them (0: none), and with `--photos K` every Kth moment of an import (0: none).
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    interruptions: { type: 'string', default: '560' },
    files: { type: 'string', default: '200' },
    largest: { type: 'string', default: String(64 * 1024 * 1024) },
    profile: { type: 'string', multiple: true, default: ['android', 'android-no-edit', 'legacy-kernel'] },
    direction: { type: 'string', multiple: true, default: ['upload', 'download'] },
    meddlings: { type: 'string', default: '5000' },
    meddle: { type: 'string' },
    plant: { type: 'string' },
    histories: { type: 'string', default: '1000' },
    photos: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
});

if (values.plant !== undefined) process.exit(await found(values.plant));
if (values.meddle !== undefined) process.exit(await replayed(values.meddle, values.verbose));

// loaded late: a fault is planted while its module is loaded
const { chaos } = await import('./chaos.ts');
const { photoChaos } = await import('./photos.ts');

const interruptions = Number(values.interruptions);
const parts =
  interruptions === 0
    ? []
    : values.profile.flatMap((profile) => values.direction.map((direction) => ({ profile, direction })));
const each = Math.ceil(interruptions / parts.length);
const meddlings = Number(values.meddlings);
let failed = 0;
let interrupted = 0;
for (const [index, { profile, direction }] of parts.entries()) {
  const started = performance.now();
  const result = await chaos({
    profile: profile as ProfileName,
    direction: direction === 'upload' ? 'upload' : 'download',
    files: Number(values.files),
    largest: Number(values.largest),
    interruptions: each,
    seed: Number(values.seed) * 1000 + index,
    ...(values.verbose ? { log: (line: string) => console.log(`    ${line}`) } : {}),
  });
  const { unplugs, silences, kills, bytesTotal, bytesResent, failures } = result;
  interrupted += unplugs + silences + kills;
  const ok = failures.length === 0;
  if (!ok) failed += 1;
  console.log(
    `${ok ? 'ok    ' : 'FAILED'} ${profile} ${direction}: ${unplugs} unplugs, ${silences} silences, ${kills} kills; ` +
      `${(bytesTotal / 1e6).toFixed(0)} MB, ${(bytesResent / 1e6).toFixed(1)} MB sent again; ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  for (const failure of failures.slice(0, 20)) console.log(`    ${failure}`);
}
console.log(`${interrupted} interruptions, seed ${values.seed}`);
if (meddlings > 0 && !(await meddled(Number(values.seed), meddlings))) failed += 1;
const ofPhotos = await photoChaos({
  histories: Number(values.histories),
  seed: Number(values.seed),
  every: Number(values.photos),
});
failed += ofPhotos.failed;
console.log(`${parts.length + (meddlings > 0 ? 1 : 0) + ofPhotos.parts - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
