import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { largestIn, linesOf } from '../guest/cli.ts';
import { ROOT, type Lab, type Scenario } from '../guest/lab.ts';
import { digestFile, makeFile } from '../guest/phones.ts';
import { until } from '../guest/wait.ts';

/** The phone as a drive: `replug mount` against uMTP-Responder, with curl as its client. */

const MiB = 1 << 20;
const SIZE = 40 * MiB;
const SLOW = 120_000;

interface Drive {
  /** Runs curl against a name on the phone's internal storage; answers the status. */
  readonly curl: (name: string, ...args: readonly string[]) => Promise<string>;
}

async function mounted(lab: Lab): Promise<Drive> {
  const program = lab.start('mount', process.execPath, [
    path.join(ROOT, 'out/cli/replug.js'),
    '--db',
    path.join(lab.work, 'replug.db'),
    '--json',
    'mount',
    '--address-only',
  ]);
  const url = await until('the drive tells its address', 60_000, () => {
    const told = linesOf(program.output).find((line) => line.type === 'drive');
    return typeof told?.['url'] === 'string' ? told['url'] : undefined;
  });
  let number = 0;
  const ask = async (address: string, args: readonly string[]): Promise<string> => {
    number += 1;
    const curl = lab.start(`curl-${number}`, 'curl', ['-s', '-g', '-w', '\n%{http_code}', ...args, address]);
    const { output } = await curl.ended;
    return output.trim();
  };
  const find = async (address: string): Promise<string> => ask(address, ['-X', 'PROPFIND', '-H', 'Depth: 1']);
  const below = async (address: string, wanted: RegExp): Promise<string> =>
    await until(`${String(wanted)} is in the drive`, 60_000, async () => {
      const listed = await find(address);
      const hrefs = [...listed.matchAll(/<D:href>([^<]*)<\/D:href>/gu)].map(([, href]) => href ?? '');
      const href = hrefs.find((one) => wanted.test(one) && one !== new URL(address).pathname);
      return href === undefined ? undefined : new URL(href, url).href;
    });
  const phone = await below(url, /Lab%20phone/u);
  const storage = await below(phone, /Internal/u);
  return { curl: (name, ...args) => ask(storage + name, args) };
}

const statusOf = (output: string): string => output.slice(-3);

async function copies(lab: Lab): Promise<string> {
  const source = path.join(await lab.folder('local'), 'film.bin');
  await makeFile(source, SIZE);
  const digest = await digestFile(source);
  const { curl } = await mounted(lab);
  const on = (name: string): string => path.join(lab.gadget.internal, name);
  assert.equal(statusOf(await curl('folder/', '-X', 'MKCOL')), '201');
  assert.equal(statusOf(await curl('folder/film.bin', '-T', source)), '201');
  assert.equal(await digestFile(on('folder/film.bin')), digest);
  const back = path.join(lab.work, 'back.bin');
  assert.equal(statusOf(await curl('folder/film.bin', '-o', back)), '200');
  assert.equal(await digestFile(back), digest);
  const part = path.join(lab.work, 'part.bin');
  assert.equal(statusOf(await curl('folder/film.bin', '-r', '12345678-12345777', '-o', part)), '206');
  const bytes = await readFile(source);
  assert.ok((await readFile(part)).equals(bytes.subarray(12_345_678, 12_345_778)));
  assert.equal(statusOf(await curl('folder/film.bin', '-X', 'DELETE')), '204');
  assert.deepEqual(await readdir(on('folder')), []);
  return '40 MiB in and out, a range, a folder, a deletion';
}

/** Each way the cable is pulled half way; curl sees nothing of it. */
async function pulled(lab: Lab): Promise<string> {
  const local = await lab.folder('local');
  const [old, film] = [path.join(local, 'old.bin'), path.join(local, 'film.bin')];
  await makeFile(old, 3 * MiB);
  await makeFile(film, SIZE);
  const { curl } = await mounted(lab);
  const on = (name: string): string => path.join(lab.gadget.internal, name);
  assert.equal(statusOf(await curl('film.bin', '-T', old)), '201');
  const putting = curl('film.bin', '-T', film);
  await until('half of it has gone', SLOW, async () => (await largestIn(lab.gadget.internal)) >= SIZE / 2);
  await lab.gadget.unplug();
  assert.equal(await digestFile(on('film.bin')), await digestFile(old), 'the old file is there until the end');
  await lab.gadget.plug();
  assert.equal(statusOf(await putting), '204');
  assert.equal(await digestFile(on('film.bin')), await digestFile(film));
  assert.deepEqual(await readdir(lab.gadget.internal), ['film.bin'], 'nothing else is left');

  const folder = await lab.folder('back');
  const back = path.join(folder, 'film.bin');
  const getting = curl('film.bin', '--limit-rate', '20M', '-o', back);
  await until('half of it has come', SLOW, async () => (await largestIn(folder)) >= SIZE / 2);
  await lab.gadget.unplug();
  await lab.gadget.plug();
  assert.equal(statusOf(await getting), '200');
  assert.equal(await digestFile(back), await digestFile(film));
  return 'a PUT over a file and a GET go on after the plug';
}

const scenario = (name: string, what: string, run: Scenario['run']): Scenario => ({
  name: `drive/${name}`,
  what,
  limitMs: 300_000,
  phone: 'gadget',
  run,
});

export const drive: readonly Scenario[] = [
  scenario('copies', 'the phone as a drive: curl copies in and out', copies),
  scenario('pulled', 'the phone as a drive: the cable pulled in a PUT and in a GET', pulled),
];
