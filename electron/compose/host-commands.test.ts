import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { COMMANDS } from '../../shared/contract.ts';
import { localPath, type DeviceKey } from '../../shared/domain.ts';
import type { CopyId } from '../../shared/opening.ts';
import { isPhoneError } from '../../shared/errors.ts';
import { createHostCommands } from './host-commands.ts';
import { JoinedBus } from './joined-bus.ts';
import { VirtualPhones } from './virtual-phones.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-host-'));
const bus = new JoinedBus([], () => undefined);
const virtual = new VirtualPhones(bus);
after(async () => {
  await bus.close();
  fs.rmSync(scratch, { recursive: true, force: true });
});
const revealed: string[] = [];
const quit: string[] = [];
const commands = createHostCommands(
  {
    version: '1.2.3',
    virtual,
    bus: {
      checks: async () => [{ kind: 'takes-phones', program: 'Android File Transfer', releasable: true }],
      quitProgram: async (program) => quit.push(program) > 1,
    },
    dataFolder: scratch,
    phoneReport: async () => ({ text: '{}\n', name: 'report.json', complete: true }),
    verifications: { stop: () => undefined },
    diagnostics: async () => 'all is well',
    copy: (id) => ({ id, path: localPath(`/copies/${id}/a.txt`), name: 'a.txt', isProgram: false }),
  },
  { host: 'loopback', drops: 'streams' },
  () => ({ reveal: async ({ path: file }) => void revealed.push(file) }),
);
const isKind = (kind: string) => (error: unknown) => isPhoneError(error) && error.kind === kind;

test('a host without a tab and without programs shows a copy in its folder, and opens nothing', async () => {
  const reply = await commands.openCopy({ copy: 'c1' as CopyId, how: 'open' });
  assert.deepEqual(reply, { address: undefined, shown: true });
  assert.deepEqual(revealed, ['/copies/c1/a.txt']);
});

test('the host describes itself', async () => {
  const info = await commands.hostInfo(undefined);
  assert.equal(info.version, '1.2.3');
  assert.equal(info.host, 'loopback');
  assert.equal(info.drops, 'streams');
  assert.deepEqual(await commands.diagnostics(undefined), { text: 'all is well' });
  await assert.rejects(commands.pickLocal({ kind: 'folder' }), isKind('unsupported'));
});

test('what would keep phones from being opened is told, and a program is made to quit by its name', async () => {
  const { found } = await commands.firstChecks(undefined);
  assert.deepEqual(found, [{ kind: 'takes-phones', program: 'Android File Transfer', releasable: true }]);
  assert.deepEqual(await commands.quitProgram({ program: 'Photos' }), { told: false });
  assert.deepEqual(await commands.quitProgram({ program: 'Android File Transfer' }), { told: true });
  assert.deepEqual(quit, ['Photos', 'Android File Transfer']);
  const checkOf = COMMANDS.quitProgram;
  for (const wrong of [undefined, {}, { program: '' }, { program: 7 }, { program: 'x'.repeat(201) }])
    assert.throws(() => checkOf(wrong, 'argument'));
});

test('local folders are listed with folders first, files only when asked for', async () => {
  const folder = path.join(scratch, 'list');
  fs.mkdirSync(path.join(folder, 'b folder'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'a.txt'), '12345');
  fs.symlinkSync('nowhere', path.join(folder, 'dangling'));
  const names = async (filesToo: boolean) =>
    (await commands.listLocal({ path: localPath(folder), filesToo })).entries.map(
      ({ name, kind, size }) => `${kind} ${name} ${size}`,
    );
  assert.deepEqual(await names(false), ['folder b folder 0']);
  assert.deepEqual(await names(true), ['folder b folder 0', 'file a.txt 5']);
  const { parent } = await commands.listLocal({ path: localPath(folder) });
  assert.equal(parent, scratch);
  assert.equal((await commands.listLocal({ path: localPath(path.parse(scratch).root) })).parent, undefined);
  assert.equal((await commands.listLocal({})).path, os.homedir());
  await assert.rejects(commands.listLocal({ path: localPath(path.join(folder, 'gone')) }), isKind('local-missing'));
});

test('a virtual phone is started once per folder, unplugged and plugged in again', async () => {
  const { device, folder } = await commands.startVirtual({});
  assert.equal(folder, path.join(scratch, 'virtual-phone'));
  assert.equal((await bus.current()).length, 1);
  await commands.plugVirtual({ device, plugged: false });
  assert.equal((await bus.current()).length, 0);
  assert.deepEqual(await commands.startVirtual({}), { device, folder });
  assert.equal((await bus.current()).length, 1);
  assert.equal((await virtual.all()).length, 1);
  await assert.rejects(commands.plugVirtual({ device: 'other#1' as DeviceKey, plugged: true }), isKind('bad-request'));
  await assert.rejects(commands.startVirtual({ folder: localPath('not/absolute') }), isKind('bad-request'));
});
