/**
 * Entry of a thread that does COM, whose calls block: one has the list of devices, and each open device has its own, so
 * that a call that hangs holds up nobody else. It ends when its port closes, and Windows lets go of what it had open.
 */
import { parentPort } from 'node:worker_threads';
import { Com, ComError, type ComObject } from './com.ts';
import { MtpCommands } from './commands.ts';
import { ContentDriver } from './content.ts';
import { listDevices, openDevice } from './devices.ts';
import type { BlockingDriver } from './driver.ts';
import { subscribe } from './events.ts';
import { Hresult } from './keys.ts';
import type { Message, Request } from './thread.ts';
import { hresultOf } from './values.ts';

const CANCEL = 7;
const CLOSE = 8;

interface Open {
  readonly device: ComObject;
  readonly raw: MtpCommands;
  readonly content: ContentDriver;
  readonly unsubscribe: () => void;
}

async function serve(): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  const say = (message: Message, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const { default: koffi } = await import('koffi');
  const com = new Com(koffi);
  const open = new Map<number, Open>();
  let next = 1;

  const opened = (number: number): Open => {
    const device = open.get(number);
    if (device === undefined) throw new ComError('the device is not open', Hresult.notConnected);
    return device;
  };

  const perform = (request: Request): unknown => {
    switch (request.ask) {
      case 'list':
        return listDevices(com);
      case 'open': {
        const number = next;
        next += 1;
        let device: ComObject;
        try {
          device = openDevice(com, request.id, request.version);
        } catch (error) {
          return { hresult: hresultOf(error) };
        }
        const unsubscribe = subscribe(device, {
          event: (event) => say({ event, device: number }),
          removed: () => say({ removed: number }),
        });
        const raw = new MtpCommands(device);
        open.set(number, { device, raw, content: new ContentDriver(device, raw), unsubscribe });
        return { hresult: 0, device: number, pointer: device.pointer };
      }
      case 'vendor-operations':
        return opened(request.device).raw.vendorOperations();
      case 'close': {
        const device = open.get(request.device);
        open.delete(request.device);
        if (device !== undefined) close(device);
        return undefined;
      }
      case 'cancel':
        return com.call(request.pointer, CANCEL, []);
      case 'call': {
        const { [request.route]: driver } = opened(request.device);
        type Call = (this: BlockingDriver, ...args: readonly unknown[]) => unknown;
        return (driver[request.call] as Call).call(driver, ...request.args);
      }
    }
  };

  port.on('message', (request: Request) => {
    try {
      const value = perform(request);
      const bytes = (value as { readonly bytes?: Uint8Array } | undefined)?.bytes;
      say({ number: request.number, value }, bytes instanceof Uint8Array ? [bytes.buffer as ArrayBuffer] : []);
    } catch (error) {
      // anything else is a fault of ours; the thread ends with it, and the phone counts as unplugged
      if (!(error instanceof ComError)) throw error;
      say({ number: request.number, hresult: error.hresult, what: error.message });
    }
  });
}

function close({ device, content, unsubscribe }: Open): void {
  unsubscribe();
  content.release();
  device.com.call(device.pointer, CLOSE, []);
  device.release();
}

await serve();
