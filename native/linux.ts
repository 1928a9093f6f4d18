import type { FirstCheck, Holder } from '../shared/domain.ts';
import type { Advice } from '../shared/errors.ts';
import { RULE_FOR_ALL, ruleIsMissing } from './udev-rules.ts';
import { hex4, type Native, type Outside, type UsbPlace } from './native.ts';

/**
 * Linux. No kernel driver binds MTP (class 6/1/1), so the holder of a phone is a program that has its device node
 * open. /proc shows which one.
 */

/** `/dev/bus/usb/003/007`. */
const nodeOf = (place: Pick<UsbPlace, 'bus' | 'address'>): string =>
  `/dev/bus/usb/${String(place.bus).padStart(3, '0')}/${String(place.address).padStart(3, '0')}`;

interface Rule {
  /**
   * Matches the file name of the command in /proc/PID/cmdline, since the kernel's own name is cut at 15 characters.
   */
  readonly match: RegExp;
  /** Name to show to the user, the same in every language; empty: the command itself. */
  readonly name: string;
  readonly kind: 'gvfs' | 'kde' | 'mount' | 'virtual-machine' | 'tool';
}

const RULES: readonly Rule[] = [
  { match: /^gvfsd-mtp$/u, name: 'GNOME (gvfsd-mtp)', kind: 'gvfs' },
  { match: /^gvfsd-gphoto2$/u, name: 'GNOME (gvfsd-gphoto2)', kind: 'gvfs' },
  { match: /^gvfs-(?:mtp|gphoto2)-volume-monitor$/u, name: 'GNOME (gvfs-mtp-volume-monitor)', kind: 'gvfs' },
  { match: /^(?:kiod[56]?|kmtpd[56]?|kioslave[56]?|kioworker)$/u, name: 'Dolphin (KDE)', kind: 'kde' },
  { match: /^(?:aft-mtp-mount|jmtpfs|go-mtpfs|simple-mtpfs|mtpfs)$/u, name: '', kind: 'mount' },
  {
    match: /^(?:qemu-system-.+|qemu-kvm|VirtualBoxVM|VBoxHeadless|vmware-vmx)$/u,
    name: '',
    kind: 'virtual-machine',
  },
  {
    match: /^(?:aft-mtp-cli|android-file-transfer|mtp-.+|gmtp|gphoto2|shotwell|adb|OpenMTP)$/u,
    name: '',
    kind: 'tool',
  },
];

/** A program that has the device node of a phone open. */
export interface Program {
  readonly pid: number;
  /** First word of the command line without its folder, or the kernel's name for the process. */
  readonly command: string;
  readonly kind: Rule['kind'] | 'other';
  /** Name to show to the user. */
  readonly name: string;
}

/** Identifies a process by its `cmdline` (NUL-separated) and `comm`. */
export function classify(pid: number, cmdline: string, comm: string): Program {
  const first = cmdline.split('\0')[0] ?? '';
  const command = (first.split('/').at(-1) ?? '') || comm.trim();
  const rule = RULES.find(({ match }) => match.test(command));
  if (rule === undefined) return { pid, command, kind: 'other', name: command };
  return { pid, command, kind: rule.kind, name: rule.name === '' ? command : rule.name };
}

/** Most likely holder first: a volume monitor only watches while gvfsd-mtp holds the interface. */
const RANK: Readonly<Record<Program['kind'], number>> = {
  mount: 0,
  tool: 1,
  gvfs: 2,
  kde: 3,
  'virtual-machine': 4,
  other: 5,
};

/** The `mtp://…` addresses of gvfs' MTP and PTP backends in the output of `gio mount -l`. */
export function mountsOf(gioList: string): readonly string[] {
  const found = new Set<string>();
  for (const match of gioList.matchAll(/(?:^|\s)((?:mtp|gphoto2):\/\/\S+)/gu))
    if (match[1] !== undefined) found.add(match[1]);
  return [...found];
}

/**
 * The mount of the phone at `place`. gvfs names mounts `mtp://[usb:003,007]/` (older versions) or by udev's ID_SERIAL
 * (`mtp://Google_Pixel_9_SERIAL/`). A single mount is taken without a match.
 */
export function mountFor(mounts: readonly string[], place: UsbPlace, serial: string | undefined): string | undefined {
  const [, bus, address] = /usb\/(\d+)\/(\d+)$/u.exec(nodeOf(place)) ?? [];
  const decoded = mounts.map((mount) => ({ mount, text: safeDecode(mount) }));
  const byPort = decoded.find(({ text }) => text.includes(`[usb:${bus},${address}]`));
  if (byPort !== undefined) return byPort.mount;
  if (serial !== undefined && serial !== '') {
    const bySerial = decoded.find(({ text }) => text.replace(/\/+$/u, '').endsWith(serial));
    if (bySerial !== undefined) return bySerial.mount;
  }
  return mounts.length === 1 ? mounts[0] : undefined;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Finds a phone’s holder in /proc and releases it from gvfs by unmounting; no other program is ended. */
export class LinuxNative implements Native {
  readonly #outside: Outside;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  async holderOf(place: UsbPlace): Promise<Holder | undefined> {
    const program = (await this.programsOn(place))[0];
    if (program === undefined) return undefined;
    return { program: program.name, pid: program.pid, releasable: program.kind === 'gvfs' };
  }

  /**
   * Every program that has the device node open, most likely holder first. Processes of other users cannot be
   * inspected and are not found.
   */
  async programsOn(place: UsbPlace): Promise<readonly Program[]> {
    const node = nodeOf(place);
    const pids = (await this.#outside.list('/proc')).filter((name) => /^\d+$/u.test(name));
    const found: Program[] = [];
    for (const pid of pids) {
      if (Number(pid) === this.#outside.pid) continue;
      if (!(await this.#hasOpen(pid, node))) continue;
      const [cmdline, comm] = await Promise.all([
        this.#outside.read(`/proc/${pid}/cmdline`),
        this.#outside.read(`/proc/${pid}/comm`),
      ]);
      found.push(classify(Number(pid), cmdline ?? '', comm ?? ''));
    }
    return found.sort((a, b) => RANK[a.kind] - RANK[b.kind] || a.pid - b.pid);
  }

  async #hasOpen(pid: string, node: string): Promise<boolean> {
    for (const descriptor of await this.#outside.list(`/proc/${pid}/fd`))
      if ((await this.#outside.link(`/proc/${pid}/fd/${descriptor}`)) === node) return true;
    return false;
  }

  forbiddenAdvice(place: UsbPlace): Advice {
    return adviceFor(udevRule(place.vendorId));
  }

  async checks(): Promise<readonly FirstCheck[]> {
    return (await ruleIsMissing(this.#outside)) ? [{ kind: 'no-rule', advice: adviceFor(RULE_FOR_ALL) }] : [];
  }

  quitProgram(): Promise<boolean> {
    // gvfs and KDE hold a phone only once it is there, and `release` unmounts it then
    return Promise.resolve(false);
  }

  async release(place: UsbPlace): Promise<boolean> {
    const program = (await this.programsOn(place))[0];
    if (program?.kind !== 'gvfs') return false;
    const listed = await this.#outside.run('gio', ['mount', '-l'], 5000);
    const serial = await this.#serialOf(place);
    const mount = mountFor(mountsOf(listed.output), place, serial);
    if (mount === undefined) return false;
    const { code } = await this.#outside.run('gio', ['mount', '-u', mount], 15_000);
    return code === 0;
  }

  /** Reads sysfs. The name of the port is unknown here, so all devices are searched. */
  async #serialOf(place: UsbPlace): Promise<string | undefined> {
    for (const port of await this.#outside.list('/sys/bus/usb/devices')) {
      const folder = `/sys/bus/usb/devices/${port}`;
      if ((await this.#outside.read(`${folder}/busnum`))?.trim() !== String(place.bus)) continue;
      if ((await this.#outside.read(`${folder}/devnum`))?.trim() !== String(place.address)) continue;
      return (await this.#outside.read(`${folder}/serial`))?.trim();
    }
    return undefined;
  }

  putBack(): Promise<void> {
    // gvfs mounts the phone again by itself at the next plug, or when the user opens it.
    return Promise.resolve();
  }
}

/** Where a rule goes: before 73-seat-late.rules, which acts upon `uaccess`. */
const adviceFor = (rule: string): Extract<Advice, { readonly id: 'udev-rule' }> => ({
  id: 'udev-rule',
  with: { file: '/etc/udev/rules.d/69-replug.rules', rule, command: 'sudo udevadm control --reload' },
});

/** The udev rule that gives the user at the screen access to this maker's devices. */
export const udevRule = (vendorId: number): string =>
  `SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="${hex4(vendorId)}", TAG+="uaccess"`;
