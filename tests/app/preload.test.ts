import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import vm from 'node:vm';
import { ROOT } from './app.ts';

/**
 * Runs the built preload script as a sandboxed window does: a single script that may `require` only Electron's few
 * modules.
 */
function preload() {
  const listeners = new Map<string, ((...args: unknown[]) => void)[]>();
  const sent: unknown[][] = [];
  let exposed: { name: string; api: Record<string, (...args: unknown[]) => unknown> } | undefined;
  const electron = {
    contextBridge: {
      exposeInMainWorld: (name: string, api: Record<string, (...args: unknown[]) => unknown>) => {
        assert.equal(exposed, undefined, 'one thing is exposed, once');
        exposed = { name, api };
      },
    },
    ipcRenderer: {
      on: (channel: string, listener: (...args: unknown[]) => void) =>
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
      removeListener: (channel: string, listener: (...args: unknown[]) => void) =>
        listeners.set(
          channel,
          (listeners.get(channel) ?? []).filter((one) => one !== listener),
        ),
      send: (...args: unknown[]) => void sent.push(args),
    },
    webUtils: { getPathForFile: (file: { place: string }) => file.place },
  };
  const strict = new Proxy(electron, {
    get: (target, key) => {
      if (key in target) return Reflect.get(target, key) as unknown;
      throw new Error(`the preload uses electron.${String(key)}`);
    },
  });
  const source = fs.readFileSync(path.join(ROOT, 'out/preload/preload.cjs'), 'utf8');
  vm.runInNewContext(source, {
    require: (name: string) => {
      assert.equal(name, 'electron');
      return strict;
    },
  });
  assert.ok(exposed !== undefined);
  return {
    ...exposed,
    sent,
    emit: (channel: string, ...args: unknown[]) => listeners.get(channel)?.forEach((one) => one(...args)),
  };
}

test('the preload script exposes message passing and nothing of Electron', () => {
  const { name, api, sent, emit } = preload();
  assert.equal(name, 'replug');
  assert.deepEqual(Object.keys(api).sort(), ['onMessage', 'onRequest', 'pathsOf', 'send', 'startDrag']);

  const heard: unknown[][] = [];
  const end = api['onMessage']?.((...args: unknown[]) => heard.push(args)) as () => void;
  emit('replug', { sender: 'Electron’s event' }, { kind: 'reply' });
  assert.deepEqual(heard, [[{ kind: 'reply' }]], 'the message alone, without the event');
  end();
  emit('replug', {}, { kind: 'reply' });
  assert.equal(heard.length, 1);

  assert.equal(api['send']?.({ kind: 'command' }), undefined);
  api['startDrag']?.(['/a']);
  const asked: unknown[] = [];
  api['onRequest']?.((request: unknown) => asked.push(request));
  emit('replug-requests', {}, { kind: 'send', paths: [] });
  assert.deepEqual(asked, [{ kind: 'send', paths: [] }]);
  assert.deepEqual(sent, [['replug', { kind: 'command' }], ['replug-drag', ['/a']], ['replug-requests']]);

  assert.deepEqual([...(api['pathsOf']?.([{ place: '/x' }, { place: '' }]) as string[])], ['/x', '']);
});

test('the preload script is one file that imports only Electron', () => {
  const source = fs.readFileSync(path.join(ROOT, 'out/preload/preload.cjs'), 'utf8');
  assert.deepEqual(
    [...source.matchAll(/require\(["']([^"']+)["']\)/g)].map((match) => match[1]),
    ['electron'],
  );
  assert.doesNotMatch(source, /\bimport\b\s*[("'{*]/);
});
