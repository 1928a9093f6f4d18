import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPhoneError } from '../../shared/errors.ts';
import { FakeDriver, ManualTimers } from '../../tests/support/fake-driver.ts';
import { encodeDeviceInfo, Operation, Writer } from '../mtp/wire/index.ts';
import { Hresult } from './keys.ts';
import { Patience } from './patience.ts';
import { probe, probeLines } from './probe.ts';

const ANDROIDS = [0x95c1, 0x95c2, 0x95c3, 0x95c4, 0x95c5];
const INFO = encodeDeviceInfo({
  standardVersion: 100,
  vendorExtensionId: 6,
  vendorExtensionVersion: 100,
  vendorExtensions: '',
  functionalMode: 0,
  operations: [0x1001, 0x1004, 0x1007, 0x1008, ...ANDROIDS],
  events: [],
  deviceProps: [],
  captureFormats: [],
  playbackFormats: [],
  manufacturer: 'Maker',
  model: 'Model',
  deviceVersion: '1',
  serial: 'SECRET',
});

/** A phone whose driver blocks some operations with an HRESULT. */
class ProbedDriver extends FakeDriver {
  readonly blocked: (operation: number) => number | undefined;
  constructor(blocked: (operation: number) => number | undefined) {
    super();
    this.blocked = blocked;
    const begin = this.beginRead;
    const execute = this.execute;
    this.beginRead = (...args) => {
      const operation = args[0] as number;
      const hresult = blocked(operation);
      this.answers.length = 0;
      if (hresult !== undefined) this.answers.push({ hresult });
      else if (operation === Operation.GetPartialObject64) this.answers.push({ code: 0x2009 });
      else this.data = answerTo(operation);
      return begin(...args);
    };
    this.execute = (...args) => {
      const hresult = blocked(args[0] as number);
      this.answers.push(hresult === undefined ? { code: 0x2009 } : { hresult });
      return execute(...args);
    };
  }
}

function answerTo(operation: number): Uint8Array {
  switch (operation) {
    case Operation.GetDeviceInfo:
      return INFO;
    case Operation.GetStorageIDs:
      return new Writer().u32Array([0x10001]).done();
    case Operation.GetObjectHandles:
      return new Writer().u32Array([7]).done();
    default:
      return new Uint8Array(20);
  }
}

const found = (blocked: (operation: number) => number | undefined) => {
  const driver = new ProbedDriver(blocked);
  const timers = new ManualTimers();
  return { driver, result: probe(driver, new Patience(timers), () => timers.now()) };
};

void test('everything gets through: raw, and nothing is written to find it out', async () => {
  const { driver, result } = found(() => undefined);
  const { mode, hidden, steps } = await result;
  assert.deepEqual([mode, [...hidden]], ['raw', []]);
  assert.deepEqual(
    steps.map(({ operation }) => operation),
    [0x1001, 0x1004, 0x1007, 0x1008, 0x95c1, 0x95c4, 0x95c3, 0x95c5],
  );
  assert.ok(
    driver.calls.every(({ call }) => call !== 'beginWrite'),
    'a data phase that is refused early wedges Android',
  );
});

void test('standard operations are blocked: mixed; edit operations too: without them', async () => {
  const mixed = await found((operation) => (operation < 0x9000 ? Hresult.notSupported : undefined)).result;
  assert.deepEqual([mixed.mode, [...mixed.hidden]], ['mixed', []]);
  const noEdits = await found((operation) => (operation === 0x95c4 ? Hresult.accessDenied : undefined)).result;
  assert.deepEqual([noEdits.mode, [...noEdits.hidden].sort()], ['raw', [0x95c2, 0x95c3, 0x95c4, 0x95c5]]);
});

void test('nothing gets through: whole, without all of Android’s operations', async () => {
  const { mode, hidden } = await found(() => Hresult.notImplemented).result;
  assert.deepEqual([mode, [...hidden].sort()], ['whole', ANDROIDS]);
});

void test('a phone that is gone is no mode', async () => {
  await assert.rejects(
    found(() => Hresult.notConnected).result,
    (error) => isPhoneError(error) && error.kind === 'disconnected',
  );
});

void test('the lines for a report have codes and sizes, and no name', async () => {
  const { result } = found((operation) => (operation === 0x1007 ? Hresult.notSupported : undefined));
  const text = probeLines(await result, [0x95c1]).join('\n');
  assert.match(text, /driver: mixed/u);
  assert.match(text, /vendor operations it names: 0x95c1/u);
  assert.match(text, /probe 0x1007 GetObjectHandles: 0x80070032, no response, 0 bytes/u);
  assert.doesNotMatch(text, /SECRET|Maker|Model/u);
});
