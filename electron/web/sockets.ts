import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { FromHost } from '../../shared/contract.ts';
import type { BridgeHost } from '../engine/bridge-host.ts';

/** Limits on what windows may cost; `messageBytes` is the largest message one may send. */
export interface SocketLimits {
  /** Concurrent windows. */
  readonly sockets: number;
  readonly messageBytes: number;
  /** Bytes buffered for a window that does not read. Above this it is disconnected, and may reconnect. */
  readonly unsentBytes: number;
  /** Milliseconds between pings. A window that has not answered by the next ping is disconnected. */
  readonly pingMs: number;
}

/** The WebSocket connections of authenticated windows. */
export class Sockets {
  readonly #bridge: BridgeHost;
  readonly #limits: SocketLimits;
  readonly #server: WebSocketServer;
  readonly #answered = new WeakSet<WebSocket>();
  readonly #pings: NodeJS.Timeout;

  constructor(bridge: BridgeHost, limits: SocketLimits) {
    this.#bridge = bridge;
    this.#limits = limits;
    this.#server = new WebSocketServer({ noServer: true, maxPayload: limits.messageBytes, perMessageDeflate: false });
    this.#pings = setInterval(() => this.#pingAll(), limits.pingMs);
    this.#pings.unref();
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#server.clients.size >= this.#limits.sockets) {
      socket.end('HTTP/1.1 503 Too many windows\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (window) => this.#serve(window));
  }

  close(): void {
    clearInterval(this.#pings);
    for (const window of this.#server.clients) window.terminate();
    this.#server.close();
  }

  #serve(window: WebSocket): void {
    this.#answered.add(window);
    const connection = this.#bridge.connect((message: FromHost) => {
      if (window.bufferedAmount > this.#limits.unsentBytes) window.terminate();
      else if (window.readyState === window.OPEN) window.send(JSON.stringify(message));
    });
    window.on('pong', () => this.#answered.add(window));
    window.on('message', (data: RawData, isBinary: boolean) => {
      const message = isBinary ? undefined : parsed(data);
      // our windows send nothing else
      if (message === undefined) window.close(1003, 'JSON only');
      else connection.receive(message);
    });
    // an invalid frame closes the connection by itself
    window.on('error', () => undefined);
    window.on('close', () => connection.close());
  }

  #pingAll(): void {
    for (const window of this.#server.clients) {
      if (!this.#answered.delete(window)) window.terminate();
      else window.ping();
    }
  }
}

function parsed(data: RawData): unknown {
  try {
    // the server uses the default of one buffer per message
    return JSON.parse((data as Buffer).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
