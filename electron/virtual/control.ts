import { ClassRequest, Response } from '../mtp/wire/index.ts';
import type { ControlReply, ControlRequest, Link } from './link.ts';
import type { Stack } from './profiles.ts';

/** Class requests of the still image class, as each USB stack answers them. */
export class ControlEndpoint {
  readonly #link: Link;
  readonly #stack: Stack;
  /** The device itself aborted a transfer; reported once by the next device status (201F). */
  gaveUp = false;
  /** An operation is running; f_mtp checks for a Cancel only then. */
  isBusy = false;
  /** f_mtp: a Cancel was received and not yet reported by a device status (2019). */
  #cancelSeen = false;

  constructor(link: Link, stack: Stack) {
    this.#link = link;
    this.#stack = stack;
  }

  answer(request: ControlRequest): ControlReply {
    switch (this.#stack) {
      case 'ffs':
        return this.#ffs(request);
      case 'compat':
        // never polls ep0
        return { kind: 'silence' };
      case 'kernel':
      case 'vendor':
        return this.#kernel(request);
    }
  }

  /** AOSP MtpFfsHandle::handleControlRequest */
  #ffs({ request, data, length }: ControlRequest): ControlReply {
    switch (request) {
      case ClassRequest.Cancel:
      case ClassRequest.Reset:
        // the payload is ignored; the session stays open
        this.#link.interrupt('cancelled');
        return { kind: 'data', bytes: new Uint8Array(0) };
      case ClassRequest.GetDeviceStatus: {
        // fewer than 8 bytes are EINVAL: no response, and the transfer in progress fails too
        if (length < 8) {
          this.#link.interrupt('invalid');
          return { kind: 'silence' };
        }
        // the length field is the size of a pointer, not of the struct: 8, or 12 with the endpoints
        const bytes = new Uint8Array(this.gaveUp ? 12 : 8);
        const view = new DataView(bytes.buffer);
        view.setUint16(0, bytes.byteLength, true);
        view.setUint16(2, this.gaveUp ? Response.TransactionCancelled : Response.OK, true);
        if (this.gaveUp) {
          view.setUint16(4, 0x81, true);
          view.setUint16(6, 0x01, true);
        }
        this.gaveUp = false;
        return { kind: 'data', bytes };
      }
      default:
        return { kind: 'data', bytes: new Uint8Array(data === undefined ? length : 0) };
    }
  }

  /** f_mtp: mtp_ctrlrequest */
  #kernel({ request }: ControlRequest): ControlReply {
    switch (request) {
      case ClassRequest.Cancel:
        if (this.isBusy) {
          this.#cancelSeen = true;
          this.#link.interrupt('cancelled');
        }
        return { kind: 'data', bytes: new Uint8Array(0) };
      case ClassRequest.GetDeviceStatus: {
        const bytes = new Uint8Array(4);
        const view = new DataView(bytes.buffer);
        view.setUint16(0, 4, true);
        view.setUint16(2, this.#cancelSeen ? Response.DeviceBusy : Response.OK, true);
        this.#cancelSeen = false;
        return { kind: 'data', bytes };
      }
      default:
        return { kind: 'stall' };
    }
  }
}
