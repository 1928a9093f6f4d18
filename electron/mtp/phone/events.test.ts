import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventIn } from './events.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

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
