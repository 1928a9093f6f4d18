import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kindOfAnswer } from '../session/response-errors.ts';
import { KnownCapabilities } from './capabilities.ts';
import { eventIn } from './events.ts';
import { FOOT, LADDER, climb, type LadderPosition } from '../session/recovery-ladder.ts';
import type { AttachedDevice } from '../ports.ts';
import { QUIRKS, effectsOf, quirksOf } from './quirks.ts';
import { Operation, Response, type DeviceInfo } from '../wire/index.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

describe('answers', () => {
  const cases = [
    ['SendObjectInfo', 'GeneralError', 'refused'],
    ['SendObjectInfo', 'InvalidParameter', 'bad-name'],
    ['SendObjectInfo', 'StoreFull', 'full'],
    ['SendObjectInfo', 'ObjectTooLarge', 'too-large'],
    ['SendObjectInfo', 'InvalidObjectHandle', 'stale'],
    ['SendObjectInfo', 'InvalidParentObject', 'stale'],
    ['SendObjectInfo', 'InvalidStorageID', 'stale'],
    ['SendObject', 'GeneralError', 'refused'],
    ['SendObject', 'NoValidObjectInfo', 'refused'],
    ['MoveObject', 'GeneralError', 'refused'],
    ['SetObjectPropValue', 'GeneralError', 'refused'],
    ['CopyObject', 'StoreFull', 'full'],
    ['BeginEditObject', 'GeneralError', 'refused'],
    ['SendPartialObject', 'OperationNotSupported', 'unsupported'],
    ['GetThumb', 'GeneralError', 'missing'],
    ['GetThumb', 'NoThumbnailPresent', 'missing'],
    ['DeleteObject', 'StoreReadOnly', 'read-only'],
    ['DeleteObject', 'ObjectWriteProtected', 'read-only'],
    ['DeleteObject', 'AccessDenied', 'read-only'],
    ['DeleteObject', 'PartialDeletion', 'refused'],
    ['GetObjectHandles', 'StoreNotAvailable', 'locked'],
    ['GetStorageIDs', 'DeviceBusy', 'busy'],
    ['GetStorageIDs', 'SessionNotOpen', 'confused'],
  ] as const;
  for (const [operation, response, kind] of cases)
    test(`${operation} ${response} is ${kind}`, () =>
      assert.equal(kindOfAnswer(Operation[operation], Response[response]), kind));
  test('a code nobody knows is a plain no', () => assert.equal(kindOfAnswer(0x1001, 0x2fff), 'refused'));
});

describe('events', () => {
  const cases = [
    ['10000000 0400 0240 05000000 2a000000', { kind: 'object-added', handle: 0x2a }],
    ['10000000 0400 0340 05000000 2a000000', { kind: 'object-removed', handle: 0x2a }],
    ['10000000 0400 0740 05000000 2a000000', { kind: 'object-changed', handle: 0x2a }],
    ['10000000 0400 01c8 05000000 2a000000', { kind: 'object-changed', handle: 0x2a }],
    ['18000000 0400 0440 05000000 01000100 00000000 00000000', { kind: 'storages-changed' }],
    ['10000000 0400 0540 05000000 01000100', { kind: 'storages-changed' }],
    ['10000000 0400 0640 05000000 01500000', { kind: 'battery-changed' }],
    ['10000000 0400 0640 05000000 03500000', undefined],
    ['0c000000 0400 0240 05000000', undefined],
    ['10000000 0300 0240 05000000 2a000000', undefined],
    ['10000000 0400 0240', undefined],
    ['', undefined],
  ] as const;
  for (const [packet, event] of cases)
    test(packet === '' ? 'an empty packet' : packet, () => assert.deepEqual(eventIn(hex(packet)), event));
});

const DEVICE: AttachedDevice = {
  id: '1',
  vendorId: 0x18d1,
  productId: 0x4ee1,
  manufacturer: 'Google',
  product: 'Pixel',
  serial: 'x',
  virtual: false,
};
const INFO: DeviceInfo = {
  standardVersion: 100,
  vendorExtensionId: 6,
  vendorExtensionVersion: 100,
  vendorExtensions: 'microsoft.com: 1.0; android.com: 1.0;',
  functionalMode: 0,
  operations: [],
  events: [],
  deviceProps: [],
  captureFormats: [],
  playbackFormats: [],
  manufacturer: 'Google',
  model: 'Pixel',
  deviceVersion: '1.0',
  serial: 'x',
};

describe('quirks', () => {
  const names = (attached: Partial<AttachedDevice>, info: Partial<DeviceInfo> = {}): readonly string[] =>
    quirksOf({ ...DEVICE, ...attached }, { ...INFO, ...info }).map((quirk) => quirk.name);
  test('a Pixel has none', () => assert.deepEqual(names({}), []));
  test('each device has its own', () => {
    assert.deepEqual(names({ vendorId: 0x04e8 }), ['samsung-end-of-file']);
    assert.deepEqual(names({}, { manufacturer: 'SAMSUNG' }), ['samsung-end-of-file']);
    assert.deepEqual(names({ vendorId: 0x091e }), ['garmin-split-header']);
    assert.deepEqual(names({ vendorId: 0x1949, product: 'Amazon Kindle' }), ['kindle']);
    assert.deepEqual(names({ vendorId: 0x1949, product: 'Fire' }), []);
    assert.deepEqual(names({ vendorId: 0x0fce }), []);
    assert.deepEqual(names({ vendorId: 0x0fce }, { vendorExtensions: 'microsoft.com: 1.0' }), ['junk-transaction-ids']);
    assert.deepEqual(names({ vendorId: 0x2672 }), ['gopro-events']);
    assert.deepEqual(names({ product: 'TP-7' }), ['tp-7-session']);
    assert.deepEqual(names({ vendorId: 0x04da }, { vendorExtensions: '' }), ['camera']);
  });
  test('before the device has said what it is, its USB identity is enough', () => {
    assert.deepEqual(
      quirksOf({ ...DEVICE, product: 'TP-7' }, undefined).map((quirk) => quirk.name),
      ['tp-7-session'],
    );
  });
  test('every quirk says what is done and on what evidence, under a name of its own', () => {
    assert.equal(new Set(QUIRKS.map((quirk) => quirk.name)).size, QUIRKS.length);
    for (const quirk of QUIRKS) assert.ok(quirk.evidence.length > 20 && quirk.remedy.length > 20, quirk.name);
  });
});

describe('capabilities', () => {
  const operations = [0x100c, 0x100d, 0x95c1, 0x101b, 0x95c2, 0x95c3, 0x95c4, 0x95c5, 0x9805];
  const known = (): KnownCapabilities => new KnownCapabilities({ ...INFO, operations }, effectsOf([]));
  test('are what is advertised', () => {
    assert.deepEqual(known().current(), {
      edit: true,
      truncate: true,
      partialRead: 64,
      rename: false,
      move: false,
      copy: false,
      delete: false,
      write: true,
      thumbnails: false,
      propList: 'unproven',
      battery: false,
    });
  });
  test('each refusal corrects them', () => {
    const capabilities = known();
    capabilities.correct(0x95c1);
    assert.equal(capabilities.current().partialRead, 32);
    capabilities.correct(0x101b);
    assert.equal(capabilities.current().partialRead, 'none');
    capabilities.correct(0x95c3);
    assert.deepEqual([capabilities.current().edit, capabilities.current().truncate], [true, false]);
    capabilities.correct(0x95c4);
    assert.equal(capabilities.current().edit, false);
    capabilities.correct(0x9805);
    assert.equal(capabilities.current().propList, 'no');
  });
});

describe('the ladder', () => {
  const path = (running: boolean): readonly string[] => {
    const steps: string[] = [];
    let position: LadderPosition = FOOT;
    for (let index = 0; index < LADDER.length + 3; index += 1) {
      const step = climb(position, running);
      position = step.position;
      const { action } = step.rung;
      steps.push(
        action.kind === 'wait'
          ? `wait ${action.milliseconds}`
          : action.kind === 'open'
            ? ['open', ...action.before].join(' after ')
            : action.kind,
      );
      if (action.kind === 'ask-user') break;
    }
    return steps;
  };
  test('leaves the phone in peace between attempts, resets late, asks last', () => {
    assert.deepEqual(path(false), [
      'wait 2000',
      'open',
      'wait 1000',
      'open',
      'wait 2000',
      'open',
      'wait 4000',
      'open',
      'wait 8000',
      'open after clear-halts',
      'wait 2000',
      'reset',
      'wait 4000',
      'open',
      'wait 8000',
      'open',
      'ask-user',
    ]);
  });
  test('cancels only what is known to be running', () => {
    assert.ok(path(true).includes('open after cancel'));
    assert.ok(!path(false).includes('open after cancel'));
  });
  test('stays at the top', () => {
    const top = climb({ next: LADDER.length - 1 }, false);
    assert.equal(top.rung.action.kind, 'ask-user');
    assert.equal(climb(top.position, false).rung.action.kind, 'ask-user');
    assert.equal(climb({ next: 99 }, false).rung.action.kind, 'ask-user');
  });
});
