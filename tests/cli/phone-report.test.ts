import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { readPhoneReport } from '../../shared/phone-report.ts';
import { CliWorld, names } from './replug.ts';

/** `replug doctor --report`. */

describe('replug doctor --report', () => {
  test('shows the report and writes it to one file, which is what was shown', async (t) => {
    const world = new CliWorld(t, 'storage-name=Anna’s storage');
    world.onPhone('divorce.pdf', 'x');
    fs.symlinkSync('nowhere', path.join(world.here, 'lost.bin'));
    // something that went wrong lately
    assert.equal((await world.run('push', 'lost.bin', '/DCIM')).exit, 1);
    const ran = await world.run('doctor', '--report');
    assert.equal(ran.exit, 0, ran.err);
    const [file, ...more] = names(world.here).filter((name) => name.endsWith('.json'));
    assert.match(file ?? '', /^replug-report-replug-test-phone-\d{4}-\d\d-\d\d\.json$/);
    assert.deepEqual(more, []);
    const text = fs.readFileSync(path.join(world.here, file ?? ''), 'utf8');
    assert.ok(ran.out.startsWith(text));
    assert.ok(ran.out.includes(`Saved as ${file}`));
    const report = readPhoneReport(text);
    assert.equal(report.phones[0]?.info?.model, 'Test phone');
    assert.equal(report.phones[0].serial.usable, true);
    assert.deepEqual(report.recent, [{ kind: 'source-unreadable', operation: 'stat', count: 1 }]);
    for (const secret of ['divorce', 'lost.bin', 'Anna', '"V1"', world.root]) assert.ok(!text.includes(secret), secret);
    // the next one has a name of its own
    assert.equal((await world.run('doctor', '--report')).exit, 0);
    assert.equal(names(world.here).filter((name) => name.endsWith('.json')).length, 2);
    assert.equal(fs.readFileSync(path.join(world.here, file ?? ''), 'utf8'), text);
  });

  test('without a phone there is a report too, and 4; with --trace it is wrong usage', async (t) => {
    const world = new CliWorld(t);
    const ran = await world.bare('--no-usb', '--db', world.db, 'doctor', '--report');
    assert.equal(ran.exit, 4);
    const [file] = names(world.here);
    assert.deepEqual(readPhoneReport(fs.readFileSync(path.join(world.here, file ?? ''), 'utf8')).phones, []);
    assert.equal((await world.run('doctor', '--report', '--trace')).exit, 2);
    assert.equal(fs.existsSync(world.db), false, 'no database is made for it');
  });

  test('a folder that nothing can be written to', async (t) => {
    const world = new CliWorld(t);
    world.withoutPrivileges();
    fs.chmodSync(world.here, 0o555);
    const ran = await world.run('doctor', '--report');
    fs.chmodSync(world.here, 0o755);
    assert.equal(ran.exit, 1, ran.out);
    assert.match(ran.err, /^replug: /);
  });

  test('with --json the report is in the result', async (t) => {
    const world = new CliWorld(t);
    const ran = await world.run('--json', 'doctor', '--report');
    readPhoneReport(JSON.stringify(ran.result['report']));
    assert.ok(fs.existsSync(path.join(world.here, ran.result['file'] as string)));
  });
});
