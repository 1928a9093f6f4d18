import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LabPhone } from './lab.ts';
import { Program } from './process.ts';
import { until } from './wait.ts';

const GADGET = '/sys/kernel/config/usb_gadget/phone';
const ENDPOINTS = '/dev/ffs-mtp';
const CONFIG = '/etc/umtprd/umtprd.conf';

const SERIAL = 'LAB0000001';

/** The responder's settings: two storages, no USB id that anybody has a quirk for. */
const SETTINGS = `loop_on_disconnect 1
storage "/phone/internal" "Internal storage" "rw"
storage "/phone/card" "SD card" "rw"
manufacturer "Replug"
product "Lab phone"
serial "${SERIAL}"
firmware_version "1"
interface "MTP"
usb_vendor_id 0x1D6B
usb_product_id 0x0100
usb_class 0x6
usb_subclass 0x1
usb_protocol 0x1
usb_dev_version 0x3008
usb_functionfs_mode 0x1
usb_dev_path "${ENDPOINTS}/ep0"
usb_epin_path "${ENDPOINTS}/ep1"
usb_epout_path "${ENDPOINTS}/ep2"
usb_epint_path "${ENDPOINTS}/ep3"
usb_max_packet_size 0x200
`;

const inodeOf = (file: string): Promise<number | undefined> =>
  stat(file).then(
    ({ ino }) => ino,
    () => undefined,
  );

/** A responder that could not be bound within this time never will be. */
const GIVEN_UP_AFTER_MS = 4_000;
/** A responder that ends by itself more often than this in one scenario is left dead. */
const MOST_CRASHES = 3;

/**
 * A phone made of uMTP-Responder on a FunctionFS gadget, on the emulated device controller that is wired to the
 * emulated host controller in the same kernel. Binding the gadget is plugging in; unbinding it is pulling the cable:
 * transfers in flight fail at once.
 */
export class GadgetPhone implements LabPhone {
  readonly serial = SERIAL;
  /** The responder's folders. */
  readonly internal = '/phone/internal';
  readonly card = '/phone/card';
  #responder: Program | undefined;
  #log = '';
  #controller = '';
  /** Of the endpoint file that the responder had open at the last unplug. */
  #endpointBefore: number | undefined;
  /** Serialises plugging, unplugging and restarting. */
  #line: Promise<unknown> = Promise.resolve();
  #crashes: string[] = [];
  /** Whether the cable is in: a responder that dies takes the binding with it. */
  #cable = false;

  /** Once after boot. */
  async create(): Promise<void> {
    await mkdir(`${GADGET}/strings/0x409`, { recursive: true });
    await mkdir(`${GADGET}/functions/ffs.mtp`, { recursive: true });
    await mkdir(`${GADGET}/configs/c.1/strings/0x409`, { recursive: true });
    const values: Readonly<Record<string, string>> = {
      idVendor: '0x1d6b',
      idProduct: '0x0100',
      bcdUSB: '0x0200',
      'strings/0x409/serialnumber': SERIAL,
      'strings/0x409/manufacturer': 'Replug',
      'strings/0x409/product': 'Lab phone',
      'configs/c.1/strings/0x409/configuration': 'MTP',
      'configs/c.1/MaxPower': '120',
    };
    for (const [file, value] of Object.entries(values)) await writeFile(path.join(GADGET, file), value);
    await symlink(`${GADGET}/functions/ffs.mtp`, `${GADGET}/configs/c.1/ffs.mtp`);
    this.#controller = (await readdir('/sys/class/udc'))[0] ?? '';
    if (this.#controller === '') throw new Error('no USB device controller: dummy_hcd is not there');
    await mkdir(path.dirname(CONFIG), { recursive: true });
    await writeFile(CONFIG, SETTINGS);
  }

  /** How the responder ended by itself since `fresh`, each time: SIGSEGV, say. */
  get crashes(): readonly string[] {
    return this.#crashes;
  }

  /** An empty phone, its responder started, not yet plugged in. */
  async fresh(log: string): Promise<void> {
    await this.stop();
    this.#crashes = [];
    for (const folder of [this.internal, this.card]) {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
    }
    await this.start(log);
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#line.then(work);
    this.#line = next.catch(() => undefined);
    return next;
  }

  /** Starts the responder on its endpoints. */
  start(log: string): Promise<void> {
    return this.#exclusively(() => this.#start(log));
  }

  async #start(log: string): Promise<void> {
    this.#log = log;
    await mkdir(ENDPOINTS, { recursive: true });
    execFileSync('mount', ['-t', 'functionfs', 'mtp', ENDPOINTS]);
    const responder = new Program('umtprd', [], { log });
    this.#responder = responder;
    void responder.ended
      .then(({ code, signal }) =>
        this.#exclusively(() => this.#startAnew(responder, signal ?? `status ${code ?? '?'}`)),
      )
      .catch(() => undefined);
    await until('the responder opens its endpoints', 15_000, () => existsSync(`${ENDPOINTS}/ep3`));
  }

  /** As a phone starts a service again that has died: uMTP does so now and then when the cable is pulled. */
  async #startAnew(ended: Program, how: string): Promise<void> {
    if (this.#responder !== ended || this.#crashes.length >= MOST_CRASHES) return;
    this.#crashes.push(how);
    const cable = this.#cable;
    await this.#stop();
    await this.#start(this.#log);
    if (cable) await this.#plug();
  }

  /** The device controller's name, for another gadget on it while this one is unplugged. */
  get controller(): string {
    return this.#controller;
  }

  get responder(): Program {
    if (this.#responder === undefined) throw new Error('the responder is not running');
    return this.#responder;
  }

  /**
   * Binds the gadget. After an unplug the responder sometimes wakes only with the next bind, and then opens its
   * endpoints anew, which unbinds the gadget at once (seen within 100 ms): so it is bound again until it stays bound.
   * Now and then it fails at opening them (“USB Config write error”) and never tries again: then it is started anew, as
   * a phone restarts a service that has died.
   */
  plug(): Promise<void> {
    return this.#exclusively(() => this.#plug());
  }

  async #plug(): Promise<void> {
    this.#cable = true;
    const before = this.#endpointBefore;
    this.#endpointBefore = undefined;
    const began = performance.now();
    let since = began;
    let startedAnew = false;
    await until('the gadget stays bound', 15_000, async () => {
      if (!(await this.plugged())) {
        if (!startedAnew && performance.now() - began > GIVEN_UP_AFTER_MS) {
          startedAnew = true;
          await this.#stop();
          await this.#start(this.#log);
          this.#cable = true;
        }
        await this.#bind();
        since = performance.now();
        return false;
      }
      const renewed = before === undefined || (await inodeOf(`${ENDPOINTS}/ep3`)) !== before;
      return performance.now() - since > (renewed ? 20 : 400);
    });
  }

  /** Until the host's side of the kernel has enumerated it. */
  async enumerated(): Promise<void> {
    await until('the host has configured the phone', 10_000, async () => {
      const state = await readFile(`/sys/class/udc/${this.#controller}/state`, 'utf8');
      return state.trim() === 'configured';
    });
  }

  async #bind(): Promise<void> {
    try {
      await writeFile(`${GADGET}/UDC`, `${this.#controller}\n`);
    } catch {
      // The responder is still on its way back to its endpoints.
    }
  }

  unplug(): Promise<void> {
    return this.#exclusively(() => this.#unplug());
  }

  async #unplug(): Promise<void> {
    this.#cable = false;
    if (!(await this.plugged())) return;
    this.#endpointBefore = await inodeOf(`${ENDPOINTS}/ep3`);
    await writeFile(`${GADGET}/UDC`, '\n');
  }

  async plugged(): Promise<boolean> {
    return (await readFile(`${GADGET}/UDC`, 'utf8').catch(() => '')).trim() !== '';
  }

  stop(): Promise<void> {
    return this.#exclusively(() => this.#stop());
  }

  async #stop(): Promise<void> {
    await this.#unplug().catch(() => undefined);
    const responder = this.#responder;
    // no longer ours: its end is no crash
    this.#responder = undefined;
    await responder?.kill();
    this.#endpointBefore = undefined;
    try {
      execFileSync('umount', [ENDPOINTS], { stdio: 'ignore' });
    } catch {
      // Not mounted yet.
    }
  }
}
