import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryTransferStore } from '../store/index.ts';
import { diagnosticsText, examine } from './doctor.ts';

const looked = (platform: NodeJS.Platform) =>
  examine({
    version: '1.0.0',
    engine: {
      watch: (_topic: string, _argument: unknown, tell: (snapshot: never) => void) => {
        queueMicrotask(() => tell({ devices: [] } as never));
        return () => undefined;
      },
    },
    store: new MemoryTransferStore(),
    db: undefined,
    inUse: undefined,
    usb: true,
    platform,
    busProblems: () => [],
    list: () => Promise.resolve(),
  });

void test('on Windows the doctor says that phones cannot be opened there yet, and asks for nothing that would not help', async () => {
  const findings = await looked('win32');
  assert.deepEqual(
    findings.filter(({ ok }) => !ok).map(({ what }) => what),
    ['Replug cannot open phones on Windows yet.'],
  );
  assert.doesNotMatch(diagnosticsText(findings), /Plug one in|USB is available/u);
  assert.match(diagnosticsText(await looked('linux')), /USB is available.*Plug one in/su);
});
