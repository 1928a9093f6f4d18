import {
  COMMANDS,
  STREAMS,
  type CommandArgument,
  type CommandName,
  type CommandReply,
  type FromHost,
  type Snapshots,
  type StreamArgument,
  type StreamName,
} from '../../shared/contract.ts';
import { CATALOGUE_COMMANDS, type CatalogueCommandName } from '../../shared/catalogue-contract.ts';
import type { Check } from '../../shared/check.ts';
import { PHOTO_COMMANDS, type PhotoCommandName } from '../../shared/photos-contract.ts';
import { SYNC_COMMANDS, type SyncCommandName } from '../../shared/sync-contract.ts';
import { fail, problemOf, type Problem } from '../../shared/errors.ts';
import {
  HOST_COMMANDS,
  type EngineApi,
  type EngineCommandName,
  type EngineStreamName,
  type HostCommandName,
  type RoomCommandName,
} from './api.ts';

/** What the program around the engine answers itself: it knows the computer, the window and the virtual phone. */
export type HostCommands = {
  readonly [N in HostCommandName]: (argument: CommandArgument<N>) => Promise<CommandReply<N>>;
} & SyncCommands &
  CatalogueCommands &
  PhotoCommands;
/** Folder sync, where the host has it. */
export type SyncCommands = {
  readonly [N in SyncCommandName]?: (argument: CommandArgument<N>) => Promise<CommandReply<N>>;
};

/** The catalogue, where the host has it. */
export type CatalogueCommands = {
  readonly [N in CatalogueCommandName]?: (argument: CommandArgument<N>) => Promise<CommandReply<N>>;
};
/**
 * Streams that are told by somebody else than the engine, or by somebody who adds to what it tells (`folder`). As
 * `EngineApi.watch` they call `listener` with the present snapshot first.
 */
export type HostStreams = {
  readonly [N in StreamName]?: (argument: StreamArgument<N>, listener: (snapshot: Snapshots[N]) => void) => () => void;
};
/** Photos, where the host has them. */
export type PhotoCommands = {
  readonly [N in PhotoCommandName]?: (argument: CommandArgument<N>) => Promise<CommandReply<N>>;
};

/** What a bridge connects windows to, and the limits for each window. */
export interface BridgeHostOptions {
  readonly engine: Pick<EngineApi, 'execute' | 'watch'>;
  readonly commands: HostCommands;
  readonly streams?: HostStreams;
  /** Each watched stream costs the engine work: so many for one window. */
  readonly maxSubscriptions?: number;
  /** Commands of one window that are not answered yet. */
  readonly maxPending?: number;
}

/** One window at the bridge, from `connect` to `close`. */
export interface BridgeConnection {
  /** Any value at all: it is checked here. */
  receive(message: unknown): void;
  /** Ends every subscription; answers that come later go nowhere. */
  close(): void;
}

const SUBSCRIPTIONS = 64;
const PENDING = 256;
/** What is answered when a message has no number of its own. */
const NO_ID = -1;

/**
 * The one place where messages of a window are checked: Electron's channel and the loopback WebSocket both end here.
 * Nothing reaches the engine that is not in the contract, and nothing leaves it but replies, snapshots and refusals.
 */
export class BridgeHost {
  readonly #options: BridgeHostOptions;

  constructor(options: BridgeHostOptions) {
    this.#options = options;
  }

  connect(send: (message: FromHost) => void): BridgeConnection {
    return new Connection(this.#options, send);
  }
}

class Connection implements BridgeConnection {
  readonly #options: BridgeHostOptions;
  readonly #send: (message: FromHost) => void;
  readonly #subscriptions = new Map<number, () => void>();
  #pending = 0;
  #open = true;

  constructor(options: BridgeHostOptions, send: (message: FromHost) => void) {
    this.#options = options;
    this.#send = (message) => {
      if (this.#open) send(message);
    };
  }

  receive(message: unknown): void {
    if (!this.#open) return;
    const fields =
      typeof message === 'object' && message !== null ? (message as Readonly<Record<string, unknown>>) : {};
    const { kind, name, argument } = fields;
    const id = fields['id'];
    if (!Number.isSafeInteger(id) || Number(id) < 0)
      return this.#refuse(NO_ID, badRequest('A message needs a number.'));
    const number = Number(id);
    switch (kind) {
      case 'command':
        void this.#command(number, name, argument);
        return;
      case 'subscribe':
        this.#subscribe(number, name, argument);
        return;
      case 'unsubscribe':
        this.#unsubscribe(number);
        return;
      default:
        this.#refuse(number, badRequest('This kind of message is unknown.'));
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const id of [...this.#subscriptions.keys()]) this.#unsubscribe(id);
  }

  async #command(id: number, name: unknown, argument: unknown): Promise<void> {
    this.#pending += 1;
    try {
      if (this.#pending > (this.#options.maxPending ?? PENDING))
        throw tooMuch('Too many requests are waiting for an answer.');
      if (!isCommand(name)) throw badRequest(`There is no command “${shown(name)}”.`);
      const value = await this.#execute(name, checked(COMMANDS[name], argument));
      this.#send({ kind: 'reply', id, reply: { ok: true, value } });
    } catch (error) {
      this.#send({ kind: 'reply', id, reply: { ok: false, error: problemOf(error, String(name)) } });
    } finally {
      this.#pending -= 1;
    }
  }

  #execute(name: CommandName, argument: unknown): Promise<unknown> {
    // the argument has just passed this command's own check
    if (isHostCommand(name)) {
      const answer = this.#options.commands[name] as (argument: unknown) => Promise<unknown>;
      return answer(argument);
    }
    if (isRoomCommand(name)) {
      const answer = this.#options.commands[name] as ((argument: unknown) => Promise<unknown>) | undefined;
      if (answer === undefined) return Promise.reject(fail('unsupported', name, 'this host has no such room'));
      return answer(argument);
    }
    const command: EngineCommandName = name;
    return this.#options.engine.execute(command, argument as CommandArgument<typeof command>);
  }

  #subscribe(id: number, name: unknown, argument: unknown): void {
    try {
      if (this.#subscriptions.has(id)) throw badRequest(`Subscription ${id} is taken.`);
      if (this.#subscriptions.size >= (this.#options.maxSubscriptions ?? SUBSCRIPTIONS))
        throw tooMuch('Too much is being watched at once.');
      if (!isStream(name)) throw badRequest(`There is no stream “${shown(name)}”.`);
      this.#watch(id, name, checked(STREAMS[name], argument) as StreamArgument<typeof name>);
    } catch (error) {
      this.#refuse(id, error);
    }
  }

  #watch<N extends StreamName>(id: number, name: N, argument: StreamArgument<N>): void {
    let number = 0;
    let watching = true;
    // taken before the engine is asked: the first snapshot comes before `watch` returns
    this.#subscriptions.set(id, () => undefined);
    try {
      const end = this.#begin(name, argument, (snapshot) => {
        if (!watching) return;
        number += 1;
        this.#send({ kind: 'snapshot', id, number, snapshot });
      });
      this.#subscriptions.set(id, () => {
        watching = false;
        end();
      });
    } catch (error) {
      watching = false;
      this.#subscriptions.delete(id);
      throw error;
    }
  }

  #begin<N extends StreamName>(
    name: N,
    argument: StreamArgument<N>,
    listener: (snapshot: Snapshots[N]) => void,
  ): () => void {
    const own = this.#options.streams?.[name];
    if (own !== undefined) return own(argument, listener);
    if (name === 'catalogue' || name === 'search' || name === 'verification')
      throw fail('unsupported', name, 'this host has no such room');
    const told: EngineStreamName = name;
    return this.#options.engine.watch(told, argument as StreamArgument<typeof told>, listener as never);
  }

  #unsubscribe(id: number): void {
    const end = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    end?.();
  }

  #refuse(id: number, error: unknown): void {
    this.#send({ kind: 'refused', id, error: problemOf(error, 'subscribe') satisfies Problem });
  }
}

/** What a window of this version never sends. */
const badRequest = (detail: string): Error =>
  fail('bad-request', 'bridge', detail, { fault: { id: 'window-outdated' }, advice: { id: 'reload-window' } });
const tooMuch = (detail: string): Error => fail('bad-request', 'bridge', detail, { fault: { id: 'too-much-at-once' } });
const shown = (name: unknown): string => (typeof name === 'string' ? name.slice(0, 64) : typeof name);

// own properties only: “constructor” is no command
const isCommand = (name: unknown): name is CommandName => typeof name === 'string' && Object.hasOwn(COMMANDS, name);
const isStream = (name: unknown): name is StreamName => typeof name === 'string' && Object.hasOwn(STREAMS, name);
const isHostCommand = (name: CommandName): name is HostCommandName =>
  (HOST_COMMANDS as readonly string[]).includes(name);

const isRoomCommand = (name: CommandName): name is RoomCommandName =>
  [SYNC_COMMANDS, CATALOGUE_COMMANDS, PHOTO_COMMANDS].some((commands) => Object.hasOwn(commands, name));

/** Runs a check of the contract; whatever it throws is the window's mistake, not ours. */
function checked(check: Check<unknown>, argument: unknown): unknown {
  try {
    return check(argument, 'argument');
  } catch (error) {
    throw fail('bad-request', 'bridge', error instanceof Error ? error.message : String(error), {}, error);
  }
}
