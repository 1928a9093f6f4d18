import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FirstCheck } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { AttachedDevice } from '../mtp/ports.ts';
import { JoinedBus, type ReleasingBus } from './joined-bus.ts';

const attached = (id: string): AttachedDevice => ({
  id,
  vendorId: 1,
  productId: 2,
  manufacturer: '',
  product: id,
  serial: id,
  virtual: false,
});

class FakeBus implements ReleasingBus {
  list: readonly AttachedDevice[] = [];
  broken = false;
  closed = false;
  readonly opened: string[] = [];
  readonly listeners = new Set<(list: readonly AttachedDevice[]) => void>();

  async current() {
    if (this.broken) throw fail('internal', 'load usb', 'no such library');
    return this.list;
  }
  onChange(listener: (list: readonly AttachedDevice[]) => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  async open(one: AttachedDevice) {
    this.opened.push(one.id);
    return one.id as never;
  }
  async release(one: AttachedDevice) {
    this.opened.push(`release ${one.id}`);
    return true;
  }
  async close() {
    this.closed = true;
  }
  change(...ids: readonly string[]) {
    this.list = ids.map(attached);
    for (const listener of this.listeners) listener(this.list);
  }
}

function joined() {
  const one = new FakeBus();
  const other = new FakeBus();
  const lines: string[] = [];
  const bus = new JoinedBus([one, other], (line) => lines.push(line));
  return { one, other, bus, lines };
}
const ids = (list: readonly AttachedDevice[]) => list.map(({ id }) => id).join(' ');

test('both buses form one list, and a change of one reports the whole list', async () => {
  const { one, other, bus } = joined();
  one.list = [attached('a')];
  other.list = [attached('b')];
  assert.equal(ids(await bus.current()), 'a b');
  const seen: string[] = [];
  const stop = bus.onChange((list) => seen.push(ids(list)));
  one.change('a', 'c');
  other.change();
  assert.deepEqual(seen, ['a c b', 'a c']);
  stop();
  one.change();
  assert.equal(seen.length, 2);
  assert.equal(one.listeners.size, 0);
});

test('a bus that is added later is listed and reported to those who listen already', async () => {
  const { one, bus } = joined();
  one.list = [attached('a')];
  await bus.current();
  const seen: string[] = [];
  const stop = bus.onChange((list) => seen.push(ids(list)));
  const late = new FakeBus();
  bus.add(late);
  late.change('c');
  assert.deepEqual(seen, ['a c']);
  assert.equal(ids(await bus.current()), 'a c');
  stop();
  late.change();
  assert.equal(seen.length, 1);
  await bus.close();
  const tooLate = new FakeBus();
  bus.add(tooLate);
  assert.ok(late.closed && tooLate.closed);
});

test('a phone is opened and released on its own bus, even if it was never listed', async () => {
  const { one, other, bus } = joined();
  other.list = [attached('b')];
  await bus.open(attached('b'));
  assert.equal(await bus.release('b'), true);
  assert.deepEqual([one.opened, other.opened], [[], ['b', 'release b']]);
  assert.equal(await bus.release('gone'), false);
  await assert.rejects(bus.open(attached('gone')), /disconnected/);
});

test('each bus says what would keep its phones from being opened; one that cannot has nothing to say', async () => {
  const { one, bus } = joined();
  assert.deepEqual([await bus.checks(), await bus.quitProgram('Photos')], [[], false]);
  const found: readonly FirstCheck[] = [{ kind: 'takes-phones', program: 'OpenMTP', releasable: false }];
  const asked: string[] = [];
  bus.add(
    Object.assign(new FakeBus(), {
      checks: async () => found,
      quitProgram: async (program: string) => {
        asked.push(program);
        return program === 'OpenMTP';
      },
    }),
  );
  assert.deepEqual(await bus.checks(), found);
  assert.deepEqual([await bus.quitProgram('OpenMTP'), await bus.quitProgram('Photos')], [true, false]);
  assert.deepEqual([asked, one.opened], [['OpenMTP', 'Photos'], []]);
});

test('a bus that cannot be listed is reported once, and the other keeps working', async () => {
  const { one, other, bus, lines } = joined();
  one.broken = true;
  other.list = [attached('b')];
  assert.equal(ids(await bus.current()), 'b');
  assert.equal(ids(await bus.current()), 'b');
  assert.equal(lines.length, 1);
  assert.deepEqual(
    bus.problems.map(({ detail }) => detail),
    ['no such library'],
  );
  one.broken = false;
  one.list = [attached('a')];
  assert.equal(ids(await bus.current()), 'a b');
  assert.deepEqual(bus.problems, []);
  await bus.close();
  assert.ok(one.closed && other.closed);
});
