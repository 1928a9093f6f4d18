import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail } from '../../../shared/errors.ts';
import type { Clock, Priority } from '../ports.ts';
import { SessionQueue } from './session-queue.ts';

/** A clock that stands; whoever sleeps goes on in the next turn. */
const clock: Clock = {
  now: () => 0,
  sleep: () =>
    new Promise((resolve) => {
      setImmediate(resolve);
    }),
};
const turn = (): Promise<void> => clock.sleep(0);

/** A queue whose turns end when they are told to, and the order in which they began. */
function begin(): {
  readonly queue: SessionQueue;
  readonly began: string[];
  readonly ask: (name: string, priority: Priority) => Promise<void>;
  readonly end: () => Promise<void>;
} {
  const queue = new SessionQueue(clock);
  const began: string[] = [];
  let endTurn: () => void = () => undefined;
  return {
    queue,
    began,
    ask: (name, priority) =>
      queue.take({ priority }, () => {
        began.push(name);
        return new Promise((resolve) => {
          endTurn = resolve;
        });
      }),
    end: async () => {
      endTurn();
      await turn();
      await turn();
    },
  };
}

test('the next turn begins before whoever had the last one goes on', async () => {
  const queue = new SessionQueue(clock);
  const order: string[] = [];
  const take = (name: string): Promise<unknown> =>
    queue.take(undefined, () => Promise.resolve(order.push(name))).then(() => order.push(`after ${name}`));
  await Promise.all([take('one'), take('two')]);
  assert.deepEqual(order.slice(0, 3), ['one', 'two', 'after one']);
});

test('a turn that fails before it waits for anything is over, and the next one begins', async () => {
  const queue = new SessionQueue(clock);
  const failing = queue.take(undefined, () => {
    throw fail('internal', 'test');
  });
  const next = queue.take(undefined, () => Promise.resolve('next'));
  await assert.rejects(failing, { kind: 'internal' });
  assert.equal(await next, 'next');
});

test('idle waits for everything else that is asked, however late, and one transaction is all it takes', async () => {
  const { began, ask, end } = begin();
  const all = [ask('scan 1', 'idle'), ask('scan 2', 'idle')];
  await turn();
  assert.deepEqual(began, ['scan 1'], 'while nobody else wants the phone');
  all.push(ask('chunk', 'bulk'), ask('folder', 'browse'));
  for (let left = 4; left > 0; left -= 1) await end();
  assert.deepEqual(began, ['scan 1', 'folder', 'chunk', 'scan 2']);
  await Promise.all(all);
});

test('between the transactions of one listing or transfer idle gets no turn', async () => {
  for (const priority of ['browse', 'bulk'] as const) {
    const { began, ask, end } = begin();
    // each is asked for when the one before has been answered
    const listing = ask('1', priority)
      .then(() => ask('2', priority))
      .then(() => ask('3', priority));
    const scan = ask('scan', 'idle');
    await turn();
    for (let left = 4; left > 0; left -= 1) await end();
    assert.deepEqual(began, ['1', '2', '3', 'scan'], priority);
    await Promise.all([listing, scan]);
  }
});

test('idle is rejected with the others when the connection ends, and when it is cancelled before its turn', async () => {
  const { queue, ask, end } = begin();
  const running = ask('chunk', 'bulk');
  const stop = new AbortController();
  const cancelled = queue.take({ priority: 'idle', signal: stop.signal }, () => Promise.resolve());
  const waiting = ask('scan', 'idle');
  stop.abort();
  const answers = Promise.allSettled([cancelled, waiting]);
  await turn();
  queue.end(fail('disconnected', 'test'));
  await end();
  await running;
  for (const answer of await answers) assert.equal(answer.status, 'rejected');
  await assert.rejects(ask('late', 'idle'), { kind: 'disconnected' });
});

test('how long idle has waited is told, without the time of its own turns', async () => {
  let now = 0;
  const queue = new SessionQueue({ ...clock, now: () => now });
  const turnOf = (priority: Priority): { readonly all: Promise<void>; readonly end: () => void } => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const all = queue.take({ priority }, async () => {
      await promise;
    });
    return {
      all,
      end: () => {
        resolve(undefined);
      },
    };
  };
  const [chunk, scan, listing] = [turnOf('bulk'), turnOf('idle'), turnOf('browse')];
  now += 250;
  chunk.end();
  await chunk.all;
  now += 30;
  listing.end();
  await listing.all;
  await turn();
  assert.equal(queue.idleWaitMs, 280);
  now += 5_000;
  scan.end();
  await scan.all;
  assert.equal(queue.idleWaitMs, 280);
});
