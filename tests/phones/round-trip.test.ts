import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { reportText, reportName } from '../../electron/compose/phone-report.ts';
import { PROFILES, PROFILE_NAMES } from '../../electron/virtual/profiles.ts';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { LONGEST_REPORT, readPhoneReport, type PhoneReport } from '../../shared/phone-report.ts';
import { phoneIn, profileOf } from '../../scripts/phone/profile.ts';
import { run } from '../../scripts/phone.ts';
import { behavesAsReported, reportOf } from './reported.ts';

/** From a phone to its report, to a profile, and to a phone that behaves the same; and what a report does not say. */

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'replug-phones-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const SECRETS = ['SECRETSERIAL77', 'Grandma', 'divorce', 'Anna’s card', 'Lofoten'];

/** A phone with names that nobody is to read. */
function secretive(directory: string, options: Partial<VirtualPhoneOptions> = {}): VirtualPhoneOptions {
  writeFileSync(path.join(directory, 'divorce papers.pdf'), Buffer.alloc(300_000, 1));
  mkdirSync(path.join(directory, 'Lofoten'), { recursive: true });
  return { directory, serial: 'SECRETSERIAL77', storageName: 'Anna’s card', ...options };
}

for (const name of PROFILE_NAMES)
  test(`the report of a virtual phone ${name} becomes the profile it was made with`, async (t) => {
    const made = folder(t);
    const options = secretive(made, { profile: name });
    const report = readPhoneReport(reportText(await reportOf(options)));
    const phone = phoneIn(report);
    const profile = profileOf(phone, 'a-phone');
    assert.deepEqual(profile, { ...PROFILES[name], name: 'a-phone' });
    const again = phoneIn(await reportOf({ ...options, profile }));
    assert.deepEqual(
      { info: again.info, can: again.can, quirks: again.quirks, found: again.found, usb: again.usb },
      { info: phone.info, can: phone.can, quirks: phone.quirks, found: phone.found, usb: phone.usb },
    );
  });

test('a phone unlike any built-in one keeps what it was reported with', async (t) => {
  const made = folder(t);
  const profile = {
    ...PROFILES['samsung-old'],
    name: 'odd',
    promptMs: undefined,
    vendorId: 0x2717,
    productId: 0xff40,
    vendorExtensions: 'microsoft.com: 1.0; odd.example: 2.0;',
    operations: [...PROFILES.camera.operations, 0x9c01],
    events: [0x4002],
    deviceProps: [0xd401],
  };
  const phone = phoneIn(await reportOf(secretive(made, { profile })));
  const { vendorId, productId, vendorExtensions, operations, events, deviceProps } = profileOf(phone, 'odd');
  const { vendorId: v, productId: p, vendorExtensions: x, operations: o, events: e, deviceProps: d } = profile;
  assert.deepEqual([vendorId, productId, vendorExtensions, operations, events, deviceProps], [v, p, x, o, e, d]);
});

// what the command writes is a test like these two
for (const name of ['android', 'camera'] as const)
  behavesAsReported({
    profile: { ...PROFILES[name], name: `as reported: ${name}` },
    can: undefined,
    found: undefined,
    quirks: name === 'camera' ? ['camera'] : [],
  });

describe('the command', () => {
  test('writes a profile and a test, and writes over neither', async (t) => {
    const made = folder(t);
    const file = path.join(made, 'report.json');
    const phone = path.join(made, 'phone');
    mkdirSync(phone);
    writeFileSync(file, reportText(await reportOf(secretive(phone, { profile: 'android-no-edit' }))));
    assert.equal(await run([file, 'some-phone', '--into', made]), 0);
    const source = readFileSync(path.join(made, 'some-phone.profile.ts'), 'utf8');
    assert.match(source, /name: 'some-phone'/);
    assert.match(source, /vendorId: 0x18d1/);
    assert.match(readFileSync(path.join(made, 'some-phone.test.ts'), 'utf8'), /behavesAsReported\(PHONE\)/);
    assert.equal(await run([file, 'some-phone', '--into', made]), 1);
    assert.equal(readFileSync(path.join(made, 'some-phone.profile.ts'), 'utf8'), source);
    assert.equal(await run([file]), 2);
    assert.equal(await run([file, '../../escaped', '--into', made]), 1);
    assert.equal(await run([file, 'other', '--number', '0']), 2);
    assert.equal(await run([file, 'other', '--number', '9', '--into', made]), 1);
    assert.equal(existsSync(path.join(made, 'other.profile.ts')), false);
  });
});

describe('a report that a stranger made up is refused, with what is wrong and where', () => {
  const good = async (t: TestContext): Promise<PhoneReport> =>
    readPhoneReport(reportText(await reportOf(secretive(folder(t)))));
  test('what is no report', () => {
    for (const [text, message] of [
      ['', /must be JSON/],
      ['[]', /report must be an object/],
      ['null', /report must be an object/],
      ['{"format":2}', /report\.format must be one of 1/],
      ['{"__proto__":{"a":1}}', /report\.__proto__ must be left out/],
      [' '.repeat(LONGEST_REPORT + 1), /at most 2 MiB/],
    ] as const)
      assert.throws(() => readPhoneReport(text), message);
  });

  test('single fields', async (t) => {
    const report = await good(t);
    const [phone] = report.phones;
    assert.ok(phone?.info);
    const with_ = (change: object): string => JSON.stringify({ ...report, phones: [{ ...phone, ...change }] });
    const info = (change: object): string => with_({ info: { ...phone.info, ...change } });
    for (const [text, message] of [
      [info({ operations: ['0x1001`+process.exit()+`'] }), /operations\[0\] must be a code/],
      [info({ operations: [4097] }), /operations\[0\] must be a text/],
      [info({ operations: Array.from({ length: 2000 }, () => '0x1001') }), /a list of 0 to 1024/],
      [info({ model: 'a\u001b]0;x\u0007' }), /model must be text without control characters/],
      [info({ model: 'x'.repeat(10_000) }), /at most 256 characters/],
      [info({ extra: 1 }), /info\.extra must be left out/],
      [with_({ usb: { ...phone.usb, vendor: '18d1' } }), /usb\.vendor must be a code/],
      [with_({ storages: [{ removable: true, readOnly: false, gigabytes: -1 }] }), /gigabytes must be a whole number/],
      [JSON.stringify({ ...report, made: '*/ import "evil"; /*' }), /report\.made must be/],
    ] as const)
      assert.throws(() => readPhoneReport(text), message);
  });

  test('texts stay inside of their quotes in what is written', async (t) => {
    const made = folder(t);
    const report = await good(t);
    const [phone] = report.phones;
    assert.ok(phone?.info);
    const hostile = `'; process.exit(9); //\${1}\`*/"\\`;
    const file = path.join(made, 'report.json');
    writeFileSync(
      file,
      JSON.stringify({ ...report, phones: [{ ...phone, info: { ...phone.info, vendorExtensions: hostile } }] }),
    );
    assert.equal(await run([file, 'hostile', '--into', made]), 0);
    const { PHONE } = (await import(path.join(made, 'hostile.profile.ts'))) as {
      readonly PHONE: { readonly profile: { readonly vendorExtensions: string } };
    };
    assert.equal(PHONE.profile.vendorExtensions, hostile);
  });

  test('any JSON at all', () =>
    fc.assert(
      fc.property(fc.json(), (json) => {
        assert.throws(() => readPhoneReport(json), TypeErrorOrCheck);
      }),
      { numRuns: 300, seed: 23 },
    ));
});

const TypeErrorOrCheck = /^(?:CheckError|TypeError): report/;

describe('no file name and no serial number is in a report', () => {
  test('of a phone as it is', async (t) => {
    const made = folder(t);
    const report = await reportOf(secretive(made, { name: 'Grandma’s own phone', busSerial: 'SECRETSERIAL77' }));
    const text = reportText(report) + reportName(report);
    for (const secret of SECRETS.filter((one) => one !== 'Grandma')) assert.ok(!text.includes(secret), secret);
    assert.match(text, /"digest": "[0-9a-f]{8}"/);
    assert.match(text, /0x1001 GetDeviceInfo/);
  });

  test('of phones that put them, and worse, into what they say of themselves', async (t) => {
    const made = folder(t);
    const awkward = fc.string({ unit: 'grapheme', maxLength: 30 });
    const serials = fc.stringMatching(/^[A-Z0-9]{6,20}$/).filter((serial) => new Set(serial).size > 4);
    await fc.assert(
      fc.asyncProperty(serials, awkward, awkward, fc.boolean(), async (serial, before, after, isLow) => {
        const shown = isLow ? serial.toLowerCase() : serial;
        const text = `${before}${shown}${after}\u0000\u001b[2J\u202e${shown}`;
        const report = await reportOf(
          secretive(made, {
            serial,
            maker: text,
            name: text,
            profile: { ...PROFILES.android, vendorExtensions: text.slice(0, 200), deviceVersion: text },
          }),
        );
        const said = reportText(report) + reportName(report);
        assert.ok(!said.toLowerCase().includes(serial.toLowerCase()), said);
        for (const secret of ['divorce', 'Lofoten', 'Anna’s card']) assert.ok(!said.includes(secret), secret);
        readPhoneReport(said.slice(0, said.lastIndexOf('}') + 1));
      }),
      { numRuns: 60, seed: 23 },
    );
  });
});
