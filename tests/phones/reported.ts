import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { JoinedBus } from '../../electron/compose/joined-bus.ts';
import { phoneReport } from '../../electron/compose/phone-report.ts';
import { VirtualBus, VirtualPhone, type VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import type { Profile } from '../../electron/virtual/profiles.ts';
import { localPath } from '../../shared/domain.ts';
import type { PhoneReport, ReportedPhone } from '../../shared/phone-report.ts';
import { begin, treeOf } from '../worlds/world.ts';

/** Phones that were reported, as virtual phones. */

/** What a report becomes; see `scripts/phone`. */
export interface ReportedProfile {
  readonly profile: Profile;
  /** What Replug found that the phone can do. */
  readonly can: ReportedPhone['can'];
  readonly found: ReportedPhone['found'];
  readonly quirks: readonly string[];
}

const clock = { now: () => performance.now(), sleep: (ms: number) => sleep(ms) };

/** The report about a virtual phone; it is unplugged afterwards. */
export async function reportOf(options: VirtualPhoneOptions): Promise<PhoneReport> {
  const phone = new VirtualPhone(options);
  const bus = new JoinedBus([new VirtualBus([phone])], () => undefined);
  try {
    return await phoneReport({ version: '1.0.0', bus, clock, now: new Date(0), store: undefined });
  } finally {
    await bus.close();
    await phone.unplug();
  }
}

/** Tests that the virtual phone of a reported profile offers what was reported, and that transfers with it work and resume. */
export function behavesAsReported({ profile, can, quirks }: ReportedProfile): void {
  describe(profile.name, () => {
    test('Replug finds what it found on the phone', async (t) => {
      const world = begin(t, { profile, plugged: false });
      const report = await reportOf({ directory: world.phoneFolder, profile });
      const [phone] = report.phones;
      assert.ok(phone?.info);
      const number = (code: string): number => Number.parseInt(code.slice(2, 6), 16);
      assert.deepEqual(phone.info.operations.map(number), profile.operations);
      assert.deepEqual(phone.info.events.map(number), profile.events);
      assert.deepEqual(phone.info.deviceProperties.map(number), profile.deviceProps);
      assert.deepEqual(phone.quirks, quirks);
      // what is found out by use only, as property lists are, depends on the files that were there
      if (can !== undefined) {
        const { propList: _, ...told } = can;
        const { propList: __, ...now } = phone.can ?? assert.fail();
        assert.deepEqual(now, told);
      }
    });

    test('copies in both directions, with the cable pulled in between', async (t) => {
      if (can?.write === false) return;
      const world = begin(t, { profile });
      for (const [name, size] of [
        ['small', 1000],
        ['empty', 0],
        ['large', 20_000_000],
      ] as const)
        world.local(`files/${name}.bin`, size);
      await world.start();
      world.faults('unplug@bytes=9000000', 'replug@ms=50');
      const up = await world.push([localPath(`${world.here}/files`)], '/', {}, 30_000);
      assert.equal(up.state, 'done');
      world.faults('unplug@bytes=40000000', 'replug@ms=50');
      const down = await world.pull(['/files'], 'back', {}, 30_000);
      assert.equal(down.state, 'done');
      const [sent, back] = [await treeOf(`${world.here}/files`), await treeOf(`${world.here}/back/files`)];
      assert.deepEqual(back, sent);
    });
  });
}
