import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { largestIn } from '../guest/cli.ts';
import { curlOf, showDrive } from '../guest/drive.ts';
import type { Lab, Scenario } from '../guest/lab.ts';
import { digestFile, makeFile } from '../guest/phones.ts';
import { until } from '../guest/wait.ts';
import { davfs2 } from './davfs2.ts';

/** The phone as a drive: `replug mount` against uMTP-Responder, with curl and, mounted by the kernel, davfs2 as its clients. */

const MiB = 1 << 20;
const SIZE = 40 * MiB;
const SLOW = 120_000;

/** Runs curl against a name on the phone's internal storage; answers the status. */
type OnPhone = (name: string, ...args: readonly string[]) => Promise<string>;

async function mounted(lab: Lab): Promise<{ readonly curl: OnPhone }> {
  const curl = curlOf(lab);
  const { storage } = await showDrive(lab, curl);
  return { curl: (name, ...args) => curl(storage + name, ...args) };
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
  davfs2,
];
