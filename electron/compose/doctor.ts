import os from 'node:os';
import type { Device } from '../../shared/domain.ts';
import { describeProblem, WINDOWS_NOT_YET, type Problem } from '../../shared/errors.ts';
import { count } from '../../shared/format.ts';
import type { EngineApi } from '../engine/api.ts';
import type { TransferStore } from '../engine/model/transfer-store.ts';

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
  else findings.push({ ok: true, what: 'USB is left out, as asked for.' });
  const devices = await settledDevices(parts.engine);
  if (devices.length === 0 && parts.platform !== 'win32')
    findings.push({
      ok: false,
      what: 'No phone is connected.',
      remedy:
        'Plug one in with a cable that carries data, unlock it and choose “File transfer” in its USB notification.',
    });
  return [...findings, ...devices.map(phone)];
}

function database({ db, inUse, store }: DoctorParts): Finding {
  if (inUse !== undefined) return { ok: true, what: `The queue is kept in ${inUse}; another Replug is using it.` };
  if (db === undefined) return { ok: true, what: 'The queue is kept in memory only.' };
  if (store.setAside === undefined) return { ok: true, what: `The queue is kept in ${db}.` };
  return {
    ok: false,
    what: `The database was damaged and a new one begun: ${db}.`,
    remedy: `The damaged one is kept as ${store.setAside}.`,
  };
}

function usb(problems: readonly Problem[], platform: NodeJS.Platform): readonly Finding[] {
  if (platform === 'win32') return [{ ok: false, ...WINDOWS_NOT_YET }];
  if (problems.length === 0) return [{ ok: true, what: 'USB can be used.' }];
  return problems.map((problem) => ({
    ok: false,
    ...describeProblem(problem),
    detail: `${problem.operation}: ${problem.detail}`,
  }));
}

function phone(device: Device): Finding {
  const name = `${device.name} (${device.maker} ${device.model}${device.virtual ? ', virtual' : ''})`;
  const { state } = device;
  switch (state.kind) {
    case 'ready': {
      const resumes = [device.resumableUpload ? 'to it' : '', device.resumableDownload ? 'from it' : ''].filter(
        (one) => one !== '',
      );
      const how =
        resumes.length === 0 ? 'transfers start again after a break' : `large files resume ${resumes.join(' and ')}`;
      return { ok: true, what: `${name} is ready, ${count(device.storages.length, 'storage')}, ${how}.` };
    }
    case 'opening':
      return {
        ok: false,
        what: `${name} is still being opened.`,
        remedy: 'Wait a moment; if it stays so, plug it in again.',
      };
    case 'locked':
      return { ok: false, ...worded(name, { kind: 'locked', operation: '', detail: '' }) };
    case 'held':
      return { ok: false, ...worded(name, { kind: 'held', operation: '', detail: '', holder: state.holder }) };
    case 'forbidden':
      return { ok: false, ...worded(name, { kind: 'forbidden', operation: '', detail: '', fix: state.fix }) };
    case 'recovering':
      return { ok: false, ...worded(name, { kind: 'silent', operation: '', detail: '' }), detail: state.step };
    case 'gone':
      return { ok: false, ...worded(name, { kind: 'disconnected', operation: '', detail: '' }) };
  }
}

const worded = (name: string, problem: Problem): { readonly what: string; readonly remedy: string } => {
  const { what, remedy } = describeProblem(problem);
  return { what: `${name}: ${what}`, remedy };
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
      const opening = devices.some((device) => device.state.kind === 'opening');
      if (!opening) quiet = setTimeout(finish, devices.length === 0 ? 1500 : 300);
    });
  });
}

/** The findings as plain text, with what to do about each that is wrong. */
export function diagnosticsText(findings: readonly Finding[]): string {
  return findings
    .map(({ ok, what, remedy, detail }) =>
      [
        `${ok ? 'ok ' : 'NO '} ${what}`,
        ...[remedy, detail].filter((line) => line !== undefined).map((line) => `    ${line}`),
      ].join('\n'),
    )
    .join('\n');
}
