import { Socket } from 'node:net';
import { VirtualPhone, volume } from '../../electron/virtual/index.ts';
import type { Transport } from '../../electron/mtp/index.ts';
import { isPhoneError, type Problem } from '../../shared/errors.ts';
import type { Asked, FarPhoneOptions, Told, Trouble } from './far-bus.ts';
import { receive, send } from './far-pipe.ts';

/**
 * The program that `FarBus` starts: a virtual phone in a process of its own, so that the engine's memory and threads are
 * measured alone.
 */

const { directory, files, rate } = JSON.parse(process.argv[2] ?? '') as FarPhoneOptions;
const phone = new VirtualPhone({ directory, serial: 'FAR', name: 'Far phone', rate });
if (files > 0) phone.plant(volume('Volume', files));
const pipe = new Socket({ fd: 3, readable: true, writable: true });
let transport: Transport | undefined;

const tell = (told: Told, bytes?: Uint8Array): Promise<void> => send(pipe, told, bytes === undefined ? [] : [bytes]);
const troubleOf = ({ kind, operation, detail }: Problem): Trouble => ({ kind, operation, detail });

async function open(id: number): Promise<void> {
  const opened = phone.open();
  transport = opened;
  opened.onInterrupt((packet) => void tell({ kind: 'event' }, packet));
  void opened.closed.then(({ problem }) => tell({ kind: 'closed', problem: troubleOf(problem) }));
  await tell({ kind: 'opened', id, maxPacketSize: opened.maxPacketSize, linkSpeed: opened.linkSpeed });
}

async function answer(asked: Asked, bytes: Uint8Array): Promise<void> {
  const { id } = asked;
  try {
    if (asked.call === 'open') return await open(id);
    if (transport === undefined) throw new Error('not open');
    switch (asked.call) {
      case 'write':
        await transport.write([bytes], asked.options);
        break;
      case 'read': {
        const piece = await transport.read(asked.want, { limitMs: asked.limitMs });
        await tell({ kind: 'done', id, short: piece.short }, piece.bytes);
        transport.giveBack?.(piece.bytes);
        return;
      }
      case 'out':
        await transport.classRequestOut(asked.request, bytes, { limitMs: asked.limitMs });
        break;
      case 'in':
        return await tell(
          { kind: 'done', id },
          await transport.classRequestIn(asked.request, asked.length, { limitMs: asked.limitMs }),
        );
      case 'clear':
        await transport.clearHalt(asked.endpoint);
        break;
      case 'reset':
      case 'close':
        await transport[asked.call]();
        break;
    }
    await tell({ kind: 'done', id });
  } catch (error) {
    if (!isPhoneError(error)) throw error;
    await tell({ kind: 'failed', id, problem: troubleOf(error.problem) });
  }
}

receive(pipe, (asked, bytes) => {
  void answer(asked as Asked, bytes);
});
pipe.on('end', () => process.exit(0));
void tell({ kind: 'attached', device: phone.attached() });
