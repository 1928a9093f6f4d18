import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phonePath, type StorageKey } from '../../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../../shared/errors.ts';
import type { PhoneObject, PhoneStorage } from '../../../mtp/index.ts';
import { ListedFolder } from '../../devices/listed-folder.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import { DownloadSource } from './download-source.ts';

/** What the phone says of a file, and which of its figures counts. */

const STORAGE = { key: 'internal' as StorageKey } as PhoneStorage;
const MOST_32 = 0xffff_ffff;

function source(
  listed: Partial<PhoneObject>,
  phone: { readonly stat?: Partial<PhoneObject>; readonly sizeOf?: number },
  attempts = 0,
): DownloadSource {
  const object = { name: 'film.mkv', kind: 'file', handle: 7, ...listed } as PhoneObject;
  const folder = new ListedFolder(STORAGE, phonePath('/DCIM'), 'root', [object]);
  return new DownloadSource({
    run: { row: { storage: STORAGE.key, phone: phonePath('/DCIM/film.mkv'), attempts } },
    connection: {
      tree: { folder: () => Promise.resolve(folder), forget: () => undefined, changesOf: () => 0 },
      phone: {
        stat: () => Promise.resolve({ ...object, ...phone.stat }),
        sizeOf: () =>
          phone.sizeOf === undefined
            ? Promise.reject(fail('unsupported', 'GetObjectPropValue', ''))
            : Promise.resolve(phone.sizeOf),
      },
    },
  } as unknown as ItemTransferContext);
}

test('a file of exactly 4 GiB − 1 is told by its 64-bit size', async () => {
  assert.equal((await source({ size: MOST_32 }, { sizeOf: MOST_32 }).open()).size, MOST_32);
  assert.equal((await source({ size: MOST_32 }, { sizeOf: MOST_32 + 9 }).open()).size, MOST_32 + 9);
});

test('4 GiB − 1 without a 64-bit size says nothing, and is not cut off there', async () => {
  await assert.rejects(
    source({ size: MOST_32 }, {}).open(),
    (error) => isPhoneError(error) && error.kind === 'unsupported',
  );
});

test('a listed 0 is asked about, and so is anything after a failed attempt', async () => {
  assert.equal((await source({ size: 0 }, { stat: { size: 12 } }).open()).size, 12);
  assert.equal((await source({ size: 5 }, { stat: { size: 12 } }).open()).size, 5);
  assert.equal((await source({ size: 5 }, { stat: { size: 12 } }, 1).open()).size, 12);
});

test('another size or date is a change; another time zone, or a date that is not told, is none', async () => {
  const hour = 3_600_000;
  const listed = { size: 5, modified: 1_600_000_000_000 };
  for (const [stat, changed] of [
    [{}, false],
    [{ size: 6 }, true],
    [{ modified: listed.modified + 1_000 }, true],
    [{ modified: listed.modified + 2 * hour }, false],
    [{ modified: undefined }, false],
  ] as const) {
    const one = source(listed, { stat });
    await one.open();
    const looked = one.requireUnchanged().then(
      () => false,
      (error: unknown) => isPhoneError(error) && error.kind === 'source-changed',
    );
    assert.equal(await looked, changed, JSON.stringify(stat));
  }
});
