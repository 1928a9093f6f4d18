import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail } from '../../shared/errors.ts';
import type { FromHost } from '../../shared/contract.ts';
import { BridgeHost, type HostCommands } from './bridge-host.ts';

/** A window on an engine that only takes notes. */
function world(options: { readonly maxSubscriptions?: number; readonly maxPending?: number } = {}) {
  const calls: unknown[] = [];
  const received: FromHost[] = [];
  const listeners = new Set<(snapshot: unknown) => void>();
  const commands = new Proxy({} as HostCommands, {
    get: (_, name) => async (argument: unknown) => {
      calls.push(['host', name, argument]);
      return { from: 'host' };
    },
  });
  const engine = {
    execute: async (name: string, argument: unknown) => {
      calls.push(['engine', name, argument]);
      if (name === 'pauseAll') throw fail('busy', 'pause', 'later');
      if (name === 'resumeAll') throw new TypeError('a mistake of ours');
      if (name === 'removeFinished') return new Promise(() => undefined);
      return { from: 'engine' };
    },
    watch: (name: string, _argument: unknown, listener: (snapshot: unknown) => void) => {
      if (name === 'settings') throw fail('store', 'settings', 'closed');
      listeners.add(listener);
      listener({ first: name });
      return () => listeners.delete(listener);
    },
  };
  const host = new BridgeHost({ engine: engine as never, commands, ...options });
  const connection = host.connect((message) => received.push(message));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    calls,
    received,
    listeners,
    connection,
    settle,
    async ask(message: unknown) {
      connection.receive(message);
      await settle();
      return received.splice(0);
    },
  };
}

const problemIn = (messages: readonly FromHost[]) => {
  const [message] = messages;
  assert.equal(messages.length, 1);
  if (message?.kind === 'refused') return [message.id, message.error.kind];
  if (message?.kind === 'reply' && !message.reply.ok) return [message.id, message.reply.error.kind];
  return assert.fail(JSON.stringify(message));
};

test('a command goes to the engine or to the host, with its checked argument, and is answered under its number', async () => {
  const { ask, calls } = world();
  assert.deepEqual(await ask({ kind: 'command', id: 7, name: 'pause', argument: { transfer: 't' } }), [
    { kind: 'reply', id: 7, reply: { ok: true, value: { from: 'engine' } } },
  ]);
  assert.deepEqual(await ask({ kind: 'command', id: 8, name: 'hostInfo' }), [
    { kind: 'reply', id: 8, reply: { ok: true, value: { from: 'host' } } },
  ]);
  assert.deepEqual(calls, [
    ['engine', 'pause', { transfer: 't' }],
    ['host', 'hostInfo', undefined],
  ]);
});

test('what the engine throws arrives as data', async () => {
  const { ask } = world();
  assert.deepEqual(await ask({ kind: 'command', id: 1, name: 'pauseAll' }), [
    { kind: 'reply', id: 1, reply: { ok: false, error: { kind: 'busy', operation: 'pause', detail: 'later' } } },
  ]);
  assert.deepEqual(problemIn(await ask({ kind: 'command', id: 2, name: 'resumeAll' })), [2, 'internal']);
  assert.deepEqual(problemIn(await ask({ kind: 'subscribe', id: 3, name: 'settings' })), [3, 'store']);
});

for (const [what, message] of [
  ['no object', 'command'],
  ['null', null],
  ['a list', [1]],
  ['no number', { kind: 'command', name: 'pauseAll' }],
  ['a number that is none', { kind: 'command', id: 1.5, name: 'pauseAll' }],
  ['a negative number', { kind: 'command', id: -4, name: 'pauseAll' }],
  ['an unknown kind', { kind: 'eval', id: 1, name: 'pauseAll' }],
  ['an unknown command', { kind: 'command', id: 1, name: 'format' }],
  ['a command of every object', { kind: 'command', id: 1, name: 'constructor' }],
  ['a command that is no text', { kind: 'command', id: 1, name: { toString: () => 'pauseAll' } }],
  ['an argument where none belongs', { kind: 'command', id: 1, name: 'pauseAll', argument: {} }],
  ['a missing argument', { kind: 'command', id: 1, name: 'pause' }],
  ['a wrong argument', { kind: 'command', id: 1, name: 'pause', argument: { transfer: 5 } }],
  ['an unknown field', { kind: 'command', id: 1, name: 'pause', argument: { transfer: 't', force: true } }],
  [
    'a path out of the phone',
    { kind: 'command', id: 1, name: 'refresh', argument: { place: { device: 'd', storage: 's', path: '/a/../..' } } },
  ],
  [
    'a list that is too long',
    { kind: 'command', id: 1, name: 'prepareDrag', argument: { sources: Array(1001).fill({}) } },
  ],
  ['a text that is too long', { kind: 'command', id: 1, name: 'pause', argument: { transfer: 'x'.repeat(65) } }],
  ['a number that is text', { kind: 'command', id: 1, name: 'retry', argument: { transfer: 't', item: '1' } }],
  ['fields of every object', { kind: 'command', id: 1, name: 'pause', argument: { transfer: 't', constructor: 1 } }],
  ['a map for an argument', { kind: 'command', id: 1, name: 'pause', argument: new Map([['transfer', 't']]) }],
  ['bytes for a path', { kind: 'command', id: 1, name: 'reveal', argument: { path: new Uint8Array(4) } }],
  [
    'a path without a root',
    { kind: 'command', id: 1, name: 'delete', argument: { sources: [{ device: 'd', storage: 's', path: 7 }] } },
  ],
  ['an unknown stream', { kind: 'subscribe', id: 1, name: 'keys' }],
  ['a stream of every object', { kind: 'subscribe', id: 1, name: '__proto__' }],
  [
    'a wrong window into items',
    { kind: 'subscribe', id: 1, name: 'items', argument: { transfer: 't', offset: 0, limit: 1e9 } },
  ],
] as const)
  test(`a message with ${what} is refused and reaches nobody`, async () => {
    const { ask, calls, listeners } = world();
    const [, kind] = problemIn(await ask(message));
    assert.equal(kind, 'bad-request');
    assert.deepEqual(calls, []);
    assert.equal(listeners.size, 0);
  });

test('a subscription gets numbered snapshots until it ends, and its number is free again', async () => {
  const { ask, listeners, received } = world();
  assert.deepEqual(await ask({ kind: 'subscribe', id: 4, name: 'devices' }), [
    { kind: 'snapshot', id: 4, number: 1, snapshot: { first: 'devices' } },
  ]);
  const [listener] = listeners;
  listener?.({ second: true });
  assert.deepEqual(received.splice(0), [{ kind: 'snapshot', id: 4, number: 2, snapshot: { second: true } }]);
  assert.deepEqual(problemIn(await ask({ kind: 'subscribe', id: 4, name: 'devices' })), [4, 'bad-request']);
  assert.equal(listeners.size, 1);
  await ask({ kind: 'unsubscribe', id: 4 });
  await ask({ kind: 'unsubscribe', id: 4 });
  assert.equal(listeners.size, 0);
  listener?.({ late: true });
  assert.deepEqual(received, []);
  assert.equal((await ask({ kind: 'subscribe', id: 4, name: 'devices' })).length, 1);
});

test('one window watches only so much and asks only so much at once', async () => {
  const { ask, listeners } = world({ maxSubscriptions: 2, maxPending: 2 });
  await ask({ kind: 'subscribe', id: 1, name: 'devices' });
  await ask({ kind: 'subscribe', id: 2, name: 'transfers' });
  assert.deepEqual(problemIn(await ask({ kind: 'subscribe', id: 3, name: 'transfers' })), [3, 'bad-request']);
  assert.equal(listeners.size, 2);
  await ask({ kind: 'command', id: 4, name: 'removeFinished' });
  await ask({ kind: 'command', id: 5, name: 'removeFinished' });
  assert.deepEqual(problemIn(await ask({ kind: 'command', id: 6, name: 'pause', argument: { transfer: 't' } })), [
    6,
    'bad-request',
  ]);
});

test('a closed window ends its subscriptions and gets nothing more', async () => {
  const { ask, connection, listeners, received, settle } = world();
  await ask({ kind: 'subscribe', id: 1, name: 'devices' });
  await ask({ kind: 'subscribe', id: 2, name: 'transfers' });
  connection.receive({ kind: 'command', id: 3, name: 'pause', argument: { transfer: 't' } });
  connection.close();
  await settle();
  assert.equal(listeners.size, 0);
  connection.receive({ kind: 'subscribe', id: 4, name: 'devices' });
  assert.equal(listeners.size, 0);
  assert.deepEqual(received, []);
});
