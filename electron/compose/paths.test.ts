import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultDatabase } from './paths.ts';

const on = (platform: NodeJS.Platform, home: string, env: Record<string, string> = {}) =>
  defaultDatabase({ platform, home, env });

test('the database is in each system’s folder for application data', () => {
  assert.equal(on('linux', '/home/me'), '/home/me/.local/share/replug/replug.db');
  assert.equal(on('linux', '/home/me', { XDG_DATA_HOME: '/data' }), '/data/replug/replug.db');
  assert.equal(on('linux', '/home/me', { XDG_DATA_HOME: 'not/absolute' }), '/home/me/.local/share/replug/replug.db');
  assert.equal(on('darwin', '/Users/me'), '/Users/me/Library/Application Support/Replug/replug.db');
  assert.equal(on('win32', 'C:\\Users\\me', { APPDATA: 'D:\\Roaming' }), 'D:\\Roaming\\Replug\\replug.db');
  assert.equal(on('win32', 'C:\\Users\\me'), 'C:\\Users\\me\\AppData\\Roaming\\Replug\\replug.db');
});
