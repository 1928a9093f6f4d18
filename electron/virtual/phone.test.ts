import assert from 'node:assert/strict';
import { readFile, readdir, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Operation, Response, decodePropList } from '../mtp/wire/index.ts';
import { connect, makePhone, pattern } from '../../tests/support/test-initiator.ts';

for (const size of [0, 1, 500, 512, 16372, 16384, 16372 + 2 * 1024 * 1024, 1024 * 1024 - 12, 5_000_000])
  test(`a file of ${size} bytes goes up and comes back`, async (t) => {
    const { phone, folder, base } = await makePhone(t);
    const host = await connect(phone);
    const [storage = 0] = await host.storages();
    const bytes = pattern(size);
    const { handle, result } = await host.upload(storage, 'a.bin', bytes);
    assert.equal(result.code, Response.OK);
    assert.deepEqual(new Uint8Array(await readFile(join(folder, 'a.bin'))), bytes);
    const back = await host.ask(Operation.GetObject, [handle]);
    assert.equal(back.code, Response.OK);
    assert.deepEqual(new Uint8Array(back.data ?? []), bytes);
    await phone.unplug();
    assert.deepEqual(await readdir(base), ['phone']);
  });

test('a listing by property', async (t) => {
  const { phone, folder } = await makePhone(t);
  await mkdir(join(folder, 'DCIM'), { recursive: true });
  await writeFile(join(folder, 'DCIM', 'x.jpg'), 'abc');
  const host = await connect(phone);
  const [dcim = 0] = await host.handles();
  const list = await host.ask(Operation.GetObjectPropList, [dcim, 0, 0xdc07, 0, 1]);
  assert.deepEqual(
    decodePropList(list.data ?? new Uint8Array())
      .map((each) => each.value)
      .sort(),
    ['DCIM', 'x.jpg'],
  );
});
