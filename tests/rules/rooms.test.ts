// Runs the import rules on code snippets. Each row of the table has at least one import that must fail; otherwise a
// mistake in the rule could silently open every room.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { FLOORS, ROOMS } from '../../eslint-rooms.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

// The real configuration, without the type-checked rules, which need files on disk.
const eslint = new ESLint({ cwd: ROOT, overrideConfig: [tseslint.configs.disableTypeChecked] });

const RULES = ['replug/room-imports', 'no-restricted-globals'];

async function complaints(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: path.join(ROOT, file) });
  assert.ok(result, 'the file was linted');
  for (const message of result.messages) assert.ok(!message.fatal, message.message);
  return result.messages.filter((message) => RULES.includes(message.ruleId ?? '')).map((message) => message.message);
}

const FORBIDDEN: readonly (readonly [file: string, code: string])[] = [
  ['shared/x.ts', `import '../electron/mtp/ports.ts';`],
  ['shared/x.ts', `import type { Transport } from '../electron/mtp/ports.ts';`],
  ['shared/x.ts', `import 'node:path';`],
  ['shared/x.ts', `import 'react';`],
  ['shared/x.ts', `export const size = Buffer.byteLength('');`],
  ['electron/mtp/x.ts', `import fs from 'node:fs';`],
  ['electron/mtp/x.ts', `import fs from 'fs';`],
  ['electron/mtp/x.ts', `import '../engine/plan.ts';`],
  ['electron/mtp/x.ts', `import 'electron';`],
  ['electron/mtp/x.ts', `import 'usb';`],
  ['electron/mtp/x.ts', `export const empty = Buffer.alloc(0);`],
  ['electron/mtp/x.ts', `export const here = process.cwd();`],
  ['electron/mtp/wire/x.ts', `import '../../virtual/phone.ts';`],
  ['electron/mtp/wire/x.ts', `import type { Session } from '../session/session.ts';`],
  ['electron/mtp/wire/x.ts', `import '../index.ts';`],
  ['electron/mtp/ports.ts', `import './wire/codes.ts';`],
  ['electron/mtp/session/x.ts', `import type { CallOptions } from '../phone/phone-types.ts';`],
  ['electron/mtp/phone/x.ts', `export * from '../index.ts';`],
  ['electron/usb/x.ts', `import '../virtual/phone.ts';`],
  ['electron/usb/x.ts', `import '../engine/plan.ts';`],
  ['electron/usb/x.ts', `import 'electron';`],
  ['electron/usb/x.ts', `import 'better-sqlite3';`],
  ['electron/usb/x.ts', `import 'koffi';`],
  ['electron/wpd/x.ts', `import '../engine/plan.ts';`],
  ['electron/wpd/x.ts', `import '../usb/bus.ts';`],
  ['electron/wpd/x.ts', `import '../virtual/phone.ts';`],
  ['electron/wpd/x.ts', `import 'usb';`],
  ['electron/compose/x.ts', `import 'koffi';`],
  ['electron/virtual/x.ts', `import '../usb/bus.ts';`],
  ['electron/virtual/x.ts', `import '../engine/plan.ts';`],
  ['electron/virtual/x.ts', `import 'usb';`],
  ['electron/virtual/x.ts', `import '../../native/linux.ts';`],
  ['electron/engine/x.ts', `import '../virtual/phone.ts';`],
  ['electron/engine/x.ts', `import '../usb/bus.ts';`],
  ['electron/engine/x.ts', `import '../store/sqlite.ts';`],
  ['electron/engine/x.ts', `import '../sync/scan.ts';`],
  ['electron/engine/model/x.ts', `import type { Connection } from '../devices/device-connection.ts';`],
  ['electron/engine/devices/x.ts', `import '../reading/reading.ts';`],
  ['electron/engine/reading/x.ts', `import '../files/entry.ts';`],
  ['electron/engine/files/x.ts', `import '../queue/lane.ts';`],
  ['electron/engine/reading/x.ts', `import '../transfer/chunk-size.ts';`],
  ['electron/engine/devices/x.ts', `import '../transfer/fingerprint.ts';`],
  ['electron/engine/transfer/upload/x.ts', `import '../download/download.ts';`],
  ['electron/engine/transfer/x.ts', `import './upload/upload.ts';`],
  ['electron/engine/queue/x.ts', `import type { Engine } from '../engine.ts';`],
  ['electron/engine/queue/x.ts', `import '../snapshots/transfer-view.ts';`],
  ['electron/engine/x.ts', `import 'electron';`],
  ['electron/engine/x.ts', `import 'better-sqlite3';`],
  ['electron/engine/x.ts', `await import('../virtual/phone.ts');`],
  ['electron/engine/x.ts', 'await import(`../virtual/phone.ts`);'],
  ['electron/engine/x.ts', `export type Phone = import('../virtual/phone.ts').VirtualPhone;`],
  ['electron/engine/x.ts', `export * from '../virtual/phone.ts';`],
  ['electron/engine/x.ts', `export { a } from '../virtual/phone.ts';`],
  ['electron/engine/x.test.ts', `import '../usb/bus.ts';`],
  ['electron/engine/x.ts', `import fs from 'node:fs';`],
  ['electron/engine/x.ts', `import fs from 'fs';`],
  ['electron/engine/local/x.ts', `import { open } from 'node:fs/promises';`],
  ['electron/engine/local/disk.ts', `import type { Stats } from 'node:fs';`],
  ['electron/engine/x.ts', `await import('node:fs/promises');`],
  ['electron/engine/x.ts', `export type Stats = import('node:fs').Stats;`],
  ['electron/sync/x.ts', `import { stat } from 'node:fs/promises';`],
  ['electron/sync/x.ts', `export { stat } from 'node:fs/promises';`],
  ['electron/catalogue/x.ts', `import '../mtp/phone.ts';`],
  ['electron/catalogue/x.ts', `import '../store/sqlite-catalogue.ts';`],
  ['electron/catalogue/x.ts', `import { stat } from 'node:fs/promises';`],
  ['electron/store/x.ts', `import { Catalogue } from '../catalogue/catalogue.ts';`],
  ['electron/sync/x.ts', `import '../mtp/phone.ts';`],
  ['electron/sync/x.ts', `import '../store/sqlite.ts';`],
  ['electron/sync/x.ts', `import 'better-sqlite3';`],
  ['electron/photos/x.ts', `import '../mtp/phone.ts';`],
  ['electron/photos/x.ts', `import '../sync/diff.ts';`],
  ['electron/photos/x.ts', `import '../store/sqlite.ts';`],
  ['electron/photos/x.ts', `import { stat } from 'node:fs/promises';`],
  ['electron/store/x.ts', `import { transition } from '../engine/transition.ts';`],
  ['electron/store/x.ts', `import { type Item, transition } from '../engine/transition.ts';`],
  ['electron/store/x.ts', `import { scan } from '../sync/scan.ts';`],
  ['electron/store/x.ts', `import type { Phone } from '../mtp/phone.ts';`],
  ['electron/store/x.ts', `import 'electron';`],
  ['electron/web/x.ts', `import '../mtp/phone.ts';`],
  ['electron/web/x.ts', `import '../store/sqlite.ts';`],
  ['electron/web/x.ts', `import '../cli/main.ts';`],
  ['electron/web/x.ts', `import '../app/main.ts';`],
  ['electron/web/x.ts', `import 'electron';`],
  ['electron/dav/x.ts', `import '../mtp/phone.ts';`],
  ['electron/dav/x.ts', `import '../compose.ts';`],
  ['electron/dav/x.ts', `import '../web/index.ts';`],
  ['electron/dav/x.ts', `import 'ws';`],
  ['electron/engine/x.ts', `import '../dav/index.ts';`],
  ['electron/web/x.ts', `import '../dav/index.ts';`],
  ['electron/cli/x.ts', `import '../dav/server.ts';`],
  ['electron/cli/x.ts', `import '../virtual/phone.ts';`],
  ['electron/cli/x.ts', `import '../mtp/phone.ts';`],
  ['electron/cli/x.ts', `import '../app/main.ts';`],
  ['electron/cli/x.ts', `import '../web/socket.ts';`],
  ['electron/cli/x.ts', `import 'better-sqlite3';`],
  ['electron/app/x.ts', `import '../web/index.ts';`],
  ['electron/app/x.ts', `import '../cli/main.ts';`],
  ['electron/app/x.ts', `import '../cli/description.ts';`],
  ['electron/app/x.ts', `import '../dav/server.ts';`],
  ['electron/app/x.ts', `import '../usb/bus.ts';`],
  ['electron/app/x.ts', `import 'usb';`],
  ['electron/compose.ts', `import './app/main.ts';`],
  ['electron/compose.ts', `import './web/index.ts';`],
  ['electron/compose.ts', `import './cli/main.ts';`],
  ['electron/compose.ts', `import 'electron';`],
  ['electron/compose.ts', `import '../native/linux.ts';`],
  ['native/x.ts', `import '../electron/mtp/phone.ts';`],
  ['native/x.ts', `import 'usb';`],
  ['renderer/x.tsx', `import '../electron/engine/plan.ts';`],
  ['renderer/x.tsx', `import type { Plan } from '../electron/engine/plan.ts';`],
  ['renderer/x.tsx', `import 'node:fs';`],
  ['renderer/x.tsx', `import 'electron';`],
  ['renderer/x.tsx', `import 'ws';`],
  ['tests/support/x.ts', `import 'usb';`],
  ['electron/mtp/x.ts', `import '../../tests/support/rows.ts';`],
  ['tests/x.ts', `import 'electron';`],
  ['tests/x.ts', `import 'usb';`],
  ['bench/x.ts', `import 'better-sqlite3';`],
  ['scripts/x.ts', `import 'electron';`],
  ['electron/stray.ts', `import 'node:fs';`],
];

const ALLOWED: readonly (readonly [file: string, code: string])[] = [
  ['shared/x.ts', `import './domain.ts';`],
  ['electron/mtp/x.ts', `import '../../shared/errors.ts'; import './wire/codes.ts';`],
  ['electron/mtp/phone/x.ts', `import '../session/session.ts'; import '../wire/codes.ts'; import '../ports.ts';`],
  ['electron/mtp/index.ts', `export * from './phone/phone.ts';`],
  ['electron/mtp/wire/x.test.ts', `import '../phone/phone.ts';`],
  ['electron/mtp/x.test.ts', `import 'node:test'; import 'node:assert/strict'; import 'fast-check';`],
  ['electron/mtp/x.test.ts', `import '../virtual/phone.ts'; Buffer.alloc(0);`],
  ['electron/usb/x.ts', `import 'usb'; import '../mtp/ports.ts'; import '../../native/linux.ts'; import 'node:os';`],
  ['electron/virtual/x.ts', `import '../mtp/ports.ts'; import '../../shared/errors.ts'; import 'node:fs';`],
  ['electron/engine/x.ts', `import '../mtp/phone.ts'; import '../../shared/domain.ts'; import 'node:path';`],
  [
    'electron/engine/local/node-disk.ts',
    `import { open } from 'node:fs/promises'; import type { Stats } from 'node:fs';`,
  ],
  ['electron/engine/x.test.ts', `import 'node:fs';`],
  ['electron/engine/transfer/upload/x.ts', `import '../conflict-rule.ts'; import '../../devices/phone-tree.ts';`],
  ['electron/engine/engine.ts', `import './queue/lane.ts'; import './snapshots/report.ts'; import './context.ts';`],
  ['electron/engine/x.test.ts', `import '../virtual/phone.ts'; import '../store/sqlite.ts';`],
  ['electron/catalogue/x.ts', `import '../engine/engine.ts'; import '../../shared/domain.ts'; import 'node:path';`],
  ['electron/sync/x.ts', `import '../engine/engine.ts'; import '../../shared/domain.ts'; import 'node:path';`],
  ['electron/photos/x.ts', `import '../engine/engine.ts'; import '../../shared/domain.ts'; import 'node:path';`],
  ['electron/store/x.ts', `import type { TransferStore } from '../engine/store.ts'; import 'better-sqlite3';`],
  ['electron/store/x.ts', `import { type TransferStore } from '../engine/store.ts';`],
  ['electron/store/x.test.ts', `import { transition } from '../engine/transition.ts';`],
  ['electron/web/x.ts', `import 'ws'; import '../compose.ts'; import '../engine/engine.ts'; import 'node:http';`],
  ['electron/dav/x.ts', `import 'saxes'; import '../engine/engine.ts'; import 'node:http';`],
  ['electron/cli/x.ts', `import '../dav/index.ts';`],
  ['electron/cli/x.ts', `import '../compose.ts'; import '../sync/plan.ts'; import '../web/index.ts';`],
  ['electron/cli/x.ts', `import about from '../../package.json' with { type: 'json' }; about;`],
  ['electron/app/x.ts', `import '../cli/for-terminal.ts';`],
  [
    'electron/app/x.ts',
    `import 'electron'; import '../compose.ts'; import icon from '../../resources/icon.png'; icon;`,
  ],
  ['electron/compose.ts', `import './usb/bus.ts'; import './virtual/bus.ts'; import './store/sqlite.ts';`],
  ['native/x.ts', `import 'node:child_process'; import '../shared/errors.ts';`],
  ['renderer/x.tsx', `import 'react'; import 'react-dom/client'; import '@tanstack/react-virtual'; import './x.css';`],
  ['renderer/x.test.ts', `import 'node:test';`],
  ['electron/wpd/x.ts', `import 'koffi'; import '../mtp/ports.ts'; import 'node:worker_threads';`],
  ['tests/support/x.ts', `import '../../electron/usb/addon.ts'; import 'node:fs';`],
  ['electron/mtp/x.test.ts', `import '../../tests/support/rows.ts';`],
  ['tests/x.ts', `import '../electron/engine/engine.ts'; import 'playwright-core'; import '../eslint-rooms.js';`],
  ['bench/x.ts', `import '../electron/usb/bus.ts'; import 'node:perf_hooks';`],
];

test('forbidden imports fail', async (t) => {
  for (const [file, code] of FORBIDDEN) {
    await t.test(`${file}: ${code}`, async () => {
      assert.equal((await complaints(file, code)).length, 1);
    });
  }
});

test('allowed imports pass', async (t) => {
  for (const [file, code] of ALLOWED) {
    await t.test(`${file}: ${code}`, async () => {
      assert.deepEqual(await complaints(file, code), []);
    });
  }
});

test('every row of the table is tried both ways', () => {
  for (const { name } of ROOMS) {
    const tried = (list: typeof FORBIDDEN) =>
      list.some(([file]) => file.startsWith(`${name}/`) || file === `${name}.ts`);
    assert.ok(tried(FORBIDDEN), `${name} has a forbidden example`);
    assert.ok(tried(ALLOWED) || name === 'scripts', `${name} has an allowed example`);
  }
});

for (const [room, floors] of Object.entries(FLOORS)) {
  test(`the floors of ${room} lie above each other`, () => {
    for (const [index, { name, below }] of floors.entries()) {
      const lower = floors.slice(0, index).map((floor) => floor.name);
      assert.deepEqual(
        below.filter((one) => !lower.includes(one)),
        [],
        `${name} imports only floors that stand before it in the table`,
      );
      const place = path.join(ROOT, room, name);
      assert.ok(fs.existsSync(place) || fs.existsSync(`${place}.ts`), `${room}/${name} exists`);
    }
  });

  test(`imports in ${room} go down, and only where the table says so`, async () => {
    const isFile = (name: string): boolean => fs.existsSync(path.join(ROOT, room, `${name}.ts`));
    for (const { name, below } of floors)
      for (const other of floors) {
        const file = isFile(name) ? `${room}/${name}.ts` : `${room}/${name}/x.ts`;
        const target = isFile(other.name) ? `${other.name}.ts` : `${other.name}/y.ts`;
        const up = path.posix.relative(path.posix.dirname(file), `${room}/${target}`);
        const code = `import type { Y } from '${up.startsWith('.') ? up : `./${up}`}'; export type X = Y;`;
        const isAllowed = other.name === name || below.includes(other.name);
        assert.equal((await complaints(file, code)).length, isAllowed ? 0 : 1, `${file}: ${code}`);
      }
  });
}
