import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../../shared/errors.ts';
import type { AttachedDevice } from '../mtp/ports.ts';
import { VirtualBus, VirtualPhone } from '../virtual/index.ts';
import { JoinedBus } from './joined-bus.ts';
import { trace } from './trace.ts';

const clock = { now: () => performance.now(), sleep: (ms: number) => sleep(ms) };

void test('a trace has operations, sizes, codes and times, and nothing that names a person, a file or a phone', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'replug-trace-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const phone = new VirtualPhone({
    directory: folder,
    serial: 'SECRETSERIAL',
    name: 'Grandma’s phone',
    maker: 'Somemaker',
    storageName: 'Grandma’s storage',
  });
  writeFileSync(path.join(folder, 'divorce.pdf'), Buffer.alloc(300_000, 1));
  const bus = new JoinedBus([new VirtualBus([phone])], () => undefined);
  t.after(() => bus.close());
  const text = (await trace({ version: '1.0.0', bus, clock })).join('\n');
  assert.match(text, /phones: 1/u);
  assert.match(text, /0x1001 GetDeviceInfo: 0 parameters, 0 bytes out, \d+ bytes in, \d+ ms: OK 0x2001/u);
  assert.match(text, /0x1004 GetStorageIDs: 0 parameters/u);
  assert.match(text, /GetPartialObject64: 4 parameters, 0 bytes out, 262156 bytes in/u);
  assert.match(text, /can: \{"edit":true/u);
  assert.doesNotMatch(text, /SECRETSERIAL|Grandma|divorce|Somemaker/iu);
});

void test('a phone that cannot be opened is told with its reason', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'replug-trace-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const phone = new VirtualPhone({ directory: folder });
  const virtual = new VirtualBus([phone]);
  const bus = new JoinedBus([virtual], () => undefined);
  t.after(() => bus.close());
  const [attached] = await bus.current();
  assert.ok(attached);
  await bus.open(attached);
  const text = (await trace({ version: '1.0.0', bus, clock })).join('\n');
  assert.match(text, /not opened: held/u);
});

void test('what the system calls a phone stands in no reason either', async () => {
  const id = '\\\\?\\usb#vid_18d1&pid_4ee1#SECRETSERIAL#{6ac27878-a6fa-4155-ba85-f98f491d4f33}';
  const device: AttachedDevice = {
    id,
    vendorId: 0x18d1,
    productId: 0x4ee1,
    manufacturer: 'Somemaker',
    product: 'Grandma’s phone',
    serial: 'SECRETSERIAL',
    virtual: false,
  };
  const bus = {
    current: () => Promise.resolve([device]),
    open: () => Promise.reject(fail('disconnected', 'open', `${id} is not attached, SECRETSERIAL, Grandma’s phone`)),
    traceOf: () => [],
  };
  const text = (await trace({ version: '1.0.0', bus, clock })).join('\n');
  assert.match(text, /not opened: disconnected, open: … is not attached, …, …/u);
  assert.doesNotMatch(text, /SECRETSERIAL|Grandma/u);
});
