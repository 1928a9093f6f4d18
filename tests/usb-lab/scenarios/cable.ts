import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Cli, expectExit, largestIn, reaches, type Result } from '../guest/cli.ts';
import type { Lab, Scenario } from '../guest/lab.ts';
import { digestFile, makeFile } from '../guest/phones.ts';
import { randomFrom, SEED } from '../guest/random.ts';
import { sleep } from '../guest/wait.ts';

/** Unplugs the phone or kills the program at random moments of a transfer. The copy must be complete every time. */

const MiB = 1 << 20;
const SIZE = 40 * MiB;
const MOMENTS = 10;
const KILLS = 5;
/** Bytes that one interruption may cost: the chunk on the wire. */
const CHUNK = 8 * MiB;

interface Move {
  readonly cli: Cli;
  readonly args: readonly string[];
  readonly source: string;
  readonly target: string;
  /** Where the arriving bytes can be watched. */
  readonly arriving: string;
}

async function prepare(lab: Lab, direction: 'push' | 'pull'): Promise<Move> {
  const cli = new Cli(lab);
  const phone = path.join(lab.gadget.internal, 'Movies');
  const local = await lab.folder('local');
  if (direction === 'push') {
    const source = path.join(local, 'film.bin');
    await makeFile(source, SIZE);
    return { cli, args: ['push', source, '/Movies'], source, target: path.join(phone, 'film.bin'), arriving: phone };
  }
  const source = path.join(phone, 'film.bin');
  await makeFile(source, SIZE);
  return {
    cli,
    args: ['pull', '/Movies/film.bin', local],
    source,
    target: path.join(local, 'film.bin'),
    arriving: local,
  };
}

/** Random moments in ascending order, as bytes that have arrived. */
function moments(count: number): readonly number[] {
  const random = randomFrom(SEED);
  return Array.from({ length: count }, () => Math.floor(random() * SIZE * 0.97)).sort((a, b) => a - b);
}

async function whole(move: Move): Promise<void> {
  assert.equal(await digestFile(move.target), await digestFile(move.source));
  assert.deepEqual(await readdir(path.dirname(move.target)), ['film.bin'], 'no temporary file is left');
}

/** One process survives all interruptions. */
async function sameProcess(lab: Lab, direction: 'push' | 'pull'): Promise<string> {
  const move = await prepare(lab, direction);
  const random = randomFrom(SEED + 1);
  const program = move.cli.start(['--wait', '60', ...move.args]);
  let pulls = 0;
  for (const bytes of moments(MOMENTS)) {
    await reaches(move.arriving, bytes, program, 60_000);
    if (program.child.exitCode !== null) break;
    await sleep(random() * 150);
    await lab.gadget.unplug();
    pulls += 1;
    await sleep(200 + random() * 800);
    await lab.gadget.plug();
  }
  const result = expectExit(await move.cli.finish(program), 0, move.args);
  await whole(move);
  assert.ok(pulls >= MOMENTS / 2, `only ${pulls} pulls fell into the transfer`);
  const resent = result.bytesResentInAll ?? 0;
  assert.ok(resent <= pulls * CHUNK, `${resent} bytes were sent again`);
  return `${pulls} pulls, ${(resent / MiB).toFixed(1)} MiB sent again, seed ${SEED}`;
}

/**
 * Checks that the report of an ended process agrees with what was confirmed before it and with what has arrived.
 * Returns what is confirmed now.
 */
async function wentOnFrom(before: number, result: Result, move: Move): Promise<number> {
  const { bytesConfirmed = -1, bytesMoved = -1, bytesResent = -1 } = result;
  const figures = `${bytesConfirmed} confirmed after ${before}, ${bytesMoved} moved, ${bytesResent} of them again`;
  assert.equal(result.bytesTotal, SIZE);
  assert.ok(bytesConfirmed >= before, `what was confirmed is lost: ${figures}`);
  const beyond = bytesMoved - (bytesConfirmed - before);
  assert.ok(beyond >= 0 && beyond <= CHUNK, `it did not go on where the last one stopped: ${figures}`);
  assert.ok(bytesResent >= 0 && bytesResent <= CHUNK, `more than one chunk was sent again: ${figures}`);
  const [file, ...others] = result.files ?? [];
  assert.equal(others.length, 0);
  if (result.exit === 0) {
    assert.equal(file?.status, 'done');
    return bytesConfirmed;
  }
  assert.equal(result.status, 'interrupted');
  assert.equal(file?.status, 'unfinished');
  assert.equal(file.confirmed, bytesConfirmed);
  const arrived = await largestIn(move.arriving);
  assert.ok(arrived >= bytesConfirmed, `only ${arrived} bytes have arrived: ${figures}`);
  return bytesConfirmed;
}

/** Each pull ends the process; the next one resumes. */
async function newProcess(lab: Lab, direction: 'push' | 'pull'): Promise<string> {
  const move = await prepare(lab, direction);
  const random = randomFrom(SEED + 2);
  let pulls = 0;
  let resumed = 0;
  let confirmed = 0;
  let resent: number;
  let args = move.args;
  let crashes = 0;
  const plug = async (): Promise<void> => {
    crashes = lab.gadget.crashes.length;
    await lab.gadget.plug();
    await lab.gadget.enumerated();
  };
  for (;;) {
    const before = await largestIn(move.arriving);
    const program = move.cli.start(['--wait', '1', ...args]);
    const isLast = pulls === MOMENTS;
    if (!isLast) {
      await reaches(move.arriving, before + 1 + random() * (SIZE / MOMENTS), program, 60_000);
      await sleep(random() * 100);
      if (program.child.exitCode === null) {
        await lab.gadget.unplug();
        pulls += 1;
      }
    }
    const finished = await move.cli.finish(program);
    if (finished.code === 4 && lab.gadget.crashes.length > crashes) {
      // the responder itself died, and this process does not wait: it found no phone, and nothing is lost
      assert.equal(expectExit(finished, 4, args).bytesConfirmed, confirmed);
      await plug();
      continue;
    }
    const result = expectExit(finished, finished.code === 3 ? 3 : 0, args);
    if (confirmed > 0) resumed += 1;
    confirmed = await wentOnFrom(confirmed, result, move);
    resent = result.bytesResentInAll ?? -1;
    if (result.exit === 0) break;
    await plug();
    args = ['resume'];
  }
  await whole(move);
  assert.equal(confirmed, SIZE);
  assert.ok(pulls >= MOMENTS / 2, `only ${pulls} pulls fell into the transfer`);
  assert.ok(resumed >= MOMENTS / 2, `only ${resumed} processes had something to go on from`);
  assert.ok(resent >= 0 && resent <= pulls * CHUNK, `${resent} bytes were sent again`);
  return `${pulls} pulls, ${resumed} processes went on, ${(resent / MiB).toFixed(1)} MiB sent again, seed ${SEED}`;
}

/** `kill -9` in the middle, the next process at once, nothing replugged: the recovery ladder. */
async function killed(lab: Lab, direction: 'push' | 'pull'): Promise<string> {
  const move = await prepare(lab, direction);
  const random = randomFrom(SEED + 3);
  const rounds = KILLS;
  let kills = 0;
  let slowest = 0;
  let args = move.args;
  for (;;) {
    const before = await largestIn(move.arriving);
    const started = performance.now();
    const program = move.cli.start(['--wait', '60', ...args]);
    if (kills < rounds) {
      await reaches(move.arriving, before + 1, program, 90_000);
      if (kills > 0) slowest = Math.max(slowest, performance.now() - started);
      // a fast bus brings a fifth of the file in the time that some sleeps take
      await reaches(move.arriving, before + 1 + random() * (SIZE / rounds / 2), program, 60_000);
      await sleep(random() * 20);
      if (program.child.exitCode === null) {
        await program.kill('SIGKILL');
        kills += 1;
        args = ['resume'];
        continue;
      }
    }
    expectExit(await move.cli.finish(program), 0, args);
    break;
  }
  await whole(move);
  assert.ok(kills >= KILLS - 1, `only ${kills} kills fell into the transfer`);
  return `${kills} kills, moving again after ${(slowest / 1000).toFixed(1)} s at most, seed ${SEED}`;
}

const scenario = (name: string, what: string, seconds: number, run: Scenario['run']): Scenario => ({
  name: `cable/${name}`,
  what,
  // Twice what it takes on an idle machine of two cores.
  limitMs: seconds * 2000,
  phone: 'gadget',
  run,
});

export const cable: readonly Scenario[] = [
  scenario('push-same', `${MOMENTS} cable pulls in one push, one process`, 150, (lab) => sameProcess(lab, 'push')),
  scenario('pull-same', `${MOMENTS} cable pulls in one pull, one process`, 150, (lab) => sameProcess(lab, 'pull')),
  scenario('push-new', `${MOMENTS} cable pulls in one push, a new process each`, 150, (lab) => newProcess(lab, 'push')),
  scenario('pull-new', `${MOMENTS} cable pulls in one pull, a new process each`, 150, (lab) => newProcess(lab, 'pull')),
  scenario('push-killed', 'kill -9 in a push, the next process at once', 180, (lab) => killed(lab, 'push')),
  scenario('pull-killed', 'kill -9 in a pull, the next process at once', 180, (lab) => killed(lab, 'pull')),
];
