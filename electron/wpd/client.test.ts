import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { isPhoneError, type PhoneError } from '../../shared/errors.ts';
import { WpdClient } from './client.ts';
import { isInside } from './end-process.ts';
import { Hresult } from './keys.ts';
import type { Request } from './thread.ts';

class FakeThread extends EventEmitter {
  readonly asked: Request[] = [];
  held = 0;
  postMessage(request: Request): void {
    this.asked.push(request);
  }
  ref(): void {
    this.held = 1;
  }
  unref(): void {
    this.held = 0;
  }
  terminate(): Promise<number> {
    this.emit('exit', 1);
    return Promise.resolve(1);
  }
}

function setUp() {
  const threads: FakeThread[] = [];
  const client = new WpdClient(() => {
    const thread = new FakeThread();
    threads.push(thread);
    return thread as never;
  });
  return { client, threads };
}

const failure = (promise: Promise<unknown>): Promise<PhoneError> =>
  promise.then(
    () => assert.fail('it resolved'),
    (error: unknown) => (isPhoneError(error) ? error : assert.fail(String(error))),
  );

void test('each answer finds its question, and the process may end once nothing is asked', async () => {
  const { client, threads } = setUp();
  const first = client.ask('list', 'list', {});
  const second = client.ask('vendor-operations', 'open', { device: 1 });
  const [thread] = threads;
  assert.ok(thread);
  assert.equal(thread.held, 1);
  thread.emit('message', { number: 2, value: [1, 2] });
  thread.emit('message', { number: 1, value: [] });
  assert.deepEqual([await first, await second], [[], [1, 2]]);
  assert.equal(thread.held, 0);
});

void test('a failure comes with what its HRESULT means', async () => {
  const { client, threads } = setUp();
  const asked = failure(client.ask('list', 'list the portable devices', {}));
  threads[0]?.emit('message', { number: 1, hresult: Hresult.accessDenied, what: 'x' });
  const error = await asked;
  assert.deepEqual([error.kind, error.problem.detail], ['forbidden', 'E_ACCESSDENIED 0x80070005']);
});

void test('the death of the thread is an unplug of everything it had, and the next question starts another', async () => {
  const { client, threads } = setUp();
  const gone: string[] = [];
  client.listen(1, { event: () => undefined, gone: (cause) => gone.push(cause.kind) });
  const asked = failure(client.ask('list', 'list', {}));
  threads[0]?.emit('error', new Error('access violation'));
  threads[0]?.emit('exit', 1);
  const error = await asked;
  assert.deepEqual([error.kind, error.problem.detail], ['disconnected', 'access violation']);
  assert.deepEqual(gone, ['disconnected']);
  void client.ask('list', 'list', {});
  assert.equal(threads.length, 2);
});

void test('events and removals reach whoever listens to that device', () => {
  const { client, threads } = setUp();
  void client.ask('list', 'list', {});
  const heard: unknown[] = [];
  const stop = client.listen(3, { event: (packet) => heard.push(packet[0]), gone: () => heard.push('gone') });
  threads[0]?.emit('message', { event: Uint8Array.of(9), device: 3 });
  threads[0]?.emit('message', { event: Uint8Array.of(8), device: 4 });
  threads[0]?.emit('message', { removed: 3 });
  stop();
  threads[0]?.emit('message', { removed: 3 });
  assert.deepEqual(heard, [9, 'gone']);
});

void test('a thread that is given up takes what it had with it, and its late end concerns nobody', async () => {
  const { client, threads } = setUp();
  const gone: string[] = [];
  client.listen(1, { event: () => undefined, gone: (cause) => gone.push(cause.kind) });
  const asked = failure(client.ask('list', 'list', {}));
  const [thread] = threads;
  assert.ok(thread);
  thread.terminate = () => assert.fail('a thread is not ended inside a call');
  client.abandon();
  assert.equal((await asked).kind, 'disconnected');
  assert.deepEqual([gone, client.isRunning, thread.held], [['disconnected'], false, 0]);
  const next = client.ask('list', 'list', {});
  thread.emit('exit', 1);
  threads[1]?.emit('message', { number: 2, value: [] });
  assert.deepEqual(await next, []);
});

void test('a thread is ended after its call has come back, not inside of it', async () => {
  const { client, threads } = setUp();
  const asked = client.ask('list', 'list', {});
  const [thread] = threads;
  assert.ok(thread);
  let ended = 0;
  thread.terminate = () => {
    ended += 1;
    thread.emit('exit', 1);
    return Promise.resolve(1);
  };
  const stopping = client.stop();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(ended, 0);
  thread.emit('message', { number: 1, value: [] });
  assert.deepEqual(await asked, []);
  await stopping;
  assert.deepEqual([ended, client.isRunning], [1, false]);
});

void test('the process knows which threads are inside a call: one that was given up stays one of them', async () => {
  const { client, threads } = setUp();
  const first = client.ask('list', 'list', {});
  const second = client.ask('list', 'list', {});
  const [thread] = threads;
  assert.ok(thread);
  thread.emit('message', { number: 1, value: [] });
  assert.ok(isInside(thread));
  thread.emit('message', { number: 2, value: [] });
  await Promise.all([first, second]);
  assert.ok(!isInside(thread));
  const lost = failure(client.ask('list', 'list', {}));
  client.abandon();
  await lost;
  thread.emit('message', { number: 3, value: [] });
  assert.ok(isInside(thread), 'whatever else it was asked is not done');
  thread.emit('exit', 1);
  assert.ok(!isInside(thread));
});

void test('what a thread that was given up says in the end is no answer of the next one', async () => {
  const { client, threads } = setUp();
  const lost = failure(client.ask('list', 'list', {}));
  client.abandon();
  await lost;
  const gone: string[] = [];
  const asked = client.ask('list', 'list', {});
  client.listen(1, { event: () => gone.push('event'), gone: () => gone.push('gone') });
  threads[0]?.emit('message', { number: 2, value: 'stale' });
  threads[0]?.emit('message', { removed: 1 });
  threads[1]?.emit('message', { number: 2, value: [] });
  assert.deepEqual([await asked, gone], [[], []]);
});
