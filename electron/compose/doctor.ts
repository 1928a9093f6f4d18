import os from 'node:os';
import { isBeingOpened, type Device, type FirstCheck } from '../../shared/domain.ts';
import { describeAdvice, describeProblem, type Problem } from '../../shared/errors.ts';
import type { EngineApi } from '../engine/api.ts';
import type { TransferStore } from '../engine/model/transfer-store.ts';
import type { DriverMode } from './joined-bus.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { doctorWords } from '../../shared/words/made/doctor.ts';

/** The result of one check. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  /** What to do about it, if something is wrong. */
  readonly remedy?: string | undefined;
  readonly detail?: string | undefined;
}

/** What is checked. */
export interface DoctorParts {
  readonly version: string;
  readonly engine: Pick<EngineApi, 'watch'>;
  readonly store: TransferStore;
  readonly db: string | undefined;
  /** The database that another process has open; this process then has none. */
  readonly inUse: string | undefined;
  readonly usb: boolean;
  readonly platform: NodeJS.Platform;
  readonly busProblems: () => readonly Problem[];
  readonly list: () => Promise<unknown>;
  /** Of each phone that is open through Windows' driver, how. */
  readonly modes: () => readonly DriverMode[];
  /** What on this computer would keep a phone from being opened. */
  readonly checks: () => Promise<readonly FirstCheck[]>;
}

/** Checks everything a transfer needs. The results never contain names of the user's files. */
export async function examine(parts: DoctorParts): Promise<readonly Finding[]> {
  await parts.list();
  const findings: Finding[] = [
    {
      ok: true,
      what: `Replug ${parts.version}, Node ${process.versions.node}, ${os.type()} ${os.release()} (${process.arch})`,
    },
    database(parts),
  ];
  if (parts.usb) findings.push(...usb(parts.busProblems(), parts.platform));
  else findings.push({ ok: true, what: doctorWords.noUsb });
  const devices = await settledDevices(parts.engine);
  if (devices.length === 0)
    findings.push(
      {
        ok: false,
        what: doctorWords.noPhone,
        remedy: `${doctorWords.noPhoneRemedy}\n${commonWords.protectedPhone}`,
      },
      ...(await parts.checks()).map(first),
    );
  return [...findings, ...devices.map(phone), ...parts.modes().map(mode)];
}

/** What the window tells below *Connect a phone*. */
function first(check: FirstCheck): Finding {
  switch (check.kind) {
    case 'no-rule':
      return { ok: false, what: commonWords.firstCheck.noRule, remedy: describeAdvice(check.advice) };
    case 'takes-phones': {
      const { program } = check;
      return {
        ok: false,
        what: commonWords.firstCheck.takesPhones({ program }),
        remedy: commonWords.firstCheck.quitIt,
      };
    }
  }
}

/** How Windows' driver lets a phone be used. */
function mode(driver: DriverMode): Finding {
  switch (driver) {
    case 'raw':
      return { ok: true, what: doctorWords.driverRaw };
    case 'mixed':
      return { ok: true, what: doctorWords.driverMixed };
    case 'whole':
      return { ok: true, what: doctorWords.driverWhole };
  }
}

function database({ db, inUse, store }: DoctorParts): Finding {
  if (inUse !== undefined) return { ok: true, what: doctorWords.queueInUse({ file: inUse }) };
  if (db === undefined) return { ok: true, what: doctorWords.queueInMemory };
  if (store.setAside === undefined) return { ok: true, what: doctorWords.queue({ file: db }) };
  return {
    ok: false,
    what: doctorWords.queueDamaged({ file: db }),
    remedy: doctorWords.queueSetAside({ file: store.setAside }),
  };
}

function usb(problems: readonly Problem[], platform: NodeJS.Platform): readonly Finding[] {
  if (problems.length === 0) return [{ ok: true, what: platform === 'win32' ? doctorWords.windows : doctorWords.usb }];
  return problems.map((problem) => ({
    ok: false,
    ...describeProblem(problem),
    detail: `${problem.operation}: ${problem.detail}`,
  }));
}

function phone(device: Device): Finding {
  const model = `${device.maker} ${device.model}`;
  const name = `${device.name} (${device.virtual ? doctorWords.virtual({ phone: model }) : model})`;
  const { state } = device;
  switch (state.kind) {
    case 'ready':
      return {
        ok: true,
        what: doctorWords.ready({ phone: name, storages: device.storages.length, resume: resumeWords(device) }),
      };
    case 'opening':
      return {
        ok: false,
        what: doctorWords.opening({ phone: name }),
        remedy: doctorWords.openingRemedy,
      };
    case 'locked':
      return { ok: false, ...worded(name, { kind: 'locked', operation: '', detail: '' }) };
    case 'held':
      return { ok: false, ...worded(name, { operation: '', detail: '', ...state }) };
    case 'forbidden':
      return { ok: false, ...worded(name, { kind: 'forbidden', operation: '', detail: '', advice: state.advice }) };
    case 'recovering':
      return { ok: false, ...worded(name, { kind: 'silent', operation: '', detail: '' }), detail: state.step };
    case 'gone':
      return { ok: false, ...worded(name, { kind: 'disconnected', operation: '', detail: '' }) };
  }
}

function resumeWords({ resumableUpload, resumableDownload }: Device): string {
  if (resumableUpload && resumableDownload) return doctorWords.resumeBoth;
  if (resumableUpload) return doctorWords.resumeTo;
  return resumableDownload ? doctorWords.resumeFrom : doctorWords.resumeNone;
}

const worded = (name: string, problem: Problem): { readonly what: string; readonly remedy: string } => {
  const { what, remedy } = describeProblem(problem);
  return { what: doctorWords.about({ phone: name, what }), remedy };
};

/** The phones, once none is being opened any more, or after `limitMs`. */
function settledDevices(engine: Pick<EngineApi, 'watch'>, limitMs = 8000): Promise<readonly Device[]> {
  return new Promise((resolve) => {
    let devices: readonly Device[] = [];
    const finish = (): void => {
      clearTimeout(limit);
      clearTimeout(quiet);
      end();
      resolve(devices);
    };
    const limit = setTimeout(finish, limitMs);
    // no device yet: gives the bus a moment to report one
    let quiet = setTimeout(finish, 1500);
    const end = engine.watch('devices', undefined, (snapshot) => {
      devices = snapshot.devices;
      clearTimeout(quiet);
      if (!devices.some(isBeingOpened)) quiet = setTimeout(finish, devices.length === 0 ? 1500 : 300);
    });
  });
}

/** The findings as plain text, with what to do about each that is wrong. */
export function diagnosticsText(findings: readonly Finding[]): string {
  return findings
    .map(({ ok, what, remedy, detail }) =>
      [
        `${ok ? 'ok ' : 'NO '} ${what}`,
        ...[remedy, detail]
          .filter((line) => line !== undefined)
          .map((line) => `    ${line.replaceAll('\n', '\n    ')}`),
      ].join('\n'),
    )
    .join('\n');
}
