import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ToHost } from '../../shared/contract.ts';
import { transferId } from '../../shared/domain.ts';
import { BridgeClient } from './client.ts';
import { rootOf } from './electron.ts';
import { takeToken } from './token.ts';

function made(): { client: BridgeClient; sent: ToHost[] } {
  const sent: ToHost[] = [];
  return { client: new BridgeClient((message) => sent.push(message)), sent };
}
const pause = { transfer: transferId('a') };

describe('the bridge', () => {
  test('matches replies to questions, in any order', async () => {
    const { client, sent } = made();
    client.connected();
    const first = client.command('pause', pause);
    const second = client.command('resume', pause);
    const [one, two] = sent.map((message) => message.id);
    client.receive({ kind: 'reply', id: two ?? 0, reply: { ok: true, value: undefined } });
    client.receive({
      kind: 'reply',
      id: one ?? 0,
      reply: { ok: false, error: { kind: 'busy', operation: '', detail: '' } },
    });
    assert.deepEqual(await second, { ok: true, value: undefined });
    assert.equal((await first).ok, false);
    client.receive({ kind: 'reply', id: 99, reply: { ok: true, value: 1 } });
  });

  test('what was asked when the host went away is answered: it will not come', async () => {
    const { client, sent } = made();
    client.connected();
    const asked = client.command('pause', pause);
    client.lost();
    const reply = await asked;
    assert.ok(!reply.ok && reply.error.fault?.id === 'host-lost');
    assert.equal((await client.command('pause', pause)).ok, false);
    assert.equal(sent.length, 1, 'nothing is sent into the void');
  });

  test('subscriptions are made again when the host is back, and ended ones are not', () => {
    const { client, sent } = made();
    const seen: number[] = [];
    client.connected();
    client.subscribe('devices', undefined, ({ snapshot }) => seen.push(snapshot.devices.length));
    const end = client.subscribe('settings', undefined, () => assert.fail('it was ended'));
    client.lost();
    end();
    sent.length = 0;
    client.connected();
    assert.deepEqual(
      sent.map((message) => (message.kind === 'unsubscribe' ? '' : message.name)),
      ['devices'],
    );
    client.receive({ kind: 'snapshot', id: sent[0]?.id ?? 0, number: 1, snapshot: { devices: [] } });
    assert.deepEqual(seen, [0]);
  });

  test('one made while the host is away begins when it is back', () => {
    const { client, sent } = made();
    client.lost();
    client.subscribe('devices', undefined, () => undefined);
    assert.equal(sent.length, 0);
    client.connected();
    assert.equal(sent.length, 1);
  });

  test('a refusal reaches the one who asked', () => {
    const { client, sent } = made();
    client.connected();
    let refused = '';
    client.subscribe(
      'devices',
      undefined,
      () => undefined,
      (problem) => (refused = problem.detail),
    );
    client.receive({
      kind: 'refused',
      id: sent[0]?.id ?? 0,
      error: { kind: 'bad-request', operation: '', detail: 'too many' },
    });
    assert.equal(refused, 'too many');
  });

  test('tells whether the host is there, once each time', () => {
    const { client } = made();
    const states: string[] = [];
    client.onConnection((state) => states.push(state));
    client.connected();
    client.lost();
    client.lost();
    client.connected();
    assert.deepEqual(states, ['connected', 'lost', 'connected']);
  });
});

describe('the key of the loopback host', () => {
  const memory = (): Storage => {
    const kept = new Map<string, string>();
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    } as Storage;
  };
  const history = (shown: string[]): History =>
    ({ replaceState: (_: unknown, __: string, url: string) => void shown.push(url) }) as unknown as History;

  test('is taken out of the address and kept for this tab', () => {
    const kept = memory();
    const shown: string[] = [];
    const first = { hash: '#token=abc', search: '', pathname: '/' } as Location;
    assert.equal(takeToken(first, history(shown), kept), 'abc');
    assert.deepEqual(shown, ['/']);
    assert.equal(takeToken({ hash: '', search: '', pathname: '/' } as Location, history(shown), kept), 'abc');
    const query = { hash: '', search: '?token=new&x=1', pathname: '/' } as Location;
    assert.equal(takeToken(query, history(shown), kept), 'new', 'a newer one replaces it');
    assert.equal(shown.at(-1), '/?x=1');
  });
});

test('a folder picked with the browser’s chooser is found from its files', () => {
  assert.equal(rootOf('/home/ann/trip/sub/a.jpg', 'trip/sub/a.jpg'), '/home/ann/trip');
  assert.equal(rootOf('C:\\Users\\ann\\trip\\a.jpg', 'trip/a.jpg'), 'C:\\Users\\ann\\trip');
  assert.equal(rootOf('/home/ann/a.jpg', 'a.jpg'), '/home/ann/a.jpg');
});
