import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, FirstCheck } from '../../shared/domain.ts';
import { MemoryTransferStore } from '../store/index.ts';
import { diagnosticsText, examine } from './doctor.ts';
import type { DriverMode } from './joined-bus.ts';

interface Found {
  readonly modes?: readonly DriverMode[];
  readonly checks?: readonly FirstCheck[];
  readonly devices?: readonly Partial<Device>[];
}

const looked = (platform: NodeJS.Platform, { modes = [], checks = [], devices = [] }: Found = {}) =>
  examine({
    version: '1.0.0',
    engine: {
      watch: (_topic: string, _argument: unknown, tell: (snapshot: never) => void) => {
        queueMicrotask(() => tell({ devices } as never));
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
    checks: () => Promise.resolve(checks),
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
  const text = diagnosticsText(await looked('win32', { modes: ['raw', 'mixed', 'whole'] }));
  assert.match(text, /\(raw\).*\(mixed\).*\(whole\); transfers start over/su);
});

void test('the doctor says what would keep a phone from being opened, as long as there is none', async () => {
  const checks: readonly FirstCheck[] = [
    { kind: 'no-rule', advice: { id: 'udev-rule', with: { file: '/etc/x.rules', rule: 'RULE', command: 'reload' } } },
    { kind: 'takes-phones', program: 'OpenMTP', releasable: false },
  ];
  const findings = await looked('linux', { checks });
  assert.match(
    diagnosticsText(findings),
    /No phone is connected.*NO {2}This system has no rule.*\/etc\/x\.rules:\n {4}RULE\n.*NO {2}OpenMTP is running.*\n {4}Quit it/su,
  );
  const locked: Partial<Device> = { name: 'Pixel', maker: 'Google', model: 'Pixel', state: { kind: 'locked' } };
  const withPhone = diagnosticsText(await looked('linux', { checks, devices: [locked] }));
  assert.match(withPhone, /Pixel/u);
  assert.doesNotMatch(withPhone, /has no rule|OpenMTP/u);
});
