import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceKey } from '../../shared/domain.ts';
import type { CommandReply } from '../../shared/contract.ts';
import type { Engine } from '../engine/index.ts';
import { phoneReport, reportName, reportText, type ReportParts } from './phone-report.ts';

/** *Report this phone*: the report of a phone that an engine has open. */

/** What it is made of. */
export interface PhoneReportParts extends Pick<ReportParts, 'version' | 'bus' | 'store'> {
  readonly engine: Pick<Engine, 'lend'>;
}

/**
 * The engine lets go of the phone, which is asked and then taken back; without a phone the report is of this computer alone.
 * A phone that goes away meanwhile is reported as far as it was asked. Rejects as `Engine.lend` does.
 */
export async function reportOfPhone(
  { engine, ...parts }: PhoneReportParts,
  device: DeviceKey | undefined,
): Promise<CommandReply<'phoneReport'>> {
  const clock = { now: () => performance.now(), sleep: (ms: number) => sleep(ms) };
  const of = (attached: NonNullable<ReportParts['attached']>) =>
    phoneReport({ ...parts, clock, now: new Date(), attached });
  const report = device === undefined ? await of([]) : await engine.lend(device, (attached) => of([attached]));
  return {
    text: reportText(report),
    name: reportName(report),
    complete: report.phones.every(({ problem }) => problem === undefined),
  };
}
