import type { VerifyLevel } from '../../../shared/domain.ts';
import type { Input } from '../model/item-state.ts';
import type { ItemRow } from '../model/transfer-store.ts';

/** How an item ends that had its copy already and was to compare it once more; `sampled`: all of it was read back. */
export function recheckedAs(row: ItemRow, level: Extract<VerifyLevel, 'size' | 'sampled'>): Input {
  const { size, sha256, chunkDigest, expectation } = row;
  const modified = expectation?.kind === 'file' ? expectation.modified : undefined;
  return {
    kind: 'settled',
    outcome: {
      kind: 'moved',
      verification: { level, bytesCompared: level === 'size' ? 0 : size, sha256, chunkDigest },
      ...(modified === undefined ? {} : { copyModified: modified }),
    },
  };
}
