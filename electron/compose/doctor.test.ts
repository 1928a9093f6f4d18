import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryTransferStore } from '../store/index.ts';
import { diagnosticsText, examine } from './doctor.ts';
import type { DriverMode } from './joined-bus.ts';

const looked = (platform: NodeJS.Platform, modes: readonly DriverMode[] = []) =>
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
    modes: () => modes,
  });

void test('on Windows the doctor says how phones are reached there, and asks for one where there is none', async () => {
  const findings = await looked('win32');
  assert.match(diagnosticsText(findings), /through Windows’ own driver.*Plug one in/su);
  assert.doesNotMatch(diagnosticsText(findings), /USB is available/u);
  assert.match(
    diagnosticsText(await looked('linux')),
    /USB is available.*\n {4}Plug one in.*\n {4}With “Advanced Protection”/su,
  );
});

void test('the doctor says what Windows’ driver lets through to each phone', async () => {
  const text = diagnosticsText(await looked('win32', ['raw', 'mixed', 'whole']));
  assert.match(text, /\(raw\).*\(mixed\).*\(whole\); transfers start over/su);
});
