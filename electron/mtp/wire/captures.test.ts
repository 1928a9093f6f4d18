import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { ContainerType, HEADER_SIZE, Operation, Response, operationName } from './codes.ts';
import { decodeHeader, decodeParameters, encodeCommand, encodeDataHeader, encodeParameters } from './containers.ts';
import {
  decodeDeviceInfo,
  decodeObjectInfo,
  decodeStorageInfo,
  decodeU32Array,
  encodeDeviceInfo,
  encodeStorageInfo,
  encodeU32Array,
} from './datasets.ts';
import { decodePropList, encodePropList } from './prop-values.ts';

/**
 * What other people's programs said to each other over a real kernel USB stack (recorded in the USB lab, scenarios
 * `captures/…`; each fixture says how). Nothing here was written by our own encoder.
 */

interface Transaction {
  readonly command: string;
  readonly out: readonly string[];
  readonly in: readonly string[];
  readonly response: string;
}

interface Fixture {
  readonly initiator: string;
  readonly responder: string;
  readonly how: readonly string[];
  readonly transactions: readonly Transaction[];
}

const FOLDER = path.join(import.meta.dirname, 'fixtures');
const bytesOf = (hex: readonly string[]): Uint8Array => new Uint8Array(Buffer.from(hex.join(''), 'hex'));

async function fixtures(): Promise<readonly { name: string; fixture: Fixture }[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name) => ({
      name,
      fixture: JSON.parse(await readFile(path.join(FOLDER, name), 'utf8')) as Fixture,
    })),
  );
}

/** Every recorded transaction whose data, in one direction, belongs to `operation` and was answered with OK. */
async function payloads(operation: number, direction: 'in' | 'out'): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = [];
  for (const { fixture } of await fixtures())
    for (const transaction of fixture.transactions) {
      const data = bytesOf(transaction[direction]);
      const command = decodeParameters(bytesOf([transaction.command]));
      const response = decodeParameters(bytesOf([transaction.response]));
      if (command.code !== operation || data.length === 0 || response.code !== Response.OK) continue;
      found.push(data.subarray(HEADER_SIZE));
    }
  assert.ok(found.length > 0, `the fixtures hold no ${operationName(operation)}`);
  return found;
}

void test('every recorded container reads as what it is, and commands and responses are written byte for byte alike', async () => {
  for (const { name, fixture } of await fixtures())
    for (const transaction of fixture.transactions) {
      const commandBytes = bytesOf([transaction.command]);
      const command = decodeParameters(commandBytes);
      assert.equal(command.type, ContainerType.command, name);
      assert.deepEqual(encodeCommand(command.code, command.transactionId, command.parameters), commandBytes);
      const responseBytes = bytesOf([transaction.response]);
      const response = decodeParameters(responseBytes);
      assert.equal(response.type, ContainerType.response);
      assert.equal(response.transactionId, command.transactionId);
      assert.deepEqual(
        encodeParameters(ContainerType.response, response.code, response.transactionId, response.parameters),
        responseBytes,
      );
      for (const direction of ['in', 'out'] as const) {
        const data = bytesOf(transaction[direction]);
        if (data.length === 0) continue;
        const header = decodeHeader(data);
        assert.deepEqual(
          [header.type, header.code, header.transactionId, header.length],
          [ContainerType.data, command.code, command.transactionId, data.length],
        );
        assert.deepEqual(
          encodeDataHeader(command.code, command.transactionId, data.length - HEADER_SIZE),
          data.subarray(0, HEADER_SIZE),
        );
      }
    }
});

void test('DeviceInfo of uMTP-Responder', async () => {
  for (const bytes of await payloads(Operation.GetDeviceInfo, 'in')) {
    const info = decodeDeviceInfo(bytes);
    assert.equal(info.vendorExtensions, 'microsoft.com: 1.0; android.com: 1.0;');
    assert.deepEqual([info.manufacturer, info.model, info.serial], ['Replug', 'Lab phone', 'LAB0000001']);
    for (const operation of [Operation.GetPartialObject64, Operation.SendPartialObject, Operation.EndEditObject])
      assert.ok(info.operations.includes(operation));
    assert.deepEqual(encodeDeviceInfo(info), bytes);
  }
});

void test('StorageInfo and the lists of ids', async () => {
  const names = new Set<string>();
  for (const bytes of await payloads(Operation.GetStorageInfo, 'in')) {
    const info = decodeStorageInfo(bytes);
    names.add(info.description);
    assert.ok(info.maxCapacity >= info.freeSpace && info.freeSpace > 0);
    assert.deepEqual(encodeStorageInfo(info), bytes);
  }
  assert.deepEqual([...names].sort(), ['Internal storage', 'SD card']);
  for (const bytes of await payloads(Operation.GetStorageIDs, 'in')) {
    assert.deepEqual(decodeU32Array(bytes, 'storage ids'), [0xffff0001, 0xffff0002]);
    assert.deepEqual(encodeU32Array([0xffff0001, 0xffff0002]), bytes);
  }
  for (const bytes of await payloads(Operation.GetObjectHandles, 'in'))
    assert.deepEqual(encodeU32Array(decodeU32Array(bytes, 'handles')), bytes);
});

void test('ObjectInfo as a responder writes it and as initiators write it', async () => {
  const listed = (await payloads(Operation.GetObjectInfo, 'in')).map((bytes) => decodeObjectInfo(bytes));
  assert.ok(listed.some((info) => info.filename === 'hello.txt' && info.compressedSize === 13));
  assert.ok(listed.some((info) => info.filename === 'five-hundred.bin' && info.compressedSize === 500));
  const sent = (await payloads(Operation.SendObjectInfo, 'out')).map((bytes) => decodeObjectInfo(bytes));
  assert.deepEqual(new Set(sent.map((info) => info.filename)), new Set(['sent.txt', 'made']));
});

void test('property lists: what is read is written alike', async () => {
  for (const bytes of await payloads(Operation.GetObjectPropList, 'in')) {
    const elements = decodePropList(bytes);
    assert.ok(elements.length > 3);
    assert.deepEqual(encodePropList(elements), bytes);
  }
});

void test('file contents in both directions', async () => {
  const read = await payloads(Operation.GetObject, 'in');
  assert.ok(read.some((bytes) => new TextDecoder().decode(bytes) === 'Hello, phone!'));
  assert.ok(
    read.some((bytes) => bytes.length === 500),
    'exactly one packet with its header',
  );
  const sent = (await payloads(Operation.SendObject, 'out')).map((bytes) => new TextDecoder().decode(bytes));
  assert.deepEqual(new Set(sent), new Set(['sent by aft', 'sent by libmtp']));
  for (const bytes of await payloads(Operation.GetObjectPropValue, 'in')) assert.ok(bytes.length > 0);
});
