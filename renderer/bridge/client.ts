import type {
  CommandArgument,
  CommandName,
  CommandReply,
  FromHost,
  Numbered,
  Reply,
  Snapshots,
  StreamArgument,
  StreamName,
  ToHost,
} from '../../shared/contract.ts';
import { requestProblem, type Problem } from '../../shared/errors.ts';

/** The error returned for a command when the host does not answer. */
export const hostLost = (operation: string): Problem =>
  requestProblem(operation, { id: 'host-lost' }, { id: 'host-lost' });

interface Subscription {
  readonly name: StreamName;
  readonly argument: unknown;
  readonly listener: (update: Numbered<never>) => void;
  readonly refused: ((problem: Problem) => void) | undefined;
}

type Listener = (state: 'connected' | 'lost') => void;

/**
 * The part of a bridge that both hosts share: numbers requests, matches replies to them, and remembers subscriptions
 * in order to renew them after a disconnect.
 */
export class BridgeClient {
  readonly #send: (message: ToHost) => void;
  readonly #waiting = new Map<number, { readonly name: string; readonly settle: (reply: Reply<never>) => void }>();
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #listeners = new Set<Listener>();
  #next = 1;
  #state: 'connecting' | 'connected' | 'lost' = 'connecting';

  constructor(send: (message: ToHost) => void) {
    this.#send = send;
  }

  command<N extends CommandName>(name: N, argument: CommandArgument<N>): Promise<Reply<CommandReply<N>>> {
    if (this.#state === 'lost') return Promise.resolve({ ok: false, error: hostLost(name) });
    const id = this.#next++;
    return new Promise((settle) => {
      this.#waiting.set(id, { name, settle });
      this.#send({ kind: 'command', id, name, argument });
    });
  }

  subscribe<N extends StreamName>(
    name: N,
    argument: StreamArgument<N>,
    listener: (update: Numbered<Snapshots[N]>) => void,
    refused?: (problem: Problem) => void,
  ): () => void {
    const id = this.#next++;
    this.#subscriptions.set(id, { name, argument, listener: listener, refused });
    if (this.#state !== 'lost') this.#send({ kind: 'subscribe', id, name, argument });
    return () => {
      if (this.#subscriptions.delete(id) && this.#state !== 'lost') this.#send({ kind: 'unsubscribe', id });
    };
  }

  onConnection(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#state !== 'connecting') listener(this.#state);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Called when the host answers. After a disconnect every subscription is renewed, and its message numbers start at
   * 1 again.
   */
  connected(): void {
    const again = this.#state === 'lost';
    this.#state = 'connected';
    if (again)
      for (const [id, { name, argument }] of this.#subscriptions) this.#send({ kind: 'subscribe', id, name, argument });
    for (const listener of this.#listeners) listener('connected');
  }

  /** Called when the host is gone. Pending requests fail; they will never be answered. */
  lost(): void {
    if (this.#state === 'lost') return;
    this.#state = 'lost';
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { name, settle } of waiting) settle({ ok: false, error: hostLost(name) });
    for (const listener of this.#listeners) listener('lost');
  }

  receive(message: FromHost): void {
    switch (message.kind) {
      case 'reply': {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        waiting?.settle(message.reply as Reply<never>);
        return;
      }
      case 'snapshot':
        this.#subscriptions.get(message.id)?.listener({ number: message.number, snapshot: message.snapshot as never });
        return;
      case 'refused': {
        // A valid command is refused with a reply; an unknown one may be refused with an error message instead.
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        waiting?.settle({ ok: false, error: message.error });
        this.#subscriptions.get(message.id)?.refused?.(message.error);
        return;
      }
    }
  }
}
