import { execFile } from 'node:child_process';
import { writeFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Program } from '../usb-lab/guest/process.ts';
import { sleep, until } from '../usb-lab/guest/wait.ts';
import type { NativeBus } from './bus.ts';

const call = promisify(execFile);
const CONFIG = '/etc/umtprd/umtprd.conf';
/** A responder that ends by itself more often than this in one scenario is left dead. */
/** Events of the pull that are not taken by then never will be. */
const SETTLES_WITHIN_MS = 300;
const MOST_CRASHES = 10;

export interface PhoneOptions {
  /** Holds the phone's storages `internal` and `card`, and the responder's settings. */
  readonly folder: string;
  /** Whether the phone has a second storage. */
  readonly hasCard: boolean;
  /**
   * Whether the responder watches its folders and sends events. Nobody reads those of android-file-transfer, which
   * then waits for a responder that waits for it.
   */
  readonly sendsEvents: boolean;
  /** The responder's command instead of uMTP-Responder's. */
  readonly command?: readonly string[] | undefined;
}

/** A phone made of uMTP-Responder, unmodified, on the bus. Plugging it in and pulling the cable are the bus's. */
export class BusPhone {
  readonly serial = 'LAB0000001';
  readonly internal: string;
  readonly card: string;
  readonly #bus: NativeBus;
  readonly #options: PhoneOptions;
  #responder: Program | undefined;
  #log = '';
  #crashes: string[] = [];
  #line: Promise<unknown> = Promise.resolve();

  constructor(bus: NativeBus, options: PhoneOptions) {
    this.#bus = bus;
    this.#options = options;
    this.internal = path.join(options.folder, 'internal');
    this.card = path.join(options.folder, 'card');
  }

  /** Once: the bus and the responder's settings. */
  async create(): Promise<void> {
    await this.#bus.create({ maker: 'Replug', product: 'Lab phone', serial: this.serial });
    for (const folder of [this.internal, this.card]) await mkdir(folder, { recursive: true });
    const settings = path.join(this.#options.folder, 'umtprd.conf');
    await writeFile(settings, this.#settings());
    await call('mount', ['--bind', settings, CONFIG]);
  }

  /** How the responder ended by itself since `fresh`, each time. */
  get crashes(): readonly string[] {
    return this.#crashes;
  }

  get responder(): Program {
    if (this.#responder === undefined) throw new Error('the responder is not running');
    return this.#responder;
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

  start(log: string): Promise<void> {
    return this.#exclusively(() => this.#start(log));
  }

  /**
   * The cable goes in. uMTP-Responder goes on with what it was writing when the cable was pulled, to whoever reads next,
   * and hears of the pull only when that has gone. One that hangs so is started anew, as in the lab.
   */
  plug(): Promise<void> {
    return this.#exclusively(async () => {
      const end = performance.now() + SETTLES_WITHIN_MS;
      for (;;) {
        const { ready, events } = await this.#bus.traffic();
        if (events === 0 || !ready) break;
        if (performance.now() < end) await sleep(20);
        else {
          await this.#end();
          await this.#start(this.#log);
          break;
        }
      }
      await this.#bus.plug();
    });
  }

  async unplug(): Promise<void> {
    await this.#bus.unplug();
  }

  async enumerated(): Promise<void> {
    await until('the phone is attached', 10_000, async () => (await this.#bus.traffic()).attached);
  }

  /** Pulls the cable and ends the responder. */
  stop(): Promise<void> {
    return this.#exclusively(async () => {
      await this.#bus.unplug();
      await this.#end();
    });
  }

  async #start(log: string): Promise<void> {
    this.#log = log;
    const [program = '', ...args] = this.#options.command ?? ['umtprd'];
    const responder = new Program(program, args, { log, env: this.#bus.env });
    this.#responder = responder;
    void responder.ended.then(({ code, signal }) =>
      this.#exclusively(() => this.#startAnew(responder, signal ?? `status ${code ?? '?'}`)),
    );
    await until('the responder is ready', 15_000, async () => {
      if (responder.child.exitCode !== null) throw new Error(`the responder ended: ${responder.complaint}`);
      return (await this.#bus.traffic()).ready;
    });
  }

  /** As a phone starts a service again that has died. */
  async #startAnew(ended: Program, how: string): Promise<void> {
    if (this.#responder !== ended) return;
    this.#crashes.push(how);
    await this.#bus.gone();
    if (this.#crashes.length < MOST_CRASHES) await this.#start(this.#log);
  }

  async #end(): Promise<void> {
    const responder = this.#responder;
    // no longer ours: its end is no crash
    this.#responder = undefined;
    await responder?.kill();
    await this.#bus.gone();
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#line.then(work);
    this.#line = next.catch(() => undefined);
    return next;
  }

  /** No USB id that anybody has a quirk for. */
  #settings(): string {
    return `loop_on_disconnect 1
storage "${this.internal}" "Internal storage" "rw"
${this.#options.hasCard ? `storage "${this.card}" "SD card" "rw"` : ''}
manufacturer "Replug"
product "Lab phone"
serial "${this.serial}"
firmware_version "1"
interface "MTP"
usb_vendor_id 0x1D6B
usb_product_id 0x0100
usb_class 0x6
usb_subclass 0x1
usb_protocol 0x1
usb_dev_version 0x3008
usb_functionfs_mode 0x1
usb_dev_path "/dev/ffs-mtp/ep0"
usb_epin_path "/dev/ffs-mtp/ep1"
usb_epout_path "/dev/ffs-mtp/ep2"
usb_epint_path "/dev/ffs-mtp/ep3"
usb_max_packet_size 0x200
${this.#options.sendsEvents ? '' : 'no_inotify 0x1'}
`;
  }
}
