import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createUsbBus } from '../../../electron/usb/index.ts';
import { Cli, expectExit, largestIn, reaches } from '../guest/cli.ts';
import type { Lab, Scenario } from '../guest/lab.ts';
import { digestFile, makeFile, openFirst, sha256 } from '../guest/phones.ts';
import { sleep, until } from '../guest/wait.ts';

/** QEMU's own MTP device: a second independent responder, on an emulated EHCI port. */

const MiB = 1 << 20;

async function basics(lab: Lab): Promise<string> {
  await lab.qemu.unplug();
  const { folder } = lab.qemu;
  await mkdir(path.join(folder, 'music'));
  await writeFile(path.join(folder, 'music/song.mp3'), 'la la la');
  await makeFile(path.join(folder, 'big.bin'), 5 * MiB + 3);
  await lab.qemu.plug();
  const bus = createUsbBus();
  try {
    const { phone, storage } = await openFirst(bus);
    const root = await phone.list(storage.id, 'root');
    assert.deepEqual(root.map((entry) => entry.name).sort(), ['big.bin', 'music']);
    const big = root.find((entry) => entry.name === 'big.bin');
    assert.ok(big);
    const pieces: Uint8Array[] = [];
    for (let offset = 0; offset < big.size;) {
      const chunk = await phone.readChunk(big, offset, MiB);
      for (const piece of chunk) offset += piece.length;
      pieces.push(...chunk);
    }
    assert.equal(sha256(pieces), await digestFile(path.join(folder, 'big.bin')));
    const content = Buffer.alloc(2 * MiB + 7, 0x77);
    await phone.writeWhole(storage.id, 'root', { name: 'up.bin', size: content.length, modified: undefined }, [
      content,
    ]);
    assert.equal(await digestFile(path.join(folder, 'up.bin')), sha256(content));
    const waiting = phone.closed;
    await lab.qemu.unplug();
    assert.equal((await waiting).kind, 'disconnected');
    await until('the bus is empty', 5000, async () => (await bus.current()).length === 0);
    const { partialRead, edit, propList } = phone.capabilities;
    return JSON.stringify({ partialRead, edit, propList, model: phone.identity.model });
  } finally {
    await bus.close();
  }
}

/** A limit of this responder: it cannot finish an upload whose last transfer is a multiple of 64 bytes. */
const ODD = 7;

async function cliMoves(lab: Lab): Promise<string> {
  const cli = new Cli(lab, { common: ['--wait', '15'] });
  await lab.qemu.unplug();
  await mkdir(path.join(lab.qemu.folder, 'music'));
  await makeFile(path.join(lab.qemu.folder, 'music/song.mp3'), 3 * MiB + ODD);
  await lab.qemu.plug();
  const devices = await cli.run(['devices']);
  assert.ok(JSON.stringify(devices.result).includes('QEMU'));
  const listed = await cli.run(['ls', '/music']);
  assert.ok(JSON.stringify(listed.lines).includes('song.mp3'));
  const local = await lab.folder('local');
  await cli.run(['pull', '/music/song.mp3', local]);
  assert.equal(
    await digestFile(path.join(local, 'song.mp3')),
    await digestFile(path.join(lab.qemu.folder, 'music/song.mp3')),
  );
  const up = path.join(local, 'up.bin');
  await makeFile(up, 3 * MiB + ODD);
  await cli.run(['push', up, '/']);
  assert.equal(await digestFile(path.join(lab.qemu.folder, 'up.bin')), await digestFile(up));
  return 'devices, ls, pull, push';
}

/**
 * Without edit operations an upload cannot resume: it starts over, and the program says why. QEMU's phone tells a serial
 * number that identifies nobody (`0123456789…`), so after the replug nothing is sent until somebody says that it is the one.
 */
async function uploadRestarts(lab: Lab): Promise<string> {
  const cli = new Cli(lab);
  const source = path.join(await lab.folder('local'), 'film.bin');
  await makeFile(source, 40 * MiB + ODD);
  const program = cli.start(['--wait', '12', 'push', source, '/']);
  await reaches(lab.qemu.folder, 8 * MiB, program, 60_000);
  await lab.qemu.unplug();
  const stood = await largestIn(lab.qemu.folder);
  assert.ok(stood <= 40 * MiB, 'the cable was pulled after the whole file had arrived');
  await sleep(1000);
  await lab.qemu.plug();
  expectExit(await cli.finish(program), 3, ['push']);
  const result = await resumeHere(cli);
  assert.equal(await digestFile(path.join(lab.qemu.folder, 'film.bin')), await digestFile(source));
  const resent = result.bytesResentInAll ?? 0;
  assert.ok(resent > 0, 'it says that bytes were sent again');
  assert.ok(resent <= stood + 16 * MiB, `${resent} sent again, though no more than about ${stood} had gone out`);
  return `pulled at ${(stood / MiB).toFixed(0)} of 40 MiB, ${((result.bytesResentInAll ?? 0) / MiB).toFixed(0)} MiB sent again`;
}

/** A download resumes where it stopped, with the 32-bit GetPartialObject. */
async function downloadResumes(lab: Lab): Promise<string> {
  const cli = new Cli(lab);
  await lab.qemu.unplug();
  const source = path.join(lab.qemu.folder, 'film.bin');
  await makeFile(source, 40 * MiB + ODD);
  await lab.qemu.plug();
  const local = await lab.folder('local');
  const program = cli.start(['--wait', '12', 'pull', '/film.bin', local]);
  await reaches(local, 8 * MiB, program, 60_000);
  await lab.qemu.unplug();
  const stood = await largestIn(local);
  await sleep(1000);
  await lab.qemu.plug();
  expectExit(await cli.finish(program), 3, ['pull']);
  const result = await resumeHere(cli);
  assert.equal(await digestFile(path.join(local, 'film.bin')), await digestFile(source));
  assert.ok((result.bytesResentInAll ?? 0) <= 8 * MiB, 'at most one chunk came twice');
  return `pulled at ${(stood / MiB).toFixed(0)} of 40 MiB, ${((result.bytesResentInAll ?? 0) / MiB).toFixed(1)} MiB came twice`;
}

/** A person says that the phone that is plugged in is the one that was waited for. */
async function resumeHere(cli: Cli): Promise<ReturnType<typeof expectExit>> {
  const unasked = await cli.finish(cli.start(['resume']));
  assert.notEqual(unasked.code, 0, 'nothing is resumed unasked to a phone that nothing identifies');
  return expectExit(await cli.finish(cli.start(['--wait', '60', 'resume', '--this-phone'])), 0, ['resume']);
}

export const qemu: readonly Scenario[] = [
  {
    name: 'qemu/basics',
    what: 'list, read with GetPartialObject, write, unplug through the monitor',
    limitMs: 60_000,
    phone: 'qemu',
    run: basics,
  },
  { name: 'qemu/cli', what: 'devices, ls, pull and push', limitMs: 90_000, phone: 'qemu', run: cliMoves },
  {
    name: 'qemu/upload',
    what: 'unplugged, an upload starts again',
    limitMs: 120_000,
    phone: 'qemu',
    run: uploadRestarts,
  },
  {
    name: 'qemu/download',
    what: 'unplugged, a download goes on (101B)',
    limitMs: 120_000,
    phone: 'qemu',
    run: downloadResumes,
  },
];
