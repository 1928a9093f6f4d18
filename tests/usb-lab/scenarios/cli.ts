import assert from 'node:assert/strict';
import { mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Cli, linesOf } from '../guest/cli.ts';
import type { Lab, Scenario } from '../guest/lab.ts';
import { digestFile, digestTree, makeFile } from '../guest/phones.ts';
import type { Program } from '../guest/process.ts';
import { sleep, until } from '../guest/wait.ts';

/** The product as a user has it: the built command line program against uMTP-Responder. */

const MiB = 1 << 20;

async function detect(lab: Lab): Promise<string> {
  const cli = new Cli(lab);
  const { result } = await cli.run(['--wait', '10', 'devices']);
  const text = JSON.stringify(result);
  for (const wanted of [lab.gadget.serial, 'Lab phone', 'Internal storage', 'SD card'])
    assert.ok(text.includes(wanted), `${wanted} is not in ${text}`);
  const doctor = await cli.run(['doctor']);
  assert.ok(doctor.lines.length > 0);
  return 'serial, model and both storages';
}

async function list(lab: Lab): Promise<string> {
  const root = lab.gadget.internal;
  await mkdir(path.join(root, 'a/b/c/d'), { recursive: true });
  await writeFile(path.join(root, 'a/b/c/d/deep.txt'), 'deep');
  await mkdir(path.join(root, 'many'));
  for (let index = 0; index < 2000; index += 1) await writeFile(path.join(root, 'many', `file ${index}.txt`), 'x');
  const cli = new Cli(lab, { common: ['--wait', '10'] });
  const deep = await cli.run(['ls', '/a/b/c/d']);
  assert.ok(JSON.stringify(deep.lines).includes('deep.txt'));
  const started = performance.now();
  const many = await cli.run(['ls', '/many']);
  const names = new Set([...JSON.stringify(many.lines).matchAll(/file \d+\.txt/gu)].map(([name]) => name));
  assert.equal(names.size, 2000);
  const card = await cli.run(['ls', 'SD:/']);
  assert.equal(card.result['entries'], 0);
  return `2000 entries, whole process ${((performance.now() - started) / 1000).toFixed(1)} s`;
}

/** Boundaries of packets, of the responder's 8 KiB buffer, of our transfers and chunks, with and without the header. */
const SIZES = [
  0,
  1,
  500,
  512,
  1012,
  1024,
  8179,
  8180,
  8181,
  8192,
  16372,
  16384,
  24564,
  65524,
  MiB - 12,
  MiB,
  8 * MiB,
  8 * MiB + 1,
];
const NAMES = [
  'ファイル 名.txt',
  'ملف.bin',
  'Ünïcödé ☃.dat',
  'with  two blanks',
  '.hidden',
  'a'.repeat(200),
  '100% #1 & [x].txt',
];

async function tree(lab: Lab): Promise<string> {
  const source = await lab.folder('source/odd');
  for (const size of SIZES) await makeFile(path.join(source, `sizes/${size}.bin`), size);
  for (const name of NAMES) await makeFile(path.join(source, 'names', name), 100);
  await mkdir(path.join(source, 'empty folder'));
  await makeFile(path.join(source, 'large.bin'), 300_000_000);
  const cli = new Cli(lab, { common: ['--wait', '10'] });
  const pushed = performance.now();
  const push = (await cli.run(['push', source, '/Download'])).result;
  const pushSeconds = (performance.now() - pushed) / 1000;
  assert.equal(push.verified, true);
  const wanted = await digestTree(source);
  assert.deepEqual(await digestTree(path.join(lab.gadget.internal, 'Download/odd')), wanted, 'on the phone');
  assert.deepEqual(await readdir(path.join(lab.gadget.internal, 'Download')), ['odd'], 'nothing else is left there');

  const back = await lab.folder('back');
  const pulled = performance.now();
  const pull = (await cli.run(['pull', '/Download/odd', back])).result;
  const pullSeconds = (performance.now() - pulled) / 1000;
  assert.equal(pull.verified, true);
  assert.deepEqual(await digestTree(path.join(back, 'odd')), wanted, 'back on the computer');
  assert.deepEqual(await readdir(back), ['odd']);
  return `${wanted.size} entries; whole process: push ${pushSeconds.toFixed(0)} s, pull ${pullSeconds.toFixed(0)} s`;
}

/**
 * Names beyond the basic plane. This responder writes each half of a surrogate pair as a character of its own, so on its
 * disk lie six bytes that are no UTF-8, and it reads them back as the pair they were: through it the name is whole. A
 * name that lies on its disk as it should be is listed up to its first such character only; the file is all there.
 */
async function emoji(lab: Lab): Promise<string> {
  const root = lab.gadget.internal;
  const source = await lab.folder('source/odd');
  for (const name of ['smile 😀.txt', '🎉']) await makeFile(path.join(source, name), 3000);
  const wanted = await digestTree(source);
  const cli = new Cli(lab, { common: ['--wait', '10'] });
  const push = (await cli.run(['push', source, '/Download'])).result;
  assert.equal(push.verified, true);
  const onDisk = await readdir(path.join(root, 'Download/odd'), 'buffer');
  assert.deepEqual(
    onDisk.map((name) => name.toString('latin1')).sort(),
    [Buffer.from('eda0bcedbe89', 'hex'), Buffer.from('736d696c6520eda0bdedb8802e747874', 'hex')]
      .map((name) => name.toString('latin1'))
      .sort(),
  );
  assert.deepEqual(await namesIn(cli, '/Download/odd'), [...wanted.keys()]);
  const back = await lab.folder('back');
  await cli.run(['pull', '/Download/odd', back]);
  assert.deepEqual(await digestTree(path.join(back, 'odd')), wanted);

  await lab.gadget.unplug();
  const files = ['cut 😀 one.txt', 'cut 😀 two.txt', '😀.txt', 'whole.txt'];
  for (const name of files) await makeFile(path.join(root, 'Own', name), 2000);
  const own = [...(await digestTree(path.join(root, 'Own'))).values()].sort();
  await lab.gadget.plug();
  await lab.gadget.enumerated();
  assert.deepEqual(await namesIn(cli, '/Own'), ['', 'cut ', 'cut ‛(2)', 'whole.txt']);
  const pull = (await cli.run(['pull', '/Own', back])).result;
  assert.equal(pull.verified, true);
  assert.deepEqual(
    [...(await digestTree(path.join(back, 'Own'))).values()].sort(),
    own,
    'a file of a cut name is lost',
  );
  return 'whole through the responder; of names it cuts, one of them empty, no file is lost';
}

/** The names of a listing, in order. */
async function namesIn(cli: Cli, folder: string): Promise<readonly string[]> {
  const { lines } = await cli.run(['ls', folder]);
  return lines.flatMap((line) => (line.type === 'entry' ? [String(line['name'])] : [])).sort();
}

async function change(lab: Lab): Promise<string> {
  const root = lab.gadget.internal;
  await mkdir(path.join(root, 'old/inside'), { recursive: true });
  await writeFile(path.join(root, 'old/inside/file.txt'), 'kept');
  const cli = new Cli(lab, { common: ['--wait', '10'] });
  await cli.run(['mkdir', '/new/deeper/deepest']);
  await cli.run(['mv', '/old/inside/file.txt', '/old/inside/renamed.txt']);
  assert.deepEqual(
    [...(await digestTree(root)).keys()],
    ['new', 'new/deeper', 'new/deeper/deepest', 'old', 'old/inside', 'old/inside/renamed.txt'],
  );
  // uMTP-Responder does not offer MoveObject: said, and nothing is changed.
  const move = await cli.finish(cli.start(['mv', '/old/inside/renamed.txt', '/new']));
  assert.equal(move.code, 1);
  assert.ok(JSON.stringify(move.lines).includes('unsupported'), JSON.stringify(move.lines));
  assert.ok((await digestTree(root)).has('old/inside/renamed.txt'));
  await cli.run(['rm', '--yes', '/old']);
  assert.deepEqual([...(await digestTree(root)).keys()], ['new', 'new/deeper', 'new/deeper/deepest']);
  const missing = await cli.finish(cli.start(['rm', '--yes', '/nothing']));
  assert.equal(missing.code, 1);
  return 'mkdir, rename, delete; move is said to be unsupported';
}

/** android-file-transfer at its prompt, with the phone open. Right after a plug it may not find it yet. */
async function holder(lab: Lab): Promise<Program> {
  for (let tries = 1; ; tries += 1) {
    const other = lab.start('other', 'aft-mtp-cli', ['-i'], {}, 'open');
    await sleep(3000);
    const folder = `/proc/${other.pid}/fd`;
    const names = await readdir(folder).catch((): string[] => []);
    const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
    if (links.some((link) => link.startsWith('/dev/bus/usb/'))) return other;
    assert.ok(tries < 5, 'aft-mtp-cli does not get hold of the phone');
    await other.kill();
  }
}

async function held(lab: Lab): Promise<string> {
  const other = await holder(lab);
  const cli = new Cli(lab);
  const looked = await cli.finish(cli.start(['--wait', '0', 'devices']));
  const text = JSON.stringify(looked.lines);
  assert.ok(text.includes('aft-mtp-cli') && text.includes(String(other.pid)), `neither name nor process id in ${text}`);
  const file = path.join(await lab.folder('source'), 'file.bin');
  await makeFile(file, 100_000);
  const waiting = cli.start(['--wait', '60', 'push', file, '/']);
  const told = await until('the push says who has the phone', 30_000, () =>
    linesOf(waiting.output).find((line) => line.type === 'waiting'),
  );
  assert.deepEqual(told['holder'], { program: 'aft-mtp-cli', pid: other.pid, releasable: false });
  assert.equal(waiting.child.exitCode, null, 'it waits');
  await other.kill();
  const pushed = await cli.finish(waiting);
  assert.equal(pushed.code, 0, JSON.stringify(pushed.lines.slice(-3)));
  assert.equal(await digestFile(path.join(lab.gadget.internal, 'file.bin')), await digestFile(file));
  return 'devices and a waiting push name it with its process id; taken over when it ended';
}

async function several(lab: Lab): Promise<string> {
  const folder = await lab.folder('virtual');
  const source = await lab.folder('source');
  await makeFile(path.join(source, 'one.bin'), 20 * MiB);
  const common = ['--wait', '10', '--virtual', `${folder},serial=VIRTUAL1`];
  const cli = new Cli(lab, { common });
  const { result } = await cli.run(['devices']);
  const text = JSON.stringify(result);
  assert.ok(text.includes(lab.gadget.serial) && text.includes('VIRTUAL1'), text);
  const other = new Cli(lab, { name: 'cli-virtual', common: [...common, '--db', path.join(lab.work, 'other.db')] });
  await Promise.all([
    cli.run(['--phone', lab.gadget.serial, 'push', path.join(source, 'one.bin'), '/Download']),
    other.run(['--no-usb', '--phone', 'VIRTUAL1', 'push', path.join(source, 'one.bin'), '/Download']),
  ]);
  const wanted = await digestTree(source);
  assert.deepEqual(await digestTree(path.join(lab.gadget.internal, 'Download')), wanted);
  assert.deepEqual(await digestTree(path.join(folder, 'Download')), wanted);
  return 'a real and a virtual phone, each by its serial number';
}

const scenario = (name: string, what: string, seconds: number, run: Scenario['run']): Scenario => ({
  name: `cli/${name}`,
  what,
  // Twice what it takes on an idle machine of two cores.
  limitMs: seconds * 2000,
  phone: 'gadget',
  run,
});

export const cli: readonly Scenario[] = [
  scenario('detect', 'devices and doctor', 30, detect),
  scenario('list', 'a nested tree and a folder of 2000 entries', 90, list),
  scenario('change', 'mkdir, rename, delete; move where offered', 60, change),
  scenario('tree', 'odd names and sizes and 300 MB, push and pull', 240, tree),
  scenario('emoji', 'names beyond the basic plane, which the responder mistreats', 60, emoji),
  scenario('held', 'another program has the phone: named, then taken over', 90, held),
  scenario('several', 'a real and a virtual phone side by side', 90, several),
];
