import assert from 'node:assert/strict';
import path from 'node:path';
import { Desk, within } from '../desk.ts';
import type { Scenario } from './index.ts';

const SCRIPT = path.resolve(import.meta.dirname, '../on-windows/thread.ts');
const TRANSACTIONS = { sample: 2_000, long: 100_000 };
/** Counted from here on: what is made once stays. */
const WARM = 500;
/** Bytes and blocks that a transaction may leave behind on average: a megabyte in 100,000. */
const BYTES_EACH = 10;
const BLOCKS_EACH = 0.01;

export const leaks: readonly Scenario[] = [
  {
    name: 'leaks',
    what: 'thousands of transactions leave nothing behind: objects, task memory',
    run: async (windows, long) => {
      const times = long ? TRANSACTIONS.long : TRANSACTIONS.sample;
      const desk = await Desk.set(windows);
      try {
        let warm = desk.service.counts;
        let most = 0;
        desk.service.mode = {
          before: () => {
            desk.service.log.length = 0;
            if (desk.service.operations === WARM) warm = desk.service.counts;
            if (desk.service.operations > WARM) most = Math.max(most, desk.service.counts.bytes - warm.bytes);
          },
        };
        const worker = `${windows.program}\\out\\cli\\wpd-worker.js`;
        const running = await desk.script(windows.path(SCRIPT), worker, String(times));
        const { code, stdout, stderr } = await within(60_000 + times * 20, running, 'transactions');
        assert.equal(code, 0, stdout + stderr);
        const { counts, operations, phone } = { ...desk.service, phone: desk.phone };
        assert.ok(operations >= times, `${operations} transactions`);
        assert.ok(
          warm.objects > 0 && counts.given > times / 10,
          `it was counted: ${counts.given} blocks were given out`,
        );
        // the device is closed: its objects are gone, and what a list needs is there once
        assert.ok(counts.objects <= 1, `${counts.objects} objects are left`);
        const bytes = operations * BYTES_EACH;
        const blocks = operations * BLOCKS_EACH;
        assert.ok(most < bytes, `${most} bytes more than after ${WARM} were out at once, ${bytes} may be`);
        assert.ok(counts.bytes - warm.bytes < bytes, `${counts.bytes} bytes, ${warm.bytes} after ${WARM}`);
        assert.ok(counts.blocks - warm.blocks < blocks, `${counts.blocks} blocks, ${warm.blocks} after ${WARM}`);
        assert.deepEqual(phone.harms, []);
        desk.assertClean();
        return `${operations} transactions, at most ${most} bytes of task memory out, ${counts.blocks} of ${counts.given} blocks and ${counts.objects} objects at the end`;
      } finally {
        await desk.clear();
      }
    },
  },
];
