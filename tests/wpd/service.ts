import net from 'node:net';
import { isPhoneError } from '../../shared/errors.ts';
import type { Transport } from '../../electron/mtp/ports.ts';
import { ContainerType, decodeParameters, Operation } from '../../electron/mtp/wire/index.ts';
import type { VirtualPhone } from '../../electron/virtual/index.ts';
import { ContentService } from './content-service.ts';
import { PacketReader, PacketWriter } from './packets.ts';
import { PhoneSession, type Phase } from './phone-session.ts';

/**
 * The test's end of the stand-in for Windows' portable-device service: the library in `server/` asks here for everything
 * it needs of phones. What is wrong with a request is known there; what a driver may do to it is decided here.
 */

/** How the driver behaves. */
export interface ServiceMode {
  /** Bytes that the driver says it likes best. */
  readonly optimal?: number;
  /** Operations with this HRESULT instead of reaching the phone. */
  readonly refuse?: (operation: number) => number | undefined;
  /** Each n-th call is busy. */
  readonly busyEvery?: number;
  /** Reads give at most this many bytes. */
  readonly shortReads?: number;
  /** Counts beside the bytes that are given are this much too large. */
  readonly wrongCounts?: number;
  /** Operations that are refused with this response and without a context, before any of their data. */
  readonly withoutContext?: (operation: number) => number | undefined;
  /** Calls that do not come back: until they are cancelled, or never. They do not reach the phone. */
  readonly hang?: (phone: VirtualPhone, kind: string, operation: number) => 'until-cancel' | 'for-good' | undefined;
  /** Called with each call of the driver, by the letter of its request, before it and after it. */
  readonly onCall?: (kind: string, operation: number) => void | Promise<void>;
  readonly afterCall?: (kind: string, operation: number) => void | Promise<void>;
  /** Called with each operation; what it does comes before the phone hears of it. */
  readonly before?: (operation: number) => void | Promise<void>;
}

/** What the library counted of itself, as of its last request. */
export interface Counts {
  readonly objects: number;
  readonly violations: number;
  readonly blocks: number;
  readonly bytes: number;
  /** Blocks of task memory that were ever given out. */
  readonly given: number;
}

/** HRESULTs of the driver. */
export const HR = {
  ok: 0,
  busy: 0x8007_00aa,
  notConnected: 0x8007_048f,
  notSupported: 0x8007_0032,
  notImplemented: 0x8000_4001,
  notFound: 0x8007_0490,
  fail: 0x8000_4005,
  cancelled: 0x8007_04c7,
} as const;

interface OpenDevice {
  readonly phone: VirtualPhone;
  readonly transport: Transport;
  readonly session: PhoneSession;
  readonly content: ContentService;
  readonly events: net.Socket[];
  /** The last one that was begun. */
  operation: number;
  /** Ends the call that hangs. */
  cancel?: () => void;
}

/** What Windows names a phone. */
const pnpId = (phone: VirtualPhone): string => {
  const { vendorId, productId, serial } = phone.attached();
  const hex = (value: number): string => value.toString(16).padStart(4, '0');
  return `\\\\?\\usb#vid_${hex(vendorId)}&pid_${hex(productId)}#${serial}#{6ac27878-a6fa-4155-ba85-f98f491d4f33}`;
};

/** Listens on loopback until it is closed. */
export class Service {
  readonly phones: VirtualPhone[];
  mode: ServiceMode = {};
  /** What the library found wrong. */
  readonly violations: string[] = [];
  counts: Counts = { objects: 0, violations: 0, blocks: 0, bytes: 0, given: 0 };
  /** Operations that reached a phone, and which the last of them were. */
  operations = 0;
  readonly log: { readonly operation: number; readonly parameters: readonly number[] }[] = [];
  /** Calls of the driver. */
  calls = 0;
  /** Calls of `IPortableDevice::Cancel`. */
  cancels = 0;
  /** Bytes of data that went through it, either way. */
  bytes = 0;
  /** Events that phones had. */
  readonly told: { readonly code: number; readonly parameters: readonly number[] }[] = [];
  readonly #server: net.Server;
  readonly #devices = new Map<number, OpenDevice>();
  readonly #sockets = new Set<net.Socket>();
  #next = 1;

  constructor(phones: VirtualPhone[]) {
    this.phones = phones;
    this.#server = net.createServer((socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
      });
      void this.#serve(socket);
    });
  }

  /** The port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    for (const device of this.#devices.values()) await device.transport.close();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(socket: net.Socket): Promise<void> {
    const own = new Set<number>();
    try {
      let rest: Buffer = Buffer.alloc(0);
      // a connection that events are told on asks nothing more, and stays: leaving the loop would close it
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        rest = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
        while (rest.byteLength >= 4) {
          const length = rest.readUInt32LE(0);
          if (rest.byteLength < 4 + length) break;
          const frame = rest.subarray(4, 4 + length);
          rest = rest.subarray(4 + length);
          await this.#request(socket, frame, own);
        }
      }
    } catch (error) {
      // a process that is killed resets its connections
      if (!socket.destroyed) throw error;
    }
    // the process has ended: Windows lets go of what it had open
    for (const number of own) await this.#close(number);
  }

  async #request(socket: net.Socket, frame: Buffer, own: Set<number>): Promise<void> {
    const reader = new PacketReader(frame);
    const kind = String.fromCharCode(reader.u8());
    const counts = {
      objects: reader.u32(),
      violations: reader.u32(),
      blocks: reader.u32(),
      bytes: reader.u64(),
      given: reader.u32(),
    };
    if (kind === 'A') {
      this.#devices.get(reader.u32())?.events.push(socket);
      return;
    }
    this.counts = counts;
    const writer = new PacketWriter();
    const hresult = await this.#answer(kind, reader, writer, own).catch((error: unknown) => {
      if (!isPhoneError(error)) throw error;
      return error.kind === 'disconnected' ? HR.notConnected : HR.fail;
    });
    const body = hresult === HR.ok || hresult === 1 ? writer.done() : Buffer.alloc(0);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(body.byteLength + 4, 0);
    head.writeUInt32LE(hresult, 4);
    socket.write(Buffer.concat([head, body]));
  }

  async #answer(kind: string, reader: PacketReader, writer: PacketWriter, own: Set<number>): Promise<number> {
    switch (kind) {
      case '!':
        this.violations.push(reader.ascii());
        return HR.ok;
      case 'L': {
        const plugged = this.phones.filter((phone) => phone.isPlugged);
        writer.u32(plugged.length);
        for (const phone of plugged)
          writer.text(pnpId(phone)).text(phone.name).text('MTP USB Device').text(phone.maker);
        return HR.ok;
      }
      case 'O':
        return this.#isBusy() ? HR.busy : this.#open(reader.text(), writer, own);
      case 'C':
        await this.#close(reader.u32());
        return HR.ok;
      case 'K': {
        this.cancels += 1;
        const device = this.#devices.get(reader.u32());
        device?.cancel?.();
        return HR.ok;
      }
      default: {
        const isBusy = this.#isBusy();
        const device = this.#devices.get(reader.u32());
        if (device === undefined) return HR.notConnected;
        if ('XRW'.includes(kind)) device.operation = reader.peek32();
        await this.mode.onCall?.(kind, device.operation);
        if (!device.phone.isPlugged) return HR.notConnected;
        if (isBusy) return HR.busy;
        const hang = this.mode.hang?.(device.phone, kind, device.operation);
        if (hang !== undefined) {
          await new Promise<void>((resolve) => {
            if (hang === 'until-cancel') device.cancel = resolve;
          });
          return HR.cancelled;
        }
        const hresult = await this.#call(kind, device, reader, writer);
        await this.mode.afterCall?.(kind, device.operation);
        return device.phone.isPlugged ? hresult : HR.notConnected;
      }
    }
  }

  /** Counts a call of the driver, and answers whether it is busy. */
  #isBusy(): boolean {
    this.calls += 1;
    const { busyEvery } = this.mode;
    return busyEvery !== undefined && this.calls % busyEvery === 0;
  }

  async #open(id: string, writer: PacketWriter, own: Set<number>): Promise<number> {
    const phone = this.phones.find((one) => one.isPlugged && pnpId(one) === id);
    if (phone === undefined) return HR.notConnected;
    for (const [number, device] of this.#devices) if (device.phone === phone) await this.#close(number);
    const transport = phone.open();
    const session = new PhoneSession(transport);
    try {
      await session.open();
    } catch (error) {
      await transport.close();
      throw error;
    }
    const number = this.#next;
    this.#next += 1;
    own.add(number);
    const device: OpenDevice = {
      phone,
      transport,
      session,
      content: new ContentService(session),
      events: [],
      operation: 0,
    };
    this.#devices.set(number, device);
    transport.onInterrupt((packet) => {
      const { type, code, parameters } = decodeParameters(packet);
      if (type === ContainerType.event) this.tell(phone, code, parameters);
    });
    void transport.closed.then(() => {
      this.#tell(device, 0, []);
    });
    writer.u32(number);
    return HR.ok;
  }

  /** An event of a phone's, to whoever subscribed. */
  tell(phone: VirtualPhone, code: number, parameters: readonly number[]): void {
    this.told.push({ code, parameters });
    for (const device of this.#devices.values()) if (device.phone === phone) this.#tell(device, code, parameters);
  }

  /** 0: the device is gone. */
  #tell(device: OpenDevice, code: number, parameters: readonly number[]): void {
    const writer = new PacketWriter().u32(code).u32(parameters.length);
    for (const parameter of parameters) writer.u32(parameter);
    const body = writer.done();
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.byteLength, 0);
    for (const socket of device.events) socket.write(Buffer.concat([head, body]));
  }

  async #close(number: number): Promise<void> {
    const device = this.#devices.get(number);
    this.#devices.delete(number);
    if (device === undefined) return;
    await device.session.abandon().catch(() => undefined);
    await device.transport.close();
  }

  async #call(kind: string, device: OpenDevice, reader: PacketReader, writer: PacketWriter): Promise<number> {
    const { session, content } = device;
    switch (kind) {
      case 'V': {
        const codes = [0x95c1, 0x95c2, 0x95c3, 0x95c4, 0x95c5];
        writer.u32(codes.length);
        for (const code of codes) writer.u32(code);
        return HR.ok;
      }
      case 'X':
      case 'R':
      case 'W': {
        const operation = reader.u32();
        const parameters = reader.numbers();
        const refused = this.mode.refuse?.(operation);
        if (refused !== undefined) return refused;
        await this.mode.before?.(operation);
        this.operations += 1;
        this.log.push({ operation, parameters });
        const response = this.mode.withoutContext?.(operation);
        if (response !== undefined && kind !== 'X') {
          this.#phase({ code: response, parameters: [] }, writer);
          return HR.ok;
        }
        if (kind === 'X') {
          // the driver has the session: it is never a program's to open
          if (operation === Operation.OpenSession || operation === Operation.CloseSession) return HR.notSupported;
          writer.response(await session.execute(operation, parameters));
          return HR.ok;
        }
        const phase =
          kind === 'R'
            ? await session.beginRead(operation, parameters)
            : await session.beginWrite(operation, parameters, reader.u64());
        this.#phase(phase, writer);
        return HR.ok;
      }
      case 'r': {
        reader.u32();
        const most = Math.min(reader.u32(), this.mode.shortReads ?? Infinity);
        const bytes = content.isReading ? await content.read(most) : await session.read(most);
        this.bytes += bytes.byteLength;
        writer
          .u32(bytes.byteLength + (this.mode.wrongCounts ?? 0))
          .u32(bytes.byteLength)
          .bytes(bytes);
        return HR.ok;
      }
      case 'w': {
        reader.u32();
        const bytes = reader.rest();
        this.bytes += bytes.byteLength;
        if (content.isWriting) await content.write(bytes);
        else await session.write(bytes);
        writer.u32(bytes.byteLength + (this.mode.wrongCounts ?? 0));
        return HR.ok;
      }
      case 'E':
        writer.response(await session.end());
        return HR.ok;
      default:
        return content.call(kind, reader, writer, this.mode.optimal ?? 256 * 1024);
    }
  }

  #phase(phase: Phase, writer: PacketWriter): void {
    if ('code' in phase) {
      writer.u8(0).response(phase);
      return;
    }
    writer
      .u8(1)
      .u32(phase.transfer)
      .u64(phase.total)
      .u32(this.mode.optimal ?? 256 * 1024);
  }
}
