import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnPeer } from './peers.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1 0
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 12 1 0
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 13 1 0
   3: 0100007F:C351 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 14 1 0
   4: 0100007F:C352 0100007F:1F90 01 00000000:00000000 00:00000000 00000000   115        0 15 1 0
`;

test('programs of the same user and of the system are let in, other people’s are not', async () => {
  const from = (remotePort: number, table = TABLE): Promise<boolean> =>
    isOwnPeer({ localPort: 0x1f90, remotePort }, () => Promise.resolve(table), 1000);
  assert.equal(await from(0xc350), true);
  assert.equal(await from(0xc351), false);
  assert.equal(await from(0xc352), true, 'davfs2 as the system runs it');
  assert.equal(await from(0xc353), false, 'one that nobody is told of');
});

test('where the kernel tells nothing, the address alone decides', async () => {
  assert.equal(
    await isOwnPeer({ localPort: 1, remotePort: 2 }, () => Promise.reject(new Error('no such file')), 1000),
    true,
  );
});
